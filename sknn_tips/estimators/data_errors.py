"""Error messages for X and y that say more than scikit-learn's: the problem and a remedy."""

import reprlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import is_regressor

from sknn_tips.data.polars_frames import is_polars, kinds_of_polars
from sknn_tips.estimators.label_errors import explain_labels
from sknn_tips.estimators.table_errors import LISTED, explain_table, listed, use_table_model

_ENCODE_COLUMNS = """
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), {columns}),
                                      remainder=StandardScaler())
    model = make_pipeline(columns, {name}())"""
_COMPLEX = (  # the first words are those of scikit-learn
    "Complex data not supported: X holds complex numbers. Pass the real and the imaginary parts as"
    " separate features, such as np.hstack([X.real, X.imag])."
)
_SERIES = (
    "Expected a table with one row per sample, and X is a pandas Series. One sample is"
    " X.to_frame().T, or df.iloc[[0]] in place of df.iloc[0]; one feature is X.to_frame()."
)
# numpy's dtype kinds of dates and of time differences.
_DATES = {"M", "m"}


def unseen_problem(estimator: Any, X: Any, y: Any) -> str | None:
    """Describe values that scikit-learn's checks accept: dates, missing labels, numbers as text.

    Complex numbers are described here too, because scikit-learn prints the whole array.
    """
    if isinstance(X, pd.Series):
        return _SERIES
    if _kinds(X) & _DATES:
        if isinstance(X, pd.DataFrame) or is_polars(X):
            return explain_table(estimator, X)
        return _explain_dates(X, "X", type(estimator).__name__)
    if "c" in _kinds(X):
        return _COMPLEX
    if y is None:
        return None
    if is_regressor(estimator):
        if _kinds(y) & _DATES:
            return _explain_dates(y, "y", type(estimator).__name__)
        text = _first_text(y)
        if text is not None:
            return text_target(f"it holds {text!r}")
        return _explain_missing(y)
    return _explain_missing(y) or explain_labels(y)


def explain(estimator: Any, X: Any, y: Any, error: str) -> str | None:
    """Return a better message than scikit-learn's `error`, or None if that is good enough."""
    name = type(estimator).__name__
    if "'complex'" in error:  # in a list
        return _COMPLEX
    if getattr(X, "ndim", 2) >= 3 or "Found array with dim" in error:
        return _explain_dimensions(X, name, error)
    if isinstance(X, pd.DataFrame) or is_polars(X):
        table = explain_table(estimator, X)
        if table is not None:
            return table
    elif not sparse.issparse(X):
        words = _explain_words(X, estimator)
        if words is not None:
            return words
    if "features, but" in error and "is expecting" in error:
        return f"{error} Pass the same columns, in the same order, as in fit."
    dtype = np.float32 if estimator.dtype == "float32" else np.float64
    bad = _bad_columns(X, float(np.finfo(dtype).max))
    if bad and "y contains" not in error:
        return _explain_not_finite(X, bad, name)
    if y is not None and "y contains" in error:
        return explain_target(y)
    if "yet now missing" in error:
        return f"{error}Rename or add these columns; model.feature_names_in_ has the names of fit."
    if "unseen at fit time" in error or "names must be in the same order" in error:
        return f"{error}Pass X[model.feature_names_in_], with the columns of fit in their order."
    if is_regressor(estimator) and _no_number(np.asarray(y, dtype=object).ravel()) is not None:
        return text_target(error)
    return None


def text_target(error: str) -> str:
    """Return the error message for a regressor whose y contains text."""
    return (
        f"y holds text or other values that are no numbers, and a regressor needs numbers: {error}."
        " Convert y with pandas.to_numeric, or learn labels with MLPClassifier."
    )


def _kinds(values: Any) -> set[str]:
    """Return numpy's dtype kinds of an array or a table; an empty string if unknown."""
    if isinstance(values, pd.DataFrame):
        return {dtype.kind for dtype in values.dtypes}
    dtype = getattr(values, "dtype", None)
    if is_polars(values) or hasattr(dtype, "is_temporal"):
        return kinds_of_polars(values)
    return {getattr(dtype, "kind", "")}


def _explain_dates(values: Any, which: str, name: str) -> str:
    spans = which if "m" in _kinds(values) else f"({which} - {which}.min())"
    return (
        f"Input {which} holds dates or times, and {name} needs numbers. Convert them, as into days"
        f" by {spans} / np.timedelta64(1, 'D')."
    )


def _first_text(y: Any) -> str | bytes | None:
    """Return the first string in y, or None."""
    if _kinds(y) <= set("biufcmM"):
        return None
    try:
        values = np.asarray(y).ravel()
    except ValueError:  # ragged, which scikit-learn says
        return None
    return next((value for value in values.tolist() if isinstance(value, str | bytes)), None)


def _explain_missing(y: Any) -> str | None:
    """Describe None and NaN among labels; scikit-learn finds those among numbers."""
    if sparse.issparse(y) or _kinds(y) <= set("biufcUS"):
        return None
    try:
        missing = np.asarray(pd.isna(y))
    except (TypeError, ValueError):  # ragged, which scikit-learn says
        return None
    if not missing.any():
        return None
    return f"{_explain_rows('None or NaN', missing)} Drop these rows from X and y."


def _explain_words(X: Any, estimator: Any) -> str | None:
    """Describe text in an array or list; for other objects scikit-learn's message is clear."""
    try:
        values = np.asarray(X)
    except ValueError:  # ragged, which scikit-learn says
        return None
    if values.dtype.kind not in "OUS":
        return None
    columns = values.T if values.ndim == 2 else [values.ravel()]
    found = {i: _no_number(column) for i, column in enumerate(columns)}
    words = {i: value for i, value in found.items() if isinstance(value, str | bytes)}
    if not words:
        return None
    if values.ndim != 2:
        return (
            "Input X must be a table of numbers, one row per sample, and holds the text"
            f" {reprlib.repr(words[0])}: X={reprlib.repr(X)}. Pass an array or frame of shape"
            " (n_samples, n_features)."
        )
    texts = listed(f"column {i} holds {reprlib.repr(word)}" for i, word in words.items())
    shown = list(words) if len(words) <= LISTED else "[...]"
    encode = _ENCODE_COLUMNS.format(columns=shown, name=type(estimator).__name__)
    return (
        f"Input X contains text, and a network needs numbers: {texts}. {use_table_model(estimator)}"
        " Or encode such columns in front of the network, by OneHotEncoder, or OrdinalEncoder where"
        f" they have an order:{encode}"
    )


def _no_number(column: NDArray) -> Any:
    """Return the first value that is not a number, or None."""
    try:
        column.astype(float)
    except (TypeError, ValueError):
        return next((value for value in column.tolist() if not _is_number(value)), None)
    return None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _explain_dimensions(X: Any, name: str, error: str) -> str | None:
    shape = np.shape(X)
    if len(shape) < 3:
        return None
    return (
        f"{error} X has shape {shape}: {name} takes one row of numbers per sample. Flatten"
        " pictures with X.reshape(len(X), -1)."
    )


def _bad_columns(X: Any, largest: float) -> list[int]:
    """Return the columns with NaN, infinity or values above `largest`."""
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
        f" work with: {listed(texts)}. For NaN put sklearn.impute.SimpleImputer in front; for"
        " infinity correct or drop the rows; for large finite values put"
        " sklearn.preprocessing.StandardScaler in front, or use dtype='float64'."
    )


def _what(values: Any) -> str:
    counts = {
        "NaN": np.isnan(values).sum(),
        "infinite": np.isinf(values).sum(),
        "too large": (np.isfinite(values) & _is_bad(values, float(np.finfo(np.float32).max))).sum(),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def explain_target(y: Any, dtype: Any = np.float64) -> str | None:
    """Describe the rows of y with NaN, infinity or values whose square is too large for `dtype`.

    Return None if there are none.
    """
    try:
        values = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    bad = ~np.isfinite(values)
    if bad.any():
        return f"{_explain_rows('NaN or infinity', bad)} Drop these rows from X and y."
    bad = np.abs(values) > np.sqrt(float(np.finfo(dtype).max))
    if bad.any():
        what = f"values whose square is too large for {np.dtype(dtype)}"
        return f"{_explain_rows(what, bad)} Divide y by its standard deviation."
    return None


def _explain_rows(what: str, bad: Any) -> str:
    """Return a message with the outputs and rows of y where `bad` is true."""
    rows = bad if bad.ndim == 1 else bad.any(axis=1)
    where = "" if bad.ndim == 1 else f" in output {listed(np.flatnonzero(bad.any(axis=0)))}"
    return (
        f"Input y contains {what}{where}: {rows.sum()} of {len(rows)} rows, the first at"
        f" position {int(np.flatnonzero(rows)[0])}."
    )
