"""Error messages with a remedy for metrics that are duplicated, unsuitable, or not computable."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn import metrics as sk

from sknn_tips._compat.sklearn import function_of_scorer, is_score, takes_labels
from sknn_tips.exceptions import UnknownOptionError

_KINDS = {"accuracy": "classifier", "r2": "regressor"}


def check_kind(
    name: Any, known: Collection[str], others: Collection[str], score: str, parameter: str
) -> None:
    """Raise an error for a metric of regressors on a classifier, and vice versa.

    Parameters
    ----------
    name : object
        The name that the user passed.
    known, others : collection of str
        The metrics of this kind of estimator and of the other kind.
    score : {"accuracy", "r2"}
        The validation score of this estimator.
    parameter : str
        The parameter that the user set, for the error message.
    """
    if not isinstance(name, str) or name in known or name not in others:
        return
    here = _KINDS[score]
    there = next(kind for kind in _KINDS.values() if kind != here)
    raise UnknownOptionError(
        f"{parameter}={name!r} is a metric of {there}s, and this is a {here}. Choose one of:"
        f" {', '.join(map(repr, sorted(known)))}."
    )


def check_takes_labels(function: Any) -> None:
    """Raise an error for a scikit-learn function that needs probabilities; it would get labels."""
    function = getattr(function, "func", function)  # unwraps a functools.partial
    if not str(getattr(function, "__module__", "")).startswith("sklearn.metrics"):
        return
    scorers = {name: sk.get_scorer(name) for name in sk.get_scorer_names()}
    names = [
        repr(name)
        for name, scorer in scorers.items()
        if function_of_scorer(scorer) is function and not takes_labels(scorer)
    ]
    if names:
        raise ValueError(
            f"metrics holds the function {function.__name__}, which needs probabilities; a function"
            f" gets the predicted labels. Write the name of its scorer instead:"
            f" {' or '.join(names)}."
        )


def duplicate_message(first: Any, second: Any, column: str) -> str:
    """Return the error message for two metrics with one name, which says how to rename them."""
    if first is second or (isinstance(first, str) and first == second):
        return f"metrics holds {column!r} twice. Leave one out."
    if isinstance(first, str) and isinstance(second, str):
        return f"metrics holds {first!r} and {second!r}, which are one metric. Leave one out."
    return (
        f"metrics holds two with the name {column!r}. Give each function its own name: by def"
        " instead of lambda, and a functools.partial, also inside make_scorer, by setting its"
        " __name__, as in part.__name__ = 'my_score'."
    )


def remedy(name: str, error: Exception, y_true: ArrayLike) -> str:
    """Return a remedy for a metric that failed, with a leading space, or an empty string.

    scikit-learn's errors mention function arguments, which cannot be passed with a metric's name.

    Parameters
    ----------
    name : str
        The column of the metric.
    error : Exception
    y_true : array-like
        The targets in the user's labels or units.
    """
    for words, write in _REMEDIES.items():
        if words in str(error):
            return f" {write(name, y_true)}"
    return ""


def _one_by_one(name: str, y_true: ArrayLike) -> str:
    return "Write 'roc_auc_ovr', each class against the rest, or 'roc_auc_ovo', in pairs."


def _average(name: str, y_true: ArrayLike) -> str:
    names = _averaged(name)
    if names:
        return f"Write {names}, which average over the classes."
    return (
        f"Pass average='macro' to it, as in make_scorer({_function(name)}, average='macro') of"
        " sklearn.metrics."
    )


def _positive(name: str, y_true: ArrayLike) -> str:
    """Suggest a scorer with a positive class; the last class, as in scikit-learn.

    Some versions of scikit-learn also ask for one if there are more classes than two.
    """
    labels, names = np.unique(y_true).tolist(), _averaged(name)
    if names and len(labels) > 2:
        return _average(name, y_true)
    scorer = _scorer(name)
    arguments = [_function(name), f"pos_label={labels[-1]!r}"]
    if scorer is not None and not takes_labels(scorer):
        arguments.append("response_method='predict_proba'")
    if scorer is not None and not is_score(scorer):
        arguments.append("greater_is_better=False")
    return (
        f"Write make_scorer({', '.join(arguments)}) of sklearn.metrics"
        f"{f', or {names}' if names else ''}."
    )


# By a part of scikit-learn's error message.
_REMEDIES = {
    "multi_class must be in": _one_by_one,
    "choose another average": _average,
    "Samplewise metrics": _average,
    "pos_label=1 is not a valid label": _positive,
    "pos_label is not specified": _positive,
}


def _averaged(name: str) -> str:
    """Return the names of scorers that average a metric over the classes, or an empty string."""
    base = name.removesuffix("_score").removesuffix("_samples")
    names = [f"{base}_macro", f"{base}_weighted"]
    return " or ".join(map(repr, names)) if set(names) <= set(sk.get_scorer_names()) else ""


def _scorer(name: str) -> Any:
    """Return the scorer of a column, or None for a function of the user."""
    known = sk.get_scorer_names()
    return next((sk.get_scorer(n) for n in (name, f"neg_{name}") if n in known), None)


def _function(name: str) -> str:
    """Return the name of the function that computes a column."""
    scorer = _scorer(name)
    return name if scorer is None else str(function_of_scorer(scorer).__name__)
