"""The folds of an ensemble: which samples a member trains on, and which it leaves out."""

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
"""The positions of the samples to train on, and of those that are left out."""


def make_folds(
    cv: Any, X: Any, y: NDArray, params: dict[str, Any], *, stratify: bool, random_state: Any
) -> list[Fold]:
    """Return the folds that `cv` asks for.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
    X : array-like of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    params : dict
        Of the splitter's `split`, such as groups.
    stratify : bool
        Whether y holds classes, each of which an int `cv` spreads evenly over the folds.
    random_state : int or numpy.random.RandomState
        Shuffles the samples where `cv` is an int.

    Returns
    -------
    folds : list of (train, test)

    Raises
    ------
    DataError
        When there are fewer samples than folds, no fold, or nothing to train on in one.
    """
    if isinstance(cv, Integral):
        splitter, y = _shuffled(int(cv), y, stratify, random_state)
    else:
        splitter = check_cv(cv, y, classifier=stratify)
    n_rarest = np.unique(y, return_counts=True)[1].min() if stratify else len(y)
    with _rare_classes_allowed(n_rarest < getattr(splitter, "n_splits", len(y))):
        found = list(splitter.split(X, y, **params))
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


@contextmanager
def _rare_classes_allowed(may_warn: bool) -> Iterator[None]:
    """Mute scikit-learn's warning: who lacks a class predicts a probability of 0.

    The filters of warnings are those of all threads, so they change only where it may be given.
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
    """Return a splitter of so many folds, and what it stratifies by."""
    if len(y) < n_folds:
        remedy = f"cv={len(y)}" if len(y) > 1 else "more samples"
        raise DataError(
            f"cv={n_folds} needs at least {n_folds} samples, one to leave out in each fold, and"
            f" there are n_samples = {len(y)}. Use {remedy}."
        )
    if stratify:
        codes = np.unique(y, return_inverse=True)[1]
        if np.bincount(codes).max() >= n_folds:  # StratifiedKFold insists on one such class
            return StratifiedKFold(n_folds, shuffle=True, random_state=random_state), codes
    return KFold(n_folds, shuffle=True, random_state=random_state), y


def _at(positions: NDArray, part: Any) -> NDArray:
    """Return what an index array or a mask selects, or nothing for an empty list."""
    return positions[np.asarray(part)] if len(part) else positions[:0]
