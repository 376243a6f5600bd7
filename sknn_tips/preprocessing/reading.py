"""Conversion of tables to pandas DataFrames, with checks of shape and names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.validation import validate_data

from sknn_tips.data.polars_frames import from_polars, is_polars
from sknn_tips.exceptions import DataError


def read_table(estimator: Any, X: Any, *, reset: bool) -> pd.DataFrame:
    """Return X as a DataFrame with the feature names of `estimator`.

    scikit-learn stores names and number of features (``reset=True``) or checks them against those
    of `fit`, with its errors and warnings.

    Parameters
    ----------
    estimator : estimator
        The estimator to set, or that has, `n_features_in_` and, if all names are strings,
        `feature_names_in_`.
    X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
    reset : bool

    Returns
    -------
    frame : DataFrame of shape (n_samples, n_features)
        Its columns are `feature_names_in_`, or else "x0", "x1", ... Do not write to it, because it
        may share memory with X.
    """
    if is_polars(X):
        X = from_polars(X)
    check_no_series(X)
    frame = X if isinstance(X, pd.DataFrame) else _from_array(X)
    _check_size(frame)
    duplicates = frame.columns[frame.columns.duplicated()].unique()
    if len(duplicates):
        raise DataError(
            f"X has several columns of the same name: {', '.join(map(repr, duplicates))}. Rename"
            " them, or keep the first of each by X.loc[:, ~X.columns.duplicated()]."
        )
    with naming_remedy():
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    numbered = [f"x{i}" for i in range(frame.shape[1])]
    return frame.set_axis(getattr(estimator, "feature_names_in_", numbered), axis=1)


def check_no_series(X: Any) -> None:
    """Raise an error for a row or column of a DataFrame."""
    if isinstance(X, pd.Series):
        raise DataError(
            "X is a Series, and a table has two dimensions. Pass a row as X.iloc[[0]], in place of"
            " X.iloc[0], and a column as X[['name']]."
        )


@contextmanager
def naming_remedy() -> Iterator[None]:
    """Add a remedy to scikit-learn's errors about feature names that are not those of `fit`."""
    try:
        yield
    except ValueError as error:
        if "yet now missing" in str(error):
            remedy = "Rename or add these columns; model.feature_names_in_ has the names of fit."
        elif "unseen at fit time" in str(error) or "must be in the same order" in str(error):
            remedy = "Pass X[model.feature_names_in_], with the columns of fit in their order."
        else:
            raise
        raise DataError(f"{error}{remedy}") from error


def _from_array(X: Any) -> pd.DataFrame:
    if sparse.issparse(X):
        raise DataError(
            "X is a sparse matrix, and a table of numbers and categories is dense. Pass"
            " X.toarray(), or pass X to the estimators themselves, which take sparse input."
        )
    # numpy would convert the numbers of a list to text if the list also contains text
    values = np.array(X, dtype=object) if isinstance(X, list | tuple) else np.asarray(X)
    if values.ndim != 2:
        raise DataError(
            f"Expected a table of shape (n_samples, n_features), got {type(X).__name__} of shape"
            f" {values.shape}. Pass a DataFrame or a 2D array. Reshape your data using"
            " X.reshape(-1, 1) if it is one feature, or X.reshape(1, -1) if it is one sample."
        )
    return pd.DataFrame(values)


def _check_size(frame: pd.DataFrame) -> None:
    for count, what in zip(frame.shape, ("sample", "feature"), strict=True):
        if not count:
            raise DataError(
                f"Found array with 0 {what}(s) (shape={frame.shape}) while a minimum of 1 is"
                f" required. X is empty: look at how its {what}s were selected."
            )
