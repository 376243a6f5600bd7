"""Find the column of the history that training monitors, and whether larger is better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sknn_tips._registry import unknown_option
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.metrics.errors import check_kind
from sknn_tips.metrics.metrics import OTHER, Metric, known_metrics, resolve_metrics


@dataclass(frozen=True)
class Monitor:
    """A column of skorch's history.

    Attributes
    ----------
    column : str
        For example ``"valid_loss"``.
    larger_is_better : bool
    """

    column: str
    larger_is_better: bool

    @property
    def on_validation(self) -> bool:
        return self.column.startswith("valid_")


def recorded_metrics(metrics: Any, monitor: str | None, score: str) -> dict[str, Metric]:
    """Return the recorded metrics: the user's, and the monitored one if it is a named metric."""
    found = resolve_metrics(metrics, score)
    if monitor is None:
        return found
    part, figure = split_name(monitor)
    if figure in known_metrics(score) and (part, figure) != ("valid", score):
        metric = known_metrics(score)[figure]
        found.setdefault(metric.column, metric)
    return found


TRAINING_LOSS = Monitor("train_loss", larger_is_better=False)


def split_name(name: str) -> tuple[str, str]:
    """Split a monitor's name into the part, ``"train"`` or ``"valid"``, and the metric or loss.

    The prefixes of ``history_`` and of skorch are both accepted. A metric without a prefix refers
    to the validation set, ``"loss"`` without a prefix to the training set.
    """
    for prefix, part in (("val_", "valid"), ("valid_", "valid"), ("train_", "train")):
        if name.startswith(prefix):
            return part, name.removeprefix(prefix)
    return ("train" if name == "loss" else "valid"), name


def resolve_monitor(name: str, metrics: Mapping[str, Metric], score: str) -> Monitor:
    """Return the monitored column for a name.

    Parameters
    ----------
    name : str
        ``monitor`` of the estimator.
    metrics : mapping of str to Metric
        The recorded metrics.
    score : str
        The estimator's validation score, which is always recorded for the validation set.

    Raises
    ------
    UnknownOptionError
        If no such column is recorded.
    ValueError
        If it is unknown whether larger values are better.
    """
    part, figure = split_name(name)
    figure = figure.removeprefix("neg_")
    if figure == "loss":
        return Monitor(f"{part}_loss", larger_is_better=False)
    if figure == score and part == "valid":
        return Monitor(f"valid_{score}", larger_is_better=True)
    if figure not in metrics:
        columns = ["loss", "val_loss", f"val_{score}"]
        columns += [f"{prefix}_{column}" for column in metrics for prefix in ("val", "train")]
        if figure in known_metrics(OTHER[score]):
            check_kind(name, columns, [name], score, "monitor")
        raise UnknownOptionError(
            unknown_option(name, dict.fromkeys(columns), "monitor")
            + " A metric is recorded when it is in metrics."
        )
    larger_is_better = metrics[figure].larger_is_better
    if larger_is_better is None:
        raise ValueError(
            f"monitor={name!r}: nothing says whether {figure} is better when it is larger. Let the"
            " function's name end in _score (larger is better) or _error (smaller is better), or"
            " pass sklearn.metrics.make_scorer(function, greater_is_better=...) in metrics."
        )
    return Monitor(f"{part}_{figure}", larger_is_better)
