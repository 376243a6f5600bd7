"""The parameter ``class_weight``: factors of the sample weights, in training only."""

import math
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import compute_sample_weight


def balanced(totals: NDArray) -> NDArray:
    """Return the factors that give all classes the same total weight.

    Parameters
    ----------
    totals : ndarray of shape (n_classes,)
        Sum of the sample weights of each class; 0 for a class without samples.

    Returns
    -------
    factors : ndarray of shape (n_classes,)
        Their weighted mean over the samples is 1.
    """
    seen = totals > 0
    factors = np.ones_like(totals)
    factors[seen] = totals.sum() / (seen.sum() * totals[seen])
    return factors


def of_dict(weights: Any, classes: NDArray) -> NDArray:
    """Return the factor of each class; it is 1 for classes that are not in the dict."""
    known = classes.tolist()
    if not isinstance(weights, dict):
        raise ValueError(
            f"class_weight={weights!r}: a list is for multilabel targets. Use a dict of class"
            f" label to weight, or 'balanced'; the classes are {known}."
        )
    unknown = [label for label in weights if label not in known]
    if unknown and any(label not in weights for label in known):
        raise ValueError(
            f"class_weight has classes that are not in y: {unknown}. The classes of y are {known}."
        )
    values = [weights.get(label, 1.0) for label in known]
    numbers = all(isinstance(value, Real) and math.isfinite(value) for value in values)
    if not numbers or min(values) < 0 or max(values) == 0:
        raise ValueError(
            f"class_weight={weights!r}: weights must be numbers >= 0, and one above 0."
        )
    return np.asarray(values, dtype=float)


def of_indicator(weights: Any, y: NDArray, sample_weight: NDArray) -> NDArray:
    """Return the factor of each sample (row) of an indicator matrix: a product over its columns."""
    if weights != "balanced":
        found: NDArray = compute_sample_weight(weights, y)
        return found
    factors = [
        balanced(np.bincount(column, weights=sample_weight, minlength=2))[column] for column in y.T
    ]
    return np.prod(factors, axis=0)
