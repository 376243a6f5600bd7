"""Which tasks of a search share slices of the data and fitted transformers, and how they do.

The 120 fits of 24 candidates on 5 folds need 5 slices and, behind a StandardScaler, 5 scalings.
scikit-learn makes them in two functions of its own; while a task that shares runs, these look
first whether another task of the search has made the same.

Shared is only what nobody can change: a task shares if all that sees its data is scikit-learn's or
ours, works on a copy, and has no function of the user's in it.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from functools import partial
from typing import Any

import joblib
import numpy as np
import torch
from sklearn import pipeline
from sklearn.base import BaseEstimator
from sklearn.model_selection import _validation

from sknn_tips.training.sharing import SHARE

_OURS_AND_THEIRS = {"sklearn", "sknn_tips"}
_PLAIN = (
    type(None),
    bool,
    int,
    float,
    str,
    bytes,
    np.generic,
    np.ndarray,
    np.dtype,
    torch.device,
    torch.dtype,
)

# Private functions of scikit-learn's, the same from 1.6 to 1.9. Where one is gone, nobody shares.
_fit_and_score: Any = getattr(_validation, "_fit_and_score", None)
_split: Any = getattr(_validation, "_safe_split", None)
_fit_transform: Any = getattr(pipeline, "_fit_transform_one", None)


def may_share(function: Callable[[], Any]) -> bool:
    """Say whether a task of joblib's, or tasks in one, fits on data that nobody changes."""
    if None in (_fit_and_score, _split, _fit_transform):
        return False
    return all(map(_is_harmless, getattr(function, "items", [(function, (), {})])))


def _is_harmless(call: tuple[Any, tuple[Any, ...], dict[str, Any]]) -> bool:
    function, arguments, options = call
    if getattr(function, "function", None) is not _fit_and_score:
        return False
    return (
        _is_known(arguments[0])
        and _is_known(options.get("parameters"))
        and _is_known_scorer(options.get("scorer"))
    )


def _is_known(value: Any) -> bool:
    """Say whether a parameter is a plain value, or an estimator that leaves its X alone."""
    if isinstance(value, _PLAIN):
        return True
    if isinstance(value, dict):
        return all(map(_is_known, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_known, value))
    if isinstance(value, type):
        return value.__module__.partition(".")[0] in {"numpy", "builtins"}
    if not isinstance(value, BaseEstimator):
        return False
    if type(value).__module__.partition(".")[0] not in _OURS_AND_THEIRS:
        return False
    params = value.get_params(deep=False)
    writes = any(name.startswith("copy") and not params[name] for name in params)
    # a Pipeline with a memory of its own knows by itself what it has done before
    return not writes and params.get("memory") is None and all(map(_is_known, params.values()))


def _is_known_scorer(scorer: Any) -> bool:
    """Say whether a scorer, or each of several, is scikit-learn's with a score of its own."""
    if not type(scorer).__module__.startswith("sklearn."):
        return False
    several = getattr(scorer, "_scorers", None)
    if several is not None:
        return all(map(_is_known_scorer, several.values()))
    score = getattr(scorer, "_score_func", None)  # None: the estimator's own
    return score is None or score.__module__.startswith("sklearn.")


# -- in place of two functions of scikit-learn's ---------------------------------------------------


def shared_work() -> AbstractContextManager[None]:
    """Have scikit-learn look first for what another task has made."""
    return _functions(inside=(_split_once, _fit_transform_once), after=(_split, _fit_transform))


def unshared_work() -> AbstractContextManager[None]:
    """Undo `shared_work`, while others run."""
    return _functions(inside=(_split, _fit_transform), after=(_split_once, _fit_transform_once))


@contextmanager
def _functions(*, inside: tuple[Any, Any], after: tuple[Any, Any]) -> Iterator[None]:
    _validation._safe_split, pipeline._fit_transform_one = inside
    try:
        yield
    finally:
        _validation._safe_split, pipeline._fit_transform_one = after


def _split_once(
    estimator: Any, X: Any, y: Any, indices: Any, train_indices: Any = None
) -> tuple[Any, Any]:
    """Return the rows of a fold; those that are trained on from another task with the same fold."""
    split: Callable[[], tuple[Any, Any]] = partial(_split, estimator, X, y, indices, train_indices)
    share = SHARE.get()
    if share is None or train_indices is not None:
        return split()
    return share.once("rows", (X, y, indices), None, split)


def _fit_transform_once(
    transformer: Any,
    X: Any,
    y: Any,
    weight: Any,
    message_clsname: str = "",
    message: str | None = None,
    params: Any = None,
) -> tuple[Any, Any]:
    """Return the transformed X and the fitted transformer; a copy of it where both were there."""
    fit_transform: Callable[[], tuple[Any, Any]] = partial(
        _fit_transform, transformer, X, y, weight, message_clsname, message, params
    )
    share = SHARE.get()
    is_plain = weight is None and message is None and not any((params or {}).values())
    if share is None or not is_plain or not share.has_made(X) or _draws_anew(transformer):
        return fit_transform()
    transformed, fitted = share.once("transformed", (X, y), _described(transformer), fit_transform)
    return transformed, fitted if fitted is transformer else deepcopy(fitted)


def _described(value: Any) -> Hashable:
    """Return what is equal for parameters, and for estimators, that are alike."""
    if isinstance(value, BaseEstimator):
        params = value.get_params(deep=False)
        # a Pipeline asks its steps for pandas' or polars' frames by this attribute
        output = getattr(value, "_sklearn_output_config", {})
        return type(value), _described(params), _described(output)
    if isinstance(value, dict):
        return tuple((name, _described(value[name])) for name in sorted(value, key=str))
    if isinstance(value, list | tuple):
        return tuple(map(_described, value))
    if isinstance(value, np.ndarray):
        found: str = joblib.hash(value)
        return found
    return type(value), value


def _draws_anew(transformer: Any) -> bool:
    """Say whether it draws numbers without a seed."""
    return any(
        name.endswith("random_state") and not isinstance(value, int | np.integer)
        for name, value in transformer.get_params().items()
    )
