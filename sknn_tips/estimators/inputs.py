"""Checking X, y and the weights, with errors that name the columns and the remedy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import _check_sample_weight, _num_samples, validate_data

from sknn_tips.exceptions import DataError

_ENCODE = """
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    names = make_pipeline(SimpleImputer(strategy="most_frequent"),
                          OneHotEncoder(handle_unknown="ignore"))
    columns = make_column_transformer((numbers, make_column_selector(dtype_include="number")),
                                      (names, make_column_selector(dtype_exclude="number")))
    model = make_pipeline(columns, {name}())"""
# How many columns an error lists before it says "and so many more".
_LISTED = 8


def check_features(estimator: Any, X: Any, dtypes: Any, *, reset: bool) -> Any:
    """Check X alone, as at predict; csr and csc are accepted."""
    return _checked(estimator, X, None, dtypes, reset=reset)


def check_both(estimator: Any, X: Any, y: Any, dtypes: Any, *, reset: bool, numeric: bool) -> Any:
    """Check X and y together; y may have several outputs."""
    options = {"multi_output": True, "y_numeric": numeric}
    return _checked(estimator, X, y, dtypes, reset=reset, **options)


def _checked(estimator: Any, X: Any, y: Any, dtypes: Any, *, reset: bool, **options: Any) -> Any:
    target = {} if y is None and not options else {"y": y}
    try:
        with np.errstate(over="ignore"):  # a float64 too large for float32: the error below says it
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
        explained = _explain(estimator, X, y, str(error))
        if explained is None:
            raise
        raise DataError(explained) from error


def check_weights(sample_weight: Any, X: Any, parameter: str) -> NDArray | None:
    """Return the weights as floats, or None; negative or all-zero weights are errors."""
    if sample_weight is None:
        return None
    # scikit-learn from 1.9 on refuses all-zero weights by itself, in other words
    given = np.asarray(sample_weight)
    if given.ndim == 1 and len(given) and not given.any():
        raise DataError(
            f"{parameter} is zero for all {len(given)} samples (sum 0), so nothing"
            " could be learned. Pass positive weights, or None."
        )
    weights: NDArray = _check_sample_weight(sample_weight, X, dtype=np.float64)
    if weights.min() < 0:
        raise DataError(f"{parameter} holds negative weights, smallest {weights.min():g}.")
    return weights


def check_validation_pair(X_val: Any, y_val: Any, sample_weight_val: Any) -> None:
    """Reject half a validation set, or an empty one."""
    if X_val is None and (y_val is not None or sample_weight_val is not None):
        given = "y_val" if y_val is not None else "sample_weight_val"
        raise DataError(f"{given} was given without X_val. Pass X_val and y_val together.")
    if X_val is not None and y_val is None:
        raise DataError("X_val was given without y_val. Pass X_val and y_val together.")
    if X_val is not None and _num_samples(X_val) == 0:
        raise DataError("X_val has 0 rows. Pass at least one row, or leave X_val out.")


def text_target(error: str) -> str:
    """Return the error of a regressor that was given words to predict."""
    return (
        f"y holds text, and a regressor predicts numbers: {error}. Convert y with"
        " pandas.to_numeric, or learn labels with MLPClassifier."
    )


@contextmanager
def named(what: str) -> Iterator[None]:
    """Say in an error that it is about another X and y than the training rows."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{what}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from error


def _explain(estimator: Any, X: Any, y: Any, error: str) -> str | None:
    """Return a better message than scikit-learn's, or None where its own says all."""
    name = type(estimator).__name__
    if getattr(X, "ndim", 2) >= 3 or "Found array with dim" in error:
        return _explain_dimensions(X, name, error)
    if isinstance(X, pd.DataFrame):
        columns = _text_columns(X) + _missing_columns(X)
        if columns:
            return _explain_frame(columns, name)
    if "features, but" in error and "is expecting" in error:
        return f"{error} Pass the same columns, in the same order, as in fit."
    dtype = np.float32 if estimator.dtype == "float32" else np.float64
    bad = _bad_columns(X, float(np.finfo(dtype).max))
    if bad and "y contains" not in error:
        return _explain_not_finite(X, bad, name)
    if y is not None and "y contains" in error:
        return _explain_target(y)
    if "feature names" in error:
        return f"{error}Pass X[model.feature_names_in_], with the columns of fit in their order."
    if y is not None and "could not convert string to float" in error:
        return text_target(error)
    return None


def _explain_dimensions(X: Any, name: str, error: str) -> str | None:
    shape = np.shape(X)
    if len(shape) < 3:
        return None
    return (
        f"{error} X has shape {shape}: {name} takes one row of numbers a sample. Flatten"
        " pictures with X.reshape(len(X), -1)."
    )


def _text_columns(X: pd.DataFrame) -> list[str]:
    return [
        f"{column!r} holds {X.dtypes.iloc[i]}"
        for i, column in enumerate(X.columns)
        if not pd.api.types.is_numeric_dtype(X.dtypes.iloc[i])
        and not _converts_to_numbers(X.iloc[:, i])
    ]


def _converts_to_numbers(column: pd.Series) -> bool:
    if column.dtype.kind in "mM":  # dates would become nanoseconds
        return False
    try:
        column.to_numpy().astype(float)
    except (TypeError, ValueError):
        return False
    return True


def _missing_columns(X: pd.DataFrame) -> list[str]:
    counts = X.isna().sum()
    return [f"{column!r} has {n} missing" for column, n in counts.items() if n]


def _explain_frame(columns: list[str], name: str) -> str:
    return (
        f"Input X contains text, dates or NaN, and a network needs numbers in every cell:"
        f" {_listed(columns)}. Encode and impute them in front of it:{_ENCODE.format(name=name)}"
    )


def _bad_columns(X: Any, largest: float) -> list[int]:
    """Return the columns with NaN, infinity or what float32 cannot hold."""
    try:
        if sparse.issparse(X):
            X = X.tocoo()
            return [int(column) for column in np.unique(X.col[_is_bad(X.data, largest)])]
        values = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        return []
    if values.ndim != 2:
        return []
    return [int(column) for column in np.flatnonzero(_is_bad(values, largest).any(axis=0))]


def _is_bad(values: Any, largest: float) -> Any:
    return ~(np.abs(values) <= largest)


def _explain_not_finite(X: Any, columns: list[int], name: str) -> str:
    names = list(X.columns) if isinstance(X, pd.DataFrame) else None
    dense = X.tocsc() if sparse.issparse(X) else np.asarray(X, dtype=np.float64)
    texts = []
    for column in columns:
        values = dense[:, [column]]
        values = values.data if sparse.issparse(values) else values.ravel()
        label = repr(names[column]) if names else str(column)
        texts.append(f"column {label} ({_what(values)})")
    return (
        f"Input X contains NaN, infinity or a value too large for float32, which {name} cannot"
        f" train on: {_listed(texts)}. For NaN put sklearn.impute.SimpleImputer in front; for"
        " infinity mend or drop the rows; for large finite values put"
        " sklearn.preprocessing.StandardScaler in front, or use dtype='float64'."
    )


def _what(values: Any) -> str:
    counts = {
        "NaN": np.isnan(values).sum(),
        "infinite": np.isinf(values).sum(),
        "too large": (np.isfinite(values) & _is_bad(values, float(np.finfo(np.float32).max))).sum(),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _explain_target(y: Any) -> str | None:
    try:
        values = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    bad = ~np.isfinite(values)
    if not bad.any():
        return None
    rows = bad if bad.ndim == 1 else bad.any(axis=1)
    where = "" if bad.ndim == 1 else f" in output {_listed(np.flatnonzero(bad.any(axis=0)))}"
    return (
        f"Input y contains NaN or infinity{where}: {rows.sum()} of {len(values)} rows, the first at"
        f" position {int(np.flatnonzero(rows)[0])}. Drop these rows from X and y."
    )


def _listed(items: Any) -> str:
    texts = [str(item) for item in items]
    rest = len(texts) - _LISTED
    return ", ".join(texts[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")
