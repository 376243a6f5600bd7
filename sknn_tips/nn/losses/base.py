"""The interface of a loss: link function, loss of each sample, encoding of the targets.

All differences between tasks are in the loss object, so the training loop is the same for
classifiers and regressors. `raw` is the output of the network's last layer, before any link
function, of shape (n, n_outputs).
"""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips.ops.operation import Operation, operation

# Class frequencies, and means under a logarithm, keep this distance from values where the logarithm
# is infinite.
LEAST_SHARE = 1e-6


class Places(NamedTuple):
    """The buffers that the operations of a loss read and write.

    Attributes
    ----------
    raw, target : torch.Tensor
        (batch, n_outputs)
    derivative : torch.Tensor
        (batch, n_outputs) Output: the derivative of each sample's loss with respect to `raw`.
    out : torch.Tensor
        (batch, 1) Output: the loss of each sample.
    """

    raw: torch.Tensor
    target: torch.Tensor
    derivative: torch.Tensor
    out: torch.Tensor


class Loss(ABC):
    """Base class of all losses."""

    out_activation: str
    """scikit-learn's name of the link function, as in ``out_activation_``."""
    lowest_target = -math.inf
    """Lower bound of valid targets; the bound itself is valid if `lowest_is_allowed` is true."""
    lowest_is_allowed = True
    predicts_centre = True
    """Whether the best prediction is a centre of the targets, as the R squared score assumes."""
    classifies = False
    """Whether the targets are classes."""
    note = ""
    """Description of the loss in the docstring of the regressor."""

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        """Return the targets as the loss needs them, one row per sample.

        `y` holds class codes (n,), a multilabel indicator (n, n_outputs) or real values.
        """
        return np.ascontiguousarray(y.reshape(len(y), -1), dtype=dtype)

    @abstractmethod
    def link(self, raw: torch.Tensor) -> torch.Tensor:
        """Return the prediction (n, n_outputs): probabilities, or expected values."""

    @abstractmethod
    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss of each sample (n,), summed over outputs."""

    def operations(self, at: Places) -> list[Operation]:
        """Return the operations that compute each sample's loss and its derivative.

        A loss without this method is trained by autograd.
        """
        raise NotImplementedError

    def check(self, like: torch.Tensor, n_outputs: int) -> None:
        """Raise an error if a loss of the user does not work with these outputs and this dtype."""
        return None

    def target_buffer(self, target: torch.Tensor) -> tuple[torch.Tensor, list[Operation]]:
        """Return a buffer for encoded targets, and the operations that expand it into `target`."""
        return target, []

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the sum over samples; the common losses override it with one faster call."""
        return self.per_sample(raw, target).sum()

    def mean(
        self, raw: torch.Tensor, target: torch.Tensor, weight: torch.Tensor | None = None
    ) -> float:
        """Return the mean over samples, optionally with weights (n,), on the reported scale."""
        scale = self.reported_scale(raw.shape[1])
        if weight is None:
            return float(self.total(raw, target)) / len(raw) * scale
        return float((self.per_sample(raw, target) * (weight / weight.mean())).mean()) * scale

    def decide(self, raw: torch.Tensor) -> torch.Tensor:
        """Return predictions in the form that `encode` takes: codes, indicator or values."""
        return self.link(raw)

    def reported_scale(self, n_outputs: int) -> float:
        """Return the factor from the training objective to the reported loss."""
        return 1.0

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        """Return the best constant raw output (n_outputs,), which ignores X.

        Parameters
        ----------
        target : ndarray
        Encoded targets: class codes (n,), or (n, n_outputs).
        weight : ndarray of shape (n,) or None
        n_outputs : int
        """
        return mean_of(target, weight)


def mean_of(target: NDArray, weight: NDArray | None) -> NDArray:
    """Return the weighted mean of each output (n_outputs,)."""
    if weight is None:
        return np.asarray(target.mean(axis=0))
    return weight @ target / weight.sum()


def log_of(mean: NDArray) -> NDArray:
    """Return the logarithm of the mean, clipped so that it is finite where a mean is 0."""
    return np.log(np.maximum(mean, LEAST_SHARE))


def half_square(residual: torch.Tensor, buffer: torch.Tensor, out: torch.Tensor) -> list[Operation]:
    """Return the operations that compute |residual|^2 / 2 for each sample."""
    return [
        operation("square", residual, out=buffer),
        operation("sum_columns", buffer, out=out),
        operation("affine", out, out=out, scale=0.5, shift=0.0),
    ]
