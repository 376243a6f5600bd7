"""The lack-of-fit test of functions of one feature to the mean of the target at each value.

A feature with repeated values has several samples at each value. Their scatter around their own
mean is noise, which no function of the feature can explain. If the means differ from the fitted
function by more than this noise allows, the function is too coarse (see Draper and Smith, "Applied
Regression Analysis", 1998, section 2.1).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution


def codes_or_ranks(y: NDArray, *, classes: bool) -> NDArray:
    """Return y in the form that `log_p_value` takes.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    classes : bool
        Whether y contains class labels.

    Returns
    -------
    target : ndarray
        Integer codes of the classes, (n_samples,); or for each output the rank of each number among
        the distinct ones, as float64 of shape (n_samples, n_outputs), so that a few extreme numbers
        do not determine the result.
    """
    if classes:
        return _ranks(y)
    return np.stack([_ranks(column) for column in y.reshape(len(y), -1).T], axis=1).astype(float)


def _ranks(values: NDArray) -> NDArray:
    ranks: NDArray = np.unique(values, return_inverse=True)[1]
    return ranks


def log_p_value(codes: NDArray, basis: NDArray, target: NDArray) -> float:
    """Return the logarithm of the p-value of the test.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        The position of the feature of each sample among its distinct values.
    basis : ndarray of shape (n_values, n_functions)
        Functions at the distinct values. Their linear combinations, with a constant, are fitted.
    target : ndarray
        As returned by `codes_or_ranks`.

    Returns
    -------
    log_p : float
        Of the output or class that fits worst, corrected for their number. 0 if the test is not
        possible, because too few values are repeated or all of them can be fitted.
    """
    counts = np.bincount(codes, minlength=len(basis))
    sums, squares = _moments(codes, len(basis), target)
    means = sums / counts[:, None]
    design, root = np.c_[np.ones(len(basis)), basis], np.sqrt(counts)[:, None]
    coefficients, _, rank, _ = np.linalg.lstsq(design * root, means * root)
    noise = (squares - sums * means).sum(axis=0)
    lack = (counts[:, None] * (means - design @ coefficients) ** 2).sum(axis=0)
    degrees = len(basis) - rank, len(codes) - len(basis)
    if min(degrees) < 1:
        return 0.0
    number = np.finfo(float)
    rounding = np.maximum(number.eps * squares.sum(axis=0), number.tiny)  # in the difference above
    ratio = (lack / degrees[0]) / (np.maximum(noise, rounding) / degrees[1])
    worst: float = f_distribution.logsf(ratio, *degrees).min()
    return min(0.0, worst + float(np.log(means.shape[1])))


def _moments(codes: NDArray, n_values: int, target: NDArray) -> tuple[NDArray, NDArray]:
    """Return the sums of the target and of its squares at each value, (n_values, n_outputs)."""
    if target.ndim == 1:  # indicators of the classes; those of two classes are equivalent
        n_classes = int(target.max()) + 1
        table = np.bincount(codes * n_classes + target, minlength=n_values * n_classes)
        of_class = table.reshape(n_values, n_classes).astype(float)
        of_class = of_class[:, : n_classes if n_classes > 2 else 1]
        return of_class, of_class
    sums = [np.bincount(codes, column, n_values) for column in target.T]
    squares = [np.bincount(codes, column**2, n_values) for column in target.T]
    return np.stack(sums, axis=1), np.stack(squares, axis=1)
