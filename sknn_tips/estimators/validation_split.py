"""The validation set that is split off the training data for early stopping."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from sknn_tips import exceptions
from sknn_tips.data.rows import Rows
from sknn_tips.exceptions import DataError, HintWarning
from sknn_tips.state.net import Net


def split_generator(net: Net) -> np.random.RandomState:
    """Return the generator that draws the split: the net's, in a warm start in its former state.

    The split must be the same again, or the model would be validated on samples that it was trained
    on.
    """
    if net.split_state is None:
        # only numpy's usual generator has a state in the old format; for others numpy warns
        usual = net.random_state.get_state(legacy=False)["bit_generator"] == "MT19937"
        net.split_state = net.random_state.get_state(legacy=usual)
        return net.random_state
    state: Any = net.split_state
    bits = getattr(np.random, state["bit_generator"] if isinstance(state, dict) else "MT19937")
    rng = np.random.RandomState(bits())
    rng.set_state(state)
    return rng


def split(
    X: Any, y: NDArray, fraction: Any, rng: np.random.RandomState, *, codes: NDArray | None
) -> tuple[NDArray, NDArray]:
    """Return the indices of the training and the validation samples.

    Parameters
    ----------
    X : array or sparse matrix
        For splitters that use it.
    y : ndarray
        Targets, for splitters that use them.
    fraction : float or splitter
        ``validation_fraction``. The first split of a splitter is used.
    rng : numpy.random.RandomState
    codes : ndarray or None
        Class codes to stratify by; None if there are no exclusive classes.

    Raises
    ------
    ValueError
        If no samples are left for training or validation, or the splitter cannot split the samples.
    """
    if hasattr(fraction, "split"):
        train, test = _first_split(fraction, X, y)
        _check_size(len(test), len(y), fraction)
        return train, test
    return _drawn_split(fraction, y, rng, codes)


def _drawn_split(
    fraction: float, y: NDArray, rng: np.random.RandomState, codes: NDArray | None
) -> tuple[NDArray, NDArray]:
    """Draw a share of the samples, stratified if there are classes."""
    if fraction == 0:
        raise ValueError(
            "validation_fraction=0 leaves no rows for early_stopping=True. Use 0.1, or pass X_val"
            " and y_val."
        )
    n_rows, n_test = len(y), int(np.ceil(fraction * len(y)))
    counts = np.bincount(np.zeros(n_rows, int) if codes is None else codes)
    classes = np.flatnonzero(counts)
    if len(classes) == 2 and counts[classes].min() == 1:
        rare = [y[codes == code].tolist()[0] for code in classes if counts[code] == 1]
        raise DataError(
            "early_stopping=True holds out samples of both classes. The least populated classes in"
            f" y have only 1 member: {' and '.join(map(repr, rare))}. Give each class at least 2"
            " samples, or pass your own X_val and y_val."
        )
    _check_size(n_test, n_rows, fraction)
    if n_rows - n_test < min(len(classes), 2):
        raise DataError(
            f"validation_fraction={fraction!r} leaves {n_rows - n_test} of {n_rows} rows for"
            f" training, where {min(len(classes), 2)} are needed. Use a smaller one, such as 0.1."
        )
    return train_test_split(
        np.arange(n_rows),
        random_state=rng,
        test_size=fraction,
        stratify=_stratification(codes, counts[classes], n_test),
    )


def _check_size(n_test: int, n_rows: int, fraction: Any) -> None:
    if n_test < 2:
        raise ValueError(
            f"The validation set is too small: {n_test} of {n_rows} rows. Increase"
            f" 'validation_fraction' ({fraction!r}) or the size of your dataset."
        )


def _first_split(splitter: Any, X: Any, y: NDArray) -> tuple[NDArray, NDArray]:
    """Return the first split of a splitter, with a hint if it leaves out samples."""
    try:
        found = next(iter(splitter.split(X, y)), None)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"validation_fraction={splitter!r} cannot split these rows: {str(error).rstrip('.')}."
            " Pass your own X_val and y_val, or a PredefinedSplit."
        ) from error
    if found is None:
        raise DataError(f"validation_fraction={splitter!r} gives no split. Use another splitter.")
    train, test = (np.asarray(part) for part in found)
    n_rows, used = len(y), np.union1d(train, test)
    if len(used) and used[-1] >= n_rows:
        raise DataError(
            f"validation_fraction={splitter!r} names row {used[-1]}, and X has {n_rows} rows."
            " Make it for the rows that are given to fit."
        )
    if len(used) < n_rows:
        exceptions.warn(
            f"The first split of validation_fraction={splitter!r} has {len(used)} of {n_rows} rows"
            f" ({len(train)} to train on and {len(test)} for validation); the others are not used."
            " To train on all but the last k of n rows in order of time, use"
            " PredefinedSplit(np.r_[np.full(n - k, -1), np.zeros(k)]), or pass these k as X_val"
            " and y_val.",
            HintWarning,
        )
    return train, test


def check(rows: Rows, valid: Rows | None, fewest: int, *, batchnorm: bool) -> None:
    """Raise an error if there are too few samples, or if all their weights are zero.

    Parameters
    ----------
    rows, valid : Rows
        Training and validation samples.
    fewest : int
        Number of validation samples that the score needs.
    batchnorm : bool
        Whether a single training sample is too few.
    """
    if batchnorm and len(rows) == 1:
        raise DataError(
            "batchnorm needs more than 1 sample (n_samples = 1): one row cannot be normalised."
            " Train on more rows, or use layernorm=True."
        )
    for part, name in ((rows, "training"), (valid, "validation")):
        if part is not None and part.weight is not None and not part.weight.sum() > 0:
            raise DataError(
                f"The sample weights of all {len(part)} {name} rows are zero. Give more rows a"
                " positive weight, or pass your own X_val and y_val."
            )
    if valid is not None and len(valid) < fewest:
        raise DataError(
            f"X_val has {len(valid)} row, too few for the score that early stopping watches."
            f" Pass at least {fewest}."
        )


def _stratification(codes: NDArray | None, counts: NDArray, n_test: int) -> NDArray | None:
    """Return the codes to stratify by: always for two classes, as sklearn; for more if possible.

    Parameters
    ----------
    codes : ndarray or None
        The class of each sample.
    counts : ndarray of shape (n_classes,)
        Number of samples of each class.
    n_test : int
        Number of validation samples.
    """
    if codes is None or len(counts) <= 2:
        return codes
    if counts.min() >= 2 and len(counts) <= min(n_test, len(codes) - n_test):
        return codes
    exceptions.warn(
        f"The validation set is not stratified: number of rows of the smallest class"
        f" {counts.min()} (2 are needed), number of classes {len(counts)}, number of validation"
        f" rows {n_test}. A larger validation_fraction, or your own X_val and y_val, avoid this.",
        HintWarning,
    )
    return None
