"""Metrics recorded after every epoch: scikit-learn's scorers, short names and user functions."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from sknn_tips._compat.sklearn import (
    CLASSIFICATION_MODULES,
    REGRESSION_MODULES,
    function_of_scorer,
    is_score,
    is_scorer,
)
from sknn_tips._registry import lookup
from sknn_tips.metrics.errors import check_kind, check_takes_labels, duplicate_message


@dataclass(frozen=True)
class Predicted:
    """Samples and a network's predictions for them, as passed to metrics.

    Attributes
    ----------
    y, decided : ndarray
        Targets and the predictions that the loss decides on: class codes, indicator or values.
    weight : ndarray or None
    finite : bool
        Whether the network's output is finite.
    to_user : callable
        Converts codes or values to labels or the user's units.
    model : callable
        Returns a `ReadyClassifier` or `ReadyRegressor` with these predictions, for scorers.
    """

    y: NDArray
    decided: NDArray
    weight: NDArray | None
    finite: bool
    to_user: Callable[[NDArray], NDArray]
    model: Callable[[], Any]

    @cached_property
    def y_true(self) -> NDArray:
        return self.to_user(self.y)

    @cached_property
    def y_pred(self) -> NDArray:
        return self.to_user(self.decided)

    @property
    def usable(self) -> bool:
        """Whether output and values are finite: the link or the change of units may overflow."""
        if self.decided.dtype.kind != "f":
            return self.finite
        return self.finite and bool(np.isfinite(self.y_pred).all())

    def as_if_right(self) -> "Predicted":
        """Return a copy in which the targets are the predictions.

        An untrained network may predict arbitrary values, or no sample of some class.
        """
        return replace(self, decided=self.y, model=lambda: self.model().as_if_right(self.y_true))


@dataclass(frozen=True)
class Metric:
    """A metric of predictions.

    Attributes
    ----------
    value : callable
        Function from `Predicted` to a number. Errors are positive.
    larger_is_better : bool or None
        None if it is unknown, as for a function of the user.
    column : str
        Its name in the history.
    always_defined : bool
        Whether it can be computed for all targets of its estimator.
    """

    value: Callable[[Predicted], float]
    larger_is_better: bool | None
    column: str
    always_defined: bool = False


class ReadyClassifier(ClassifierMixin, BaseEstimator):
    """A classifier with precomputed predictions, which scikit-learn's scorers can call."""

    def __init__(
        self,
        classes_: NDArray,
        labels: Callable[[], NDArray],
        proba: Callable[[], NDArray],
        logits: Callable[[], NDArray],
    ) -> None:
        self.classes_, self.labels, self.proba, self.logits = classes_, labels, proba, logits

    def as_if_right(self, y_true: NDArray) -> "ReadyClassifier":
        """Return a classifier that predicts these labels, with the same probabilities."""
        return ReadyClassifier(self.classes_, lambda: y_true, self.proba, self.logits)

    def predict(self, X: Any) -> NDArray:
        return self.labels()

    def predict_proba(self, X: Any) -> NDArray:
        return self.proba()

    def decision_function(self, X: Any) -> NDArray:
        return self.logits()

    def __sklearn_is_fitted__(self) -> bool:
        return True


class ReadyRegressor(RegressorMixin, BaseEstimator):
    """A regressor with precomputed predictions, which scikit-learn's scorers can call."""

    def __init__(self, values: Callable[[], NDArray]) -> None:
        self.values = values

    def as_if_right(self, y_true: NDArray) -> "ReadyRegressor":
        return ReadyRegressor(lambda: y_true)

    def predict(self, X: Any) -> NDArray:
        return self.values()

    def __sklearn_is_fitted__(self) -> bool:
        return True


def accuracy(y: NDArray, decided: NDArray, weight: NDArray | None) -> float:
    """Return the share of samples that are predicted correctly in every output.

    The function works on class codes and takes microseconds; ``accuracy_score`` checks its input.
    """
    right = y == decided
    if right.ndim == 2:
        right = right.all(axis=1)
    return float(np.average(right, weights=weight))


def r2(y: NDArray, decided: NDArray, weight: NDArray | None) -> float:
    """Return R squared, averaged over outputs; NaN if a prediction is not finite.

    It is NaN for a single sample too, which has no variance.
    """
    if not np.isfinite(decided).all() or len(y) < 2:
        return float("nan")
    return float(sk.r2_score(y, decided, sample_weight=weight))


SCORES: dict[str, Callable[[NDArray, NDArray, NDArray | None], float]] = {
    "accuracy": accuracy,
    "r2": r2,
}


def mean_squared_percentage_error(
    y_true: NDArray, y_pred: NDArray, *, sample_weight: NDArray | None = None
) -> float:
    """Return the mean of ``((y_true - y_pred) / y_true) ** 2``, as a fraction, not in per cent."""
    smallest = np.finfo(np.float64).eps  # the lower bound in scikit-learn's percentage error
    shares = (y_true - y_pred) / np.maximum(np.abs(y_true), smallest)
    squares = np.square(shares).reshape(len(y_true), -1).mean(axis=1)
    return float(np.average(squares, weights=sample_weight))


def _of_score(name: str) -> Metric:
    return Metric(lambda p: SCORES[name](p.y, p.decided, p.weight), True, name, always_defined=True)


def _of_function(name: str, function: Callable[..., float], *, larger_is_better: bool) -> Metric:
    def value(p: Predicted) -> float:
        return float(function(p.y_true, p.y_pred, sample_weight=p.weight))

    return Metric(value, larger_is_better, name)


_error = partial(_of_function, larger_is_better=False)

CLASSIFIER_METRICS: dict[str, Metric] = {
    "accuracy": _of_score("accuracy"),
    "balanced_accuracy": _of_function(
        "balanced_accuracy", sk.balanced_accuracy_score, larger_is_better=True
    ),
}
REGRESSOR_METRICS: dict[str, Metric] = {
    "mae": _error("mae", sk.mean_absolute_error),
    "mape": _error("mape", sk.mean_absolute_percentage_error),
    "mse": _error("mse", sk.mean_squared_error),
    "msle": _error("msle", sk.mean_squared_log_error),
    "mspe": _error("mspe", mean_squared_percentage_error),
    "r2": _of_score("r2"),
    "rmse": _error("rmse", sk.root_mean_squared_error),
}
METRICS = CLASSIFIER_METRICS | REGRESSOR_METRICS

# The kind of estimator that a scikit-learn scorer belongs to: by the module of its function.
_SCORER_MODULES = {
    "accuracy": CLASSIFICATION_MODULES,
    "r2": REGRESSION_MODULES,
}
# The score of the other kind of estimator.
OTHER = {"accuracy": "r2", "r2": "accuracy"}
# Columns of `history_` that are not metrics.
_RESERVED = {"batches", "epoch", "loss", "lr", "seconds"}
# scikit-learn's naming convention for functions to be maximised or minimised.
_LARGER, _SMALLER = ("_score", "accuracy"), ("_error", "_loss", "_deviance")


@cache
def known_metrics(score: str) -> dict[str, Metric]:
    """Return all named metrics of the estimator whose validation score is `score`.

    These are the short names, and scikit-learn's scorers with and without the prefix ``neg_``.
    """
    found = dict(CLASSIFIER_METRICS if score == "accuracy" else REGRESSOR_METRICS)
    for name in sk.get_scorer_names():
        scorer = sk.get_scorer(name)
        if function_of_scorer(scorer).__module__ in _SCORER_MODULES[score] and name not in found:
            column = name.removeprefix("neg_")
            found[name] = found[column] = of_scorer(scorer, column)
    return found


def of_scorer(scorer: Any, column: str) -> Metric:
    """Return the metric of a scikit-learn scorer, as created by ``make_scorer``."""
    takes_weight = "sample_weight" in inspect.signature(function_of_scorer(scorer)).parameters
    larger_is_better = is_score(scorer)

    def value(p: Predicted) -> float:
        weighted = takes_weight and p.weight is not None
        options = {"sample_weight": p.weight} if weighted else {}
        found = float(scorer(p.model(), p.y_true, p.y_true, **options))
        return found if larger_is_better else -found

    return Metric(value, larger_is_better, column)


def of_callable(function: Callable[..., float]) -> Metric:
    """Return the metric of a user function ``metric(y_true, y_pred)``, or of a scorer object."""
    if is_scorer(function):
        return of_scorer(function, _name_of(function_of_scorer(function)))
    name = _name_of(function)
    direction = True if name.endswith(_LARGER) else False if name.endswith(_SMALLER) else None
    return Metric(lambda p: float(function(p.y_true, p.y_pred)), direction, name)


def _name_of(function: Any) -> str:
    """Return the name of a function; for a partial without a name, that of its function."""
    inner = getattr(function, "func", function)
    own = getattr(function, "__name__", None)
    return str(own or getattr(inner, "__name__", type(inner).__name__))


def resolve_metrics(
    metrics: str | Callable[..., float] | Sequence[str | Callable[..., float]], score: str
) -> dict[str, Metric]:
    """Return the metrics by column name; a callable gives the column its own name.

    Parameters
    ----------
    metrics : str, callable or sequence of these
    score : {"accuracy", "r2"}
        The validation score of the estimator, which distinguishes classifiers from regressors.
    """
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    found: dict[str, Metric] = {}
    said: dict[str, Any] = {}
    for given in metrics:
        metric = _resolve(given, score)
        if metric.column in found:
            raise ValueError(duplicate_message(said[metric.column], given, metric.column))
        found[metric.column], said[metric.column] = metric, given
    return found


def _resolve(given: str | Callable[..., float], score: str) -> Metric:
    if not callable(given):
        check_kind(given, known_metrics(score), known_metrics(OTHER[score]), score, "metrics")
        return lookup(known_metrics(score), given, "metrics")
    metric = of_callable(given)
    _check_name(metric.column, score)
    if score == "accuracy":
        check_takes_labels(given)
    return metric


def _check_name(name: str, score: str) -> None:
    reserved = {*_RESERVED, score}
    if name in reserved or name.startswith("val_") or name.endswith("_best"):
        raise ValueError(
            f"metrics holds a function named {name!r}, which is the name of another column of"
            " history_. Rename the function."
        )


def compute(metrics: dict[str, Metric], predicted: Predicted) -> dict[str, float]:
    """Return the value of every metric; NaN if a prediction is not finite."""
    if not predicted.usable:
        return dict.fromkeys(metrics, float("nan"))
    return {name: metric.value(predicted) for name, metric in metrics.items()}
