"""The folds of an ensemble: the training and the left-out samples of each member."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, check_cv

from sknn_tips.exceptions import DataError

Fold = tuple[NDArray, NDArray]
"""The positions of the training samples, and of the left-out samples."""


def make_folds(
    cv: Any, X: Any, y: NDArray, params: dict[str, Any], *, stratify: bool, random_state: Any
) -> list[Fold]:
    """Return the folds of `cv`.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
    X : array-like of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    params : dict
        Further arguments of `split`, such as groups.
    stratify : bool
        Whether y contains classes; if `cv` is an int, the folds are then stratified.
    random_state : int or numpy.random.RandomState
        Controls the shuffling of the samples if `cv` is an int.

    Returns
    -------
    folds : list of (train, test)

    Raises
    ------
    DataError
        If there are fewer samples than folds, no folds, or a fold without training samples; or if
        the splitter needs groups, and there are none.
    """
    if isinstance(cv, Integral):
        splitter, y = _shuffled(int(cv), y, stratify, random_state)
    else:
        splitter = check_cv(cv, y, classifier=stratify)
    n_rarest = np.unique(y, return_counts=True)[1].min() if stratify else len(y)
    with _rare_classes_allowed(n_rarest < getattr(splitter, "n_splits", len(y))):
        found = _split(splitter, X, y, params)
    positions = np.arange(len(y))
    folds = [(_at(positions, train), _at(positions, test)) for train, test in found]
    if not folds:
        raise DataError(f"cv={cv!r} gives no fold. Use cv=5, or another splitter.")
    for number, (train, _) in enumerate(folds):
        if not len(train):
            raise DataError(
                f"Fold {number} of cv={cv!r} has no samples to train on. Use cv=5, or give every"
                " fold a training part."
            )
    return folds


def _split(splitter: Any, X: Any, y: NDArray, params: dict[str, Any]) -> list[Any]:
    try:
        return list(splitter.split(X, y, **params))
    except ValueError as error:
        if "groups" not in str(error) or "groups" in params:
            raise
        raise DataError(f"{error} Pass the group of each sample: fit(X, y, groups=...).") from error


@contextmanager
def _rare_classes_allowed(may_warn: bool) -> Iterator[None]:
    """Suppress scikit-learn's warning on rare classes.

    A member that has not seen a class predicts a probability of 0, so rare classes are allowed.
    Warning filters are shared by all threads, so they are only changed if the warning may occur.
    """
    if not may_warn:
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class in y", UserWarning)
        yield


def _shuffled(
    n_folds: int, y: NDArray, stratify: bool, random_state: Any
) -> tuple[KFold | StratifiedKFold, NDArray]:
    """Return a shuffling splitter with `n_folds` folds, and the target for its `split`."""
    if len(y) < n_folds:
        remedy = f"cv={len(y)}" if len(y) > 1 else "more samples"
        raise DataError(
            f"cv={n_folds} needs at least {n_folds} samples, one to leave out in each fold, and"
            f" there are n_samples = {len(y)}. Use {remedy}."
        )
    if stratify:
        codes = np.unique(y, return_inverse=True)[1]
        if np.bincount(codes).max() >= n_folds:  # required by StratifiedKFold for one class
            return StratifiedKFold(n_folds, shuffle=True, random_state=random_state), codes
    return KFold(n_folds, shuffle=True, random_state=random_state), y


def _at(positions: NDArray, part: Any) -> NDArray:
    """Return the positions selected by an index array or a mask, which may be empty."""
    return positions[np.asarray(part)] if len(part) else positions[:0]
