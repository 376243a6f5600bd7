"""Targets and predictions of any model, to compute scores from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import is_classifier
from sklearn.utils import check_consistent_length

from sknn_tips.estimators.inputs import check_weights
from sknn_tips.estimators.table_errors import listed
from sknn_tips.exceptions import DataError


@dataclass(frozen=True)
class Predictions:
    """Targets and predictions of a model.

    Attributes
    ----------
    y, predicted : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,) or None
    classes : ndarray or None
        The labels, or the columns of multilabel targets; None for a regressor.
    proba : ndarray of shape (n_samples, n_classes) or None
        None for a regressor and for multilabel targets.
    quantile : float or None
        The quantile that a regressor predicts.
    """

    y: NDArray
    predicted: NDArray
    weight: NDArray | None
    classes: NDArray | None = None
    proba: NDArray | None = None
    quantile: float | None = None


def predictions(
    model: Any, X: Any, y: Any, sample_weight: Any, quantile: float | None = None
) -> Predictions:
    """Return the predictions of a fitted model for X, after the checks of y and the weights."""
    check_consistent_length(X, y)
    y = _dense(y)
    weight = check_weights(sample_weight, X, "sample_weight")
    predicted = _dense(model.predict(X))
    if not is_classifier(model):
        return Predictions(y, predicted, weight, quantile=quantile)
    classes = np.asarray(model.classes_)
    if 2 in (y.ndim, predicted.ndim):  # `evaluate` raises an error if only one is
        return Predictions(y, predicted, weight, classes)
    unseen = np.setdiff1d(np.unique(y), classes)
    if len(unseen):
        others, known = (listed(map(repr, labels.tolist())) for labels in (unseen, classes))
        raise DataError(
            f"y has classes that the model was not fitted with: {others}. It has {known}."
            " Leave these samples out, or fit the model with all classes."
        )
    return Predictions(y, predicted, weight, classes, model.predict_proba(X))


def _dense(y: Any) -> NDArray:
    """Return an array; a single column becomes one-dimensional."""
    y = np.asarray(y.toarray() if issparse(y) else y)
    return y.ravel() if y.ndim == 2 and y.shape[1] == 1 else y
