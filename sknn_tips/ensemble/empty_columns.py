"""Columns without any value in a fold, for scikit-learn's HistGradientBoosting."""

from typing import Any

import numpy as np
import pandas as pd


def without_empty_columns(X: Any, sample_weight: Any) -> Any:
    """Return X with 0 in the columns without any value, for `fit` of HistGradientBoosting.

    Since scikit-learn 1.9, it fails if a column of numbers is missing in all samples whose weight
    is not 0. A column of zeros has no split, so the predictions do not depend on its values.

    Parameters
    ----------
    X : DataFrame of pandas or ndarray of shape (n_samples, n_features)
        Others are returned as they are.
    sample_weight : array-like of shape (n_samples,) or None

    Returns
    -------
    X : object of the same type
        A copy, if columns were replaced.
    """
    used: Any = slice(None) if sample_weight is None else np.asarray(sample_weight) != 0
    if isinstance(X, pd.DataFrame):
        numbers = X.select_dtypes("number")
        empty = numbers.columns[numbers[used].isna().all()]
        if len(empty):
            X = X.copy(deep=False)
            X[empty] = 0.0
    elif isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind == "f":
        empty = np.isnan(X[used]).all(axis=0)
        if empty.any():
            X = np.where(empty, 0.0, X)
    return X
