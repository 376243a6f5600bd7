"""Checks of X and y of an ensemble; the members check the values of X."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import validate_data

from sknn_tips.estimators.data_errors import explain_target
from sknn_tips.estimators.inputs import check_unseen
from sknn_tips.exceptions import DataError
from sknn_tips.preprocessing.reading import check_no_series, naming_remedy


def check_not_text(y: Any) -> None:
    """Raise an error for the name of a column in place of its values."""
    if isinstance(y, str):
        raise DataError(
            f"y={y!r} is text. Pass the target itself; if it is a column of a DataFrame df:"
            f" fit(df.drop(columns=[{y!r}]), df[{y!r}])."
        )


def check_target(ensemble: Any, y: Any) -> None:
    """Raise an error for missing values, with their number and the first position."""
    check_unseen(ensemble, None, y)
    if getattr(getattr(y, "dtype", None), "kind", "f") == "f":  # not of text, such as "nan"
        problem = explain_target(y)
        if problem is not None:
            raise DataError(problem)


def checked_names(ensemble: Any, X: Any) -> Any:
    """Check the feature names of X, and return X with those of `fit` if it has none.

    The members then do not warn of missing names again.
    """
    check_no_series(X)
    with naming_remedy():
        validate_data(ensemble, X, reset=False, skip_check_array=True, ensure_2d=False)
    names = getattr(ensemble, "feature_names_in_", None)
    if names is None or not isinstance(X, np.ndarray) or X.shape[1:] != names.shape:
        return X
    return pd.DataFrame(X, columns=names)
