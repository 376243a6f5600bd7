"""Losses: the link to a prediction, the loss of each sample, and how targets are encoded.

A loss is one object, so the training loop never asks whether it trains a classifier.
`raw` is what the network's last layer gives, shape (n, n_outputs), before any link.
"""

from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional


class Loss(ABC):
    """Link, per-sample loss and target encoding."""

    out_activation: str
    """scikit-learn's name of the link, as in ``out_activation_``."""

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

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the sum over samples; the common losses do it in one call, which is faster."""
        return self.per_sample(raw, target).sum()

    def decide(self, raw: torch.Tensor) -> torch.Tensor:
        """Return what `encode` takes: class codes, a multilabel indicator or values."""
        return self.link(raw)

    def reported_scale(self, n_outputs: int) -> float:
        """Return the factor between the objective and the loss that is shown."""
        return 1.0


class SoftmaxLoss(Loss):
    """Shared by losses over classes that exclude each other."""

    out_activation = "softmax"

    def link(self, raw: torch.Tensor) -> torch.Tensor:
        return torch.softmax(raw, dim=1)

    def decide(self, raw: torch.Tensor) -> torch.Tensor:
        return raw.argmax(dim=1)


class LogisticLoss(Loss):
    """Shared by losses over one yes/no output (binary) or several (multilabel)."""

    out_activation = "logistic"

    def link(self, raw: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(raw)

    def decide(self, raw: torch.Tensor) -> torch.Tensor:
        return (raw > 0).long()


class SoftmaxLogLoss(SoftmaxLoss):
    """Cross-entropy of a softmax: ``-log p[class]``. Targets: class codes (n,), int64."""

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return y.astype(np.int64)

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(raw, target, reduction="none")

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(raw, target, reduction="sum")


class LogisticLogLoss(LogisticLoss):
    """Binary cross-entropy, summed over outputs. Targets: 0 or 1, (n, n_outputs)."""

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(raw, target, reduction="none").sum(dim=1)

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(raw, target, reduction="sum")


class SoftmaxSquaredError(SoftmaxLoss):
    """Half the squared distance of the probabilities from the one-hot target (Brier score)."""

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return np.eye(self.n_classes, dtype=dtype)[y]

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * (self.link(raw) - target).square().sum(dim=1)


class LogisticSquaredError(LogisticLoss):
    """Half the squared error of the probability: how the lecture decks train XOR."""

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * (self.link(raw) - target).square().sum(dim=1)


class SquaredError(Loss):
    """Half the squared error, summed over outputs; shown as the mean over outputs, as sklearn."""

    out_activation = "identity"

    def link(self, raw: torch.Tensor) -> torch.Tensor:
        return raw

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * (raw - target).square().sum(dim=1)

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * functional.mse_loss(raw, target, reduction="sum")

    def reported_scale(self, n_outputs: int) -> float:
        return 1.0 / n_outputs


class PoissonLoss(Loss):
    """Half the Poisson deviance, summed over outputs; the network gives the log of the mean."""

    out_activation = "exp"

    def link(self, raw: torch.Tensor) -> torch.Tensor:
        return torch.exp(raw)

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return (torch.xlogy(target, target) - target * raw - target + raw.exp()).sum(dim=1)


REGRESSOR_LOSSES: dict[str, type[Loss]] = {
    "squared_error": SquaredError,
    "poisson": PoissonLoss,
}
CLASSIFIER_LOSSES = ("log_loss", "squared_error")


def classifier_loss(name: str, n_classes: int, *, exclusive: bool) -> Loss:
    """Return the loss of a classifier.

    Parameters
    ----------
    name : {"log_loss", "squared_error"}
    n_classes : int
    exclusive : bool
        Whether a sample has exactly one of more than two classes (softmax); otherwise each
        output is a yes/no question (logistic): binary and multilabel problems.
    """
    if exclusive:
        return SoftmaxLogLoss() if name == "log_loss" else SoftmaxSquaredError(n_classes)
    return LogisticLogLoss() if name == "log_loss" else LogisticSquaredError()
