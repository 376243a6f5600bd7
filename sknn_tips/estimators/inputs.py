"""Check X, y and the weights, with errors that name the columns and a remedy."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from sknn_tips import exceptions
from sknn_tips._compat.sklearn import check_sample_weight, num_samples
from sknn_tips.data.features import stays_in_its_file
from sknn_tips.estimators.data_errors import explain, unseen_problem
from sknn_tips.exceptions import DataError, HintWarning

SMALLEST_SUM, LARGEST_SUM = 1e-30, 1e30  # of the sample weights


def check_features(estimator: Any, X: Any, dtypes: Any, *, reset: bool) -> Any:
    """Check X without y, as in predict; csr and csc matrices are accepted."""
    cast = _plain_features(estimator, X, dtypes, reset=reset)
    return _checked(estimator, X, None, dtypes, reset=reset) if cast is None else cast


def check_both(
    estimator: Any, X: Any, y: Any, dtypes: Any, *, reset: bool, numeric: bool
) -> tuple[Any, Any]:
    """Check X and y together; y may have several outputs."""
    if _is_plain_column(y, len(X) if isinstance(X, np.ndarray) else 0):
        cast = _plain_features(estimator, X, dtypes, reset=reset)
        if cast is not None:
            return cast, y
    options = {"multi_output": True, "y_numeric": numeric}
    found: tuple[Any, Any] = _checked(estimator, X, y, dtypes, reset=reset, **options)
    return found


def _is_plain_column(y: Any, n_rows: int) -> bool:
    """Return whether y is a vector of `n_rows` finite numbers, which needs no further check."""
    return (
        type(y) is np.ndarray
        and y.shape == (n_rows,)
        and y.dtype.kind in "biuf"
        and bool(np.isfinite(y).all())
    )


def _plain_features(estimator: Any, X: Any, dtypes: Any, *, reset: bool) -> NDArray | None:
    """Return X as scikit-learn's checks would, if it is a plain array; otherwise None.

    Those checks take half the time of a prediction for one sample, mostly to find out that X is not
    a data frame. If the result is None, they have to be called.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.kind not in "biuf" or not X.size:
        return None
    fits = reset or X.shape[1] == estimator.n_features_in_
    if not fits or hasattr(estimator, "feature_names_in_") or stays_in_its_file(X):
        return None
    accepted = dtypes if isinstance(dtypes, tuple) else (dtypes,)
    with np.errstate(over="ignore", invalid="ignore"):
        cast: NDArray = X if X.dtype in accepted else X.astype(accepted[0])
        if not math.isfinite(cast.sum()):  # maybe only the sum overflows: let them check again
            return None
    if reset:
        estimator.n_features_in_ = X.shape[1]
    return cast


def check_unseen(estimator: Any, X: Any, y: Any) -> None:
    """Raise an error for values that scikit-learn's checks accept, such as dates."""
    problem = unseen_problem(estimator, X, y)
    if problem is not None:
        raise DataError(problem)


def _checked(estimator: Any, X: Any, y: Any, dtypes: Any, *, reset: bool, **options: Any) -> Any:
    target = {} if y is None and not options else {"y": y}
    if stays_in_its_file(X):  # cast batch by batch, not as a whole
        dtypes = "numeric"
    check_unseen(estimator, X, y)
    try:
        # no warning for float64 values too large for float32: the error below reports them
        with np.errstate(over="ignore", invalid="ignore"):
            return validate_data(
                estimator,
                X,
                **target,
                accept_sparse=["csr", "csc"],
                dtype=dtypes,
                reset=reset,
                **options,
            )
    except (ValueError, TypeError) as error:
        explained = explain(estimator, X, y, str(error))
        if explained is None:
            raise
        raise DataError(explained) from error


def hint_order(X: Any, name: str, **columns: Any) -> None:
    """Warn if X and another column have the same index labels in another order.

    Parameters
    ----------
    X : object
        Samples of any type; only those of pandas have an index.
    name : str
        What the warning calls X.
    **columns : object
        The targets and weights, by what the warning calls them.
    """
    index = getattr(X, "index", None)
    for column, values in columns.items():
        other = getattr(values, "index", None)
        if not (isinstance(index, pd.Index) and isinstance(other, pd.Index)):
            continue
        if len(index) != len(other) or index.equals(other) or not index.is_unique:
            continue
        if not len(index.symmetric_difference(other, sort=False)):
            exceptions.warn(
                f"{name} and {column} have the same index labels in another order, and rows are"
                " matched by position, not by label. If the labels tell which rows belong together,"
                f" pass {column}.loc[{name}.index]; if the positions do, {column}.to_numpy().",
                HintWarning,
            )


def check_weights(sample_weight: Any, X: Any, parameter: str) -> NDArray | None:
    """Return the weights as floats, or None; raise an error if all are zero or any is negative."""
    if sample_weight is None:
        return None
    if isinstance(sample_weight, str):
        raise DataError(
            f"{parameter}={sample_weight!r}: it takes one number per sample. Weights of the"
            " classes are a parameter of the constructor: MLPClassifier(class_weight='balanced')."
        )
    # scikit-learn 1.9 and later reject all-zero weights themselves, with another message
    given = np.asarray(sample_weight)
    if given.ndim == 1 and len(given) and not given.any():
        raise DataError(
            f"{parameter} is zero for all {len(given)} samples (sum 0), so nothing"
            " could be learned. Pass positive weights, or None."
        )
    try:
        weights: NDArray = check_sample_weight(sample_weight, X, dtype=np.float64)
    except ValueError as error:
        raise DataError(str(error).replace("sample_weight", parameter)) from error
    if weights.min() < 0:
        raise DataError(f"{parameter} holds negative weights, smallest {weights.min():g}.")
    check_sum(weights, parameter)
    return weights


def check_sum(weights: NDArray, parameter: str) -> None:
    """Raise an error if the weights are too large or too small for float32."""
    total = float(weights.sum())
    if not SMALLEST_SUM < total < LARGEST_SUM:
        size = "small" if total < 1 else "large"
        raise DataError(
            f"{parameter}: the sum of the weights is {total:g}, too {size} for a network, which"
            " computes with float32. Divide the weights by their mean."
        )


def check_validation_pair(X_val: Any, y_val: Any, sample_weight_val: Any) -> None:
    """Raise an error for an incomplete or empty validation set."""
    if X_val is None and (y_val is not None or sample_weight_val is not None):
        given = "y_val" if y_val is not None else "sample_weight_val"
        raise DataError(f"{given} was given without X_val. Pass X_val and y_val together.")
    if X_val is not None and y_val is None:
        raise DataError("X_val was given without y_val. Pass X_val and y_val together.")
    if X_val is not None and num_samples(X_val) == 0:
        raise DataError("X_val has 0 rows. Pass at least one row, or leave X_val out.")


def with_names(estimator: Any, X_val: Any) -> Any:
    """Give an array the feature names of X, with a hint; scikit-learn's warning would name X."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None or not isinstance(X_val, np.ndarray) or np.shape(X_val)[1:] != names.shape:
        return X_val
    exceptions.warn(
        "X_val has no feature names, and X has: the columns of X_val are taken in the order of X."
        " Pass a DataFrame with X.columns as its columns.",
        HintWarning,
    )
    return pd.DataFrame(X_val, columns=names)


@contextmanager
def named(what: str) -> Iterator[None]:
    """Put `what` in front of an error message, to show that it is not about the training data."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{what}: {error}") from error
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{what}: {error}") from error
