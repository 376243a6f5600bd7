"""Data frames of polars, as those of pandas. polars itself is not imported."""

from typing import Any

import pandas as pd


def is_polars(X: Any) -> bool:
    """Return whether X is a DataFrame of polars."""
    return hasattr(X, "get_columns")


def from_polars(X: Any) -> pd.DataFrame:
    """Convert a DataFrame of polars; its own conversion would require pyarrow."""
    return pd.DataFrame({series.name: _column(series) for series in X.get_columns()})


def kinds_of_polars(values: Any) -> set[str]:
    """Return numpy's dtype kinds of the dates ("M") and time spans ("m") in a DataFrame or Series.

    Other types are an empty string.
    """
    dtypes = values.dtypes if is_polars(values) else [values.dtype]
    return {_kind(dtype) for dtype in dtypes}


def _kind(dtype: Any) -> str:
    if not dtype.is_temporal():
        return ""
    return "m" if str(dtype).startswith("Duration") else "M"


def _column(series: Any) -> pd.Series:
    if series.dtype.is_numeric():
        return pd.Series(series.cast(float).to_numpy())
    declared = str(series.dtype).startswith(("Categorical", "Enum"))
    return pd.Series(series.to_list(), dtype="category" if declared else object)
