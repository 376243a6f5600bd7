"""Losses: the link to a prediction, the loss of each sample, and how targets are encoded.

A loss is one object, so the training loop never asks whether it trains a classifier.
`raw` is what the network's last layer gives, shape (n, n_outputs), before any link.
"""

import inspect
import math
from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from sknn_tips.nn.ranges import is_number


class Loss(ABC):
    """Link, per-sample loss and target encoding."""

    out_activation: str
    """scikit-learn's name of the link, as in ``out_activation_``."""
    lowest_target = -math.inf
    """Targets below it, or at it where `lowest_is_allowed` is false, have no meaning."""
    lowest_is_allowed = True
    predicts_centre = True
    """Whether the best prediction is a centre of the targets, as R squared supposes."""

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

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return _smooth(super().encode(y, dtype), self.label_smoothing, 2)

    def link(self, raw: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(raw)

    def decide(self, raw: torch.Tensor) -> torch.Tensor:
        return (raw > 0).long()


class SoftmaxLogLoss(SoftmaxLoss):
    """Cross-entropy of a softmax: ``-log p[class]``. Targets: class codes (n,), int64."""

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return y.astype(np.int64)

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return self._cross_entropy(raw, target, "none")

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return self._cross_entropy(raw, target, "sum")

    def _cross_entropy(
        self, raw: torch.Tensor, target: torch.Tensor, reduction: str
    ) -> torch.Tensor:
        return functional.cross_entropy(
            raw, target, reduction=reduction, label_smoothing=self.label_smoothing
        )


class LogisticLogLoss(LogisticLoss):
    """Binary cross-entropy, summed over outputs. Targets: 0 or 1, (n, n_outputs)."""

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(raw, target, reduction="none").sum(dim=1)

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(raw, target, reduction="sum")


class SoftmaxSquaredError(SoftmaxLoss):
    """Half the squared distance of the probabilities from the one-hot target (Brier score)."""

    def __init__(self, n_classes: int, label_smoothing: float = 0.0) -> None:
        self.n_classes = n_classes
        self.label_smoothing = label_smoothing

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return _smooth(np.eye(self.n_classes, dtype=dtype)[y], self.label_smoothing, self.n_classes)

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * (self.link(raw) - target).square().sum(dim=1)


class LogisticSquaredError(LogisticLoss):
    """Half the squared error of the probability: how the lecture decks train XOR."""

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * (self.link(raw) - target).square().sum(dim=1)


class _IdentityLoss(Loss):
    """Shared by losses of the output as it is; shown as the mean over outputs, as sklearn does."""

    out_activation = "identity"

    def link(self, raw: torch.Tensor) -> torch.Tensor:
        return raw

    def reported_scale(self, n_outputs: int) -> float:
        return 1.0 / n_outputs


class SquaredError(_IdentityLoss):
    """Half the squared error, summed over outputs."""

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * (raw - target).square().sum(dim=1)

    def total(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 0.5 * functional.mse_loss(raw, target, reduction="sum")


class AbsoluteError(_IdentityLoss):
    """The absolute error, summed over outputs: predicts the median, unmoved by outliers."""

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return (raw - target).abs().sum(dim=1)


class Huber(_IdentityLoss):
    """Squared error for small residuals and absolute error for large ones (Huber, 1964).

    Parameters
    ----------
    delta : float, default=1.0
        Residual from which the loss is linear, with slope delta.
    """

    def __init__(self, delta: float = 1.0) -> None:
        if not is_number(delta) or delta <= 0:
            raise ValueError(f"loss_params: delta={delta!r} must be a finite number above 0.")
        self.delta = float(delta)

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return functional.huber_loss(raw, target, reduction="none", delta=self.delta).sum(dim=1)


class Quantile(_IdentityLoss):
    """The pinball loss, summed over outputs: predicts a quantile (Koenker & Bassett, 1978).

    Parameters
    ----------
    quantile : float, default=0.5
        Share of targets that shall lie below the prediction.
    """

    predicts_centre = False

    def __init__(self, quantile: float = 0.5) -> None:
        if not is_number(quantile) or not 0 < quantile < 1:
            raise ValueError(
                f"loss_params: quantile={quantile!r} must be one number between 0 and 1, such as"
                " 0.9. For several quantiles fit one estimator each."
            )
        self.quantile = float(quantile)

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        residual = target - raw
        return torch.maximum(self.quantile * residual, (self.quantile - 1) * residual).sum(dim=1)


class _ExponentialLoss(Loss):
    """Shared by losses whose network gives the log of the mean."""

    out_activation = "exp"
    lowest_target = 0.0

    def link(self, raw: torch.Tensor) -> torch.Tensor:
        return torch.exp(raw)


class PoissonLoss(_ExponentialLoss):
    """Half the Poisson deviance, summed over outputs."""

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return (torch.xlogy(target, target) - target * raw - target + raw.exp()).sum(dim=1)


class GammaLoss(_ExponentialLoss):
    """Half the Gamma deviance, summed over outputs: for amounts whose spread grows with them."""

    lowest_is_allowed = False

    def per_sample(self, raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return (raw - target.log() + target * (-raw).exp() - 1).sum(dim=1)


def _smooth(target: NDArray, share: float, n_classes: int) -> NDArray:
    """Move a share of each target evenly to all classes (Szegedy et al., 2016)."""
    return target if not share else target * (1 - share) + target.dtype.type(share / n_classes)


REGRESSOR_LOSSES: dict[str, type[Loss]] = {
    "squared_error": SquaredError,
    "poisson": PoissonLoss,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "quantile": Quantile,
    "gamma": GammaLoss,
}
CLASSIFIER_LOSSES = ("log_loss", "squared_error")


def options_of(name: str) -> list[str]:
    """Return what ``loss_params`` may hold for this loss of a regressor."""
    return list(inspect.signature(REGRESSOR_LOSSES[name]).parameters)


def classifier_loss(
    name: str, n_classes: int, *, exclusive: bool, label_smoothing: float = 0.0
) -> Loss:
    """Return the loss of a classifier.

    Parameters
    ----------
    name : {"log_loss", "squared_error"}
    n_classes : int
    exclusive : bool
        Whether a sample has exactly one of more than two classes (softmax); otherwise each
        output is a yes/no question (logistic): binary and multilabel problems.
    label_smoothing : float, default=0
        Share of each target that is spread evenly over the classes.
    """
    if exclusive and name == "log_loss":
        return SoftmaxLogLoss(label_smoothing)
    if exclusive:
        return SoftmaxSquaredError(n_classes, label_smoothing)
    binary = LogisticLogLoss if name == "log_loss" else LogisticSquaredError
    return binary(label_smoothing)
