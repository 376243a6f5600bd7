"""The losses of a classifier."""

from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from sknn_tips.nn.losses.base import LEAST_SHARE, Loss, Places, half_square, log_of, mean_of
from sknn_tips.ops.operation import Operation, operation


class ClassifierLoss(Loss):
    """Base class of losses over classes."""

    classifies = True

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    @classmethod
    def of(cls, n_classes: int, label_smoothing: float) -> Self:
        return cls(label_smoothing)


class SoftmaxLoss(ClassifierLoss):
    """Base class of losses over mutually exclusive classes."""

    out_activation = "softmax"

    def link(self, raw: Tensor) -> Tensor:
        return torch.softmax(raw, dim=1)

    def decide(self, raw: Tensor) -> Tensor:
        return raw.argmax(dim=1)

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        return log_of(mean_of(target, weight))


class LogisticLoss(ClassifierLoss):
    """Base class of losses over one binary output, or several (multilabel)."""

    out_activation = "logistic"

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return _smooth(super().encode(y, dtype), self.label_smoothing, 2)

    def link(self, raw: Tensor) -> Tensor:
        return torch.sigmoid(raw)

    def decide(self, raw: Tensor) -> Tensor:
        return (raw > 0).long()

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        share = np.clip(mean_of(target, weight), LEAST_SHARE, 1 - LEAST_SHARE)
        return np.log(share / (1 - share))


class SoftmaxLogLoss(SoftmaxLoss):
    """Cross-entropy of a softmax: ``-log p[class]``. Targets: class codes (n,), int64."""

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return y.astype(np.int64)

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return self._cross_entropy(raw, target, "none")

    def total(self, raw: Tensor, target: Tensor) -> Tensor:
        return self._cross_entropy(raw, target, "sum")

    def _cross_entropy(self, raw: Tensor, target: Tensor, reduction: str) -> Tensor:
        return functional.cross_entropy(
            raw, target, reduction=reduction, label_smoothing=self.label_smoothing
        )

    def target_buffer(self, target: Tensor) -> tuple[Tensor, list[Operation]]:
        """Expand class codes (n, 1) to smoothed one-hot rows."""
        codes = torch.empty((len(target), 1), dtype=torch.int64, device=target.device)
        off = self.label_smoothing / target.shape[1]
        on = 1 - self.label_smoothing + off
        return codes, [operation("one_hot", codes, out=target, on=on, off=off)]

    def operations(self, at: Places) -> list[Operation]:
        """Compute -sum(target * log softmax(raw)); its derivative is softmax(raw) - target."""
        raw, target, derivative, out = at
        total, picked = torch.empty_like(out), torch.empty_like(out)
        shifted, probability = torch.empty_like(raw), torch.empty_like(raw)
        return [
            *_softmax(raw, shifted, probability, total),
            operation("sub", probability, target, out=derivative),
            operation("mul", shifted, target, out=shifted),
            operation("sum_columns", shifted, out=picked),
            operation("log", total, out=total),
            operation("sub", total, picked, out=out),
        ]

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        counts = np.bincount(target, weight, n_outputs)
        kept = 1 - self.label_smoothing
        return log_of(kept * counts / counts.sum() + self.label_smoothing / n_outputs)


class LogisticLogLoss(LogisticLoss):
    """Binary cross-entropy, summed over outputs. Targets: 0 or 1, (n, n_outputs)."""

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(raw, target, reduction="none").sum(dim=1)

    def total(self, raw: Tensor, target: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(raw, target, reduction="sum")

    def operations(self, at: Places) -> list[Operation]:
        """Compute log(1 + exp(raw)) - target * raw; its derivative is sigmoid(raw) - target."""
        raw, target, derivative, out = at
        softplus, product = torch.empty_like(raw), torch.empty_like(raw)
        return [
            # log(1 + exp(raw)) as max(raw, 0) + log(1 + exp(-|raw|)), which does not overflow
            operation("abs", raw, out=softplus),
            operation("neg", softplus, out=softplus),
            operation("exp", softplus, out=softplus),
            operation("log1p", softplus, out=softplus),
            operation("relu", raw, out=product),
            operation("add", softplus, product, out=softplus),
            operation("mul", target, raw, out=product),
            operation("sub", softplus, product, out=softplus),
            operation("sum_columns", softplus, out=out),
            operation("sigmoid", raw, out=derivative),
            operation("sub", derivative, target, out=derivative),
        ]


class SoftmaxSquaredError(SoftmaxLoss):
    """Half the squared distance of the probabilities from the one-hot target (Brier score)."""

    def __init__(self, n_classes: int, label_smoothing: float = 0.0) -> None:
        self.n_classes = n_classes
        super().__init__(label_smoothing)

    @classmethod
    def of(cls, n_classes: int, label_smoothing: float) -> Self:
        return cls(n_classes, label_smoothing)

    def encode(self, y: NDArray, dtype: np.dtype) -> NDArray:
        return _smooth(np.eye(self.n_classes, dtype=dtype)[y], self.label_smoothing, self.n_classes)

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return 0.5 * (self.link(raw) - target).square().sum(dim=1)

    def operations(self, at: Places) -> list[Operation]:
        """Compute |r|^2 / 2, r = p - target, p = softmax(raw); derivative p * (r - sum(r p))."""
        raw, target, derivative, out = at
        p, product, total = torch.empty_like(raw), torch.empty_like(raw), torch.empty_like(out)
        return [
            *_softmax(raw, product, p, total),
            operation("sub", p, target, out=derivative),
            *half_square(derivative, product, out),
            operation("mul", derivative, p, out=product),
            operation("sum_columns", product, out=total),
            operation("sub", derivative, total, out=derivative),
            operation("mul", derivative, p, out=derivative),
        ]


class LogisticSquaredError(LogisticLoss):
    """Half the squared error of the probability; the lecture decks train XOR with it."""

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return 0.5 * (self.link(raw) - target).square().sum(dim=1)

    def operations(self, at: Places) -> list[Operation]:
        """Compute (p - target)^2 / 2, p = sigmoid(raw); derivative (p - target) * p * (1 - p)."""
        raw, target, derivative, out = at
        p, square = torch.empty_like(raw), torch.empty_like(raw)
        return [
            operation("sigmoid", raw, out=p),
            operation("sub", p, target, out=derivative),
            *half_square(derivative, square, out),
            operation("sigmoid_backward", derivative, p, out=derivative),
        ]


def _softmax(raw: Tensor, shifted: Tensor, probability: Tensor, total: Tensor) -> list[Operation]:
    """Compute exp(shifted) / total, where shifted = raw - max(raw), so that nothing overflows."""
    return [
        operation("max_columns", raw, out=total),
        operation("sub", raw, total, out=shifted),
        operation("exp", shifted, out=probability),
        operation("sum_columns", probability, out=total),
        operation("div", probability, total, out=probability),
    ]


def _smooth(target: NDArray, share: float, n_classes: int) -> NDArray:
    """Distribute a share of each target evenly over all classes (Szegedy et al., 2016)."""
    return target if not share else target * (1 - share) + target.dtype.type(share / n_classes)


class Pair(NamedTuple):
    """A loss for exclusive classes, its counterpart for binary outputs, and a description."""

    softmax: type[SoftmaxLoss]
    logistic: type[LogisticLoss]
    note: str


CLASSIFIER_LOSSES: dict[str, Pair] = {
    "log_loss": Pair(SoftmaxLogLoss, LogisticLogLoss, "cross-entropy"),
    "squared_error": Pair(
        SoftmaxSquaredError,
        LogisticSquaredError,
        "half the squared error of the probabilities (how the lecture decks train XOR;"
        " cross-entropy learns faster when a confident prediction is wrong)",
    ),
}


def classifier_loss(
    name: str, n_classes: int, *, exclusive: bool, label_smoothing: float = 0.0
) -> Loss:
    """Return the loss of a classifier.

    Parameters
    ----------
    name : str
        A key of `CLASSIFIER_LOSSES`.
    n_classes : int
    exclusive : bool
        Whether a sample has exactly one of more than two classes (softmax). Otherwise each output
        is a yes/no decision (logistic): binary and multilabel problems.
    label_smoothing : float, default=0
        Share of each target that is distributed evenly over the classes.
    """
    pair = CLASSIFIER_LOSSES[name]
    kind = pair.softmax if exclusive else pair.logistic
    return kind.of(n_classes, label_smoothing)
