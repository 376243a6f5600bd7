"""Metrics recorded after every epoch, by name or as a user's function."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from sknn_tips._registry import lookup

Metric = Callable[..., float]

# Errors are positive numbers: `rmse`, never `neg_root_mean_squared_error`.
CLASSIFIER_METRICS: dict[str, Metric] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
}
REGRESSOR_METRICS: dict[str, Metric] = {
    "mae": sk.mean_absolute_error,
    "mse": sk.mean_squared_error,
    "r2": sk.r2_score,
    "rmse": sk.root_mean_squared_error,
}
# Columns of `history_` that are no metric.
_RESERVED = {"batches", "epoch", "loss", "lr", "seconds"}
METRICS = CLASSIFIER_METRICS | REGRESSOR_METRICS


def resolve_metrics(
    metrics: str | Metric | Sequence[str | Metric], registry: dict[str, Metric]
) -> dict[str, Metric]:
    """Return the functions under their column names; a callable is named after itself."""
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    found: dict[str, Metric] = {}
    for metric in metrics:
        if callable(metric):
            name = getattr(metric, "__name__", type(metric).__name__)
            if name in _RESERVED or name.startswith("val_") or name.endswith("_best"):
                raise ValueError(
                    f"metrics holds a function named {name!r}, a column of history_"
                    " by itself. Rename the function."
                )
        else:
            name, metric = metric, lookup(registry, metric, "metrics")
        if name in found:
            raise ValueError(
                f"metrics holds two of the name {name!r}. Give each function a name"
                " of its own, by def instead of lambda."
            )
        found[name] = metric
    return found


def accuracy(y: NDArray, decided: NDArray, weight: NDArray | None) -> float:
    """Return the share of rows decided rightly, in every output.

    Works on class codes, so it costs microseconds where ``accuracy_score`` checks its input.
    """
    right = y == decided
    if right.ndim == 2:
        right = right.all(axis=1)
    return float(np.average(right, weights=weight))


def r2(y: NDArray, decided: NDArray, weight: NDArray | None) -> float:
    """Return R squared, averaged over outputs; NaN where a prediction is not finite.

    It is NaN for a single row too, which has no variance.
    """
    if not np.isfinite(decided).all() or len(y) < 2:
        return float("nan")
    return float(sk.r2_score(y, decided, sample_weight=weight))


SCORES: dict[str, Callable[[NDArray, NDArray, NDArray | None], float]] = {
    "accuracy": accuracy,
    "r2": r2,
}


def compute(
    metrics: dict[str, Metric], y_true: NDArray, y_pred: NDArray, weight: NDArray | None
) -> dict[str, float]:
    """Return every metric's value; the weights are passed to scikit-learn's own only."""
    values: dict[str, float] = {}
    for name, metric in metrics.items():
        known = METRICS.get(name) is metric
        options: dict[str, Any] = {"sample_weight": weight} if known and weight is not None else {}
        values[name] = float(metric(y_true, y_pred, **options))
    return values
