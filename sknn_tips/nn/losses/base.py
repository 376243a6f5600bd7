"""What a loss is: the link to a prediction, the loss of each sample, how targets are encoded.

A loss is one object, so the training loop never asks whether it trains a classifier.
`raw` is what the network's last layer gives, shape (n, n_outputs), before any link.
"""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips.ops.operation import Operation, operation

# Shares of classes, and means behind a logarithm, are kept so far from where it is infinite.
LEAST_SHARE = 1e-6


class Places(NamedTuple):
    """Where the operations of a loss find what they need, and put what they give.

    Attributes
    ----------
    raw, target : torch.Tensor
        (batch, n_outputs)
    derivative : torch.Tensor
        (batch, n_outputs) For the derivative of each sample's loss by `raw`.
    out : torch.Tensor
        (batch, 1) For each sample's loss.
    """

    raw: torch.Tensor
    target: torch.Tensor
    derivative: torch.Tensor
    out: torch.Tensor


class Loss(ABC):
    """All that there is to one loss."""

    out_activation: str
    """scikit-learn's name of the link, as in ``out_activation_``."""
    lowest_target = -math.inf
    """Targets below it, or at it where `lowest_is_allowed` is false, have no meaning."""
    lowest_is_allowed = True
    predicts_centre = True
    """Whether the best prediction is a centre of the targets, as R squared supposes."""
    classifies = False
    """Whether targets are classes."""
    note = ""
    """What the docstring of the regressor says of it."""

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        """Return the targets as the loss wants them, one row a sample.

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
        """Return what computes each sample's loss and its derivative, in closed form.

        A loss that does not redefine it is left to autograd.
        """
        raise NotImplementedError

    def check(self, like: torch.Tensor, n_outputs: int) -> None:
        """Raise where a loss of the user's own cannot train so many outputs of this dtype."""
        return None

    def target_buffer(self, target: torch.Tensor) -> tuple[torch.Tensor, list[Operation]]:
        """Return a buffer for encoded targets, and what writes them to `target` of `Places`."""
        return target, []

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the sum over samples; the common losses do it in one call, which is faster."""
        return self.per_sample(raw, target).sum()

    def mean(
        self, raw: torch.Tensor, target: torch.Tensor, weight: torch.Tensor | None = None
    ) -> float:
        """Return the mean over samples, with weights (n,) or without, as it is shown."""
        scale = self.reported_scale(raw.shape[1])
        if weight is None:
            return float(self.total(raw, target)) / len(raw) * scale
        return float((self.per_sample(raw, target) * (weight / weight.mean())).mean()) * scale

    def decide(self, raw: torch.Tensor) -> torch.Tensor:
        """Return what `encode` takes: class codes, a multilabel indicator or values."""
        return self.link(raw)

    def reported_scale(self, n_outputs: int) -> float:
        """Return the factor between the objective and the loss that is shown."""
        return 1.0

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        """Return the best raw output (n_outputs,) that does not look at X.

        Parameters
        ----------
        target : ndarray
            Encoded: class codes (n,), or (n, n_outputs).
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
    """Return the logarithm, where a mean is 0 a finite one."""
    return np.log(np.maximum(mean, LEAST_SHARE))


def half_square(residual: torch.Tensor, buffer: torch.Tensor, out: torch.Tensor) -> list[Operation]:
    """Return what computes |residual|^2 / 2 of each row."""
    return [
        operation("square", residual, out=buffer),
        operation("sum_columns", buffer, out=out),
        operation("affine", out, out=out, scale=0.5, shift=0.0),
    ]
