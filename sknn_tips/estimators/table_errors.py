"""Error message for a data frame with text, dates or missing values."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from sklearn.base import is_regressor

from sknn_tips.data.polars_frames import from_polars, is_polars
from sknn_tips.data.unusable import explain_column

_ENCODE = """

    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
{drop}
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    kinds = ["number", "bool"]
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include=kinds)),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude=kinds)))
    model = make_pipeline(columns, {name}())"""
_OF_POLARS = "\nWhere this code needs a frame of pandas, X.to_pandas() converts one of polars."
# Maximum number of columns that an error lists, before "and ... more".
LISTED = 8


def explain_table(estimator: Any, X: Any) -> str | None:
    """Describe the columns with text, dates or missing values, and what to do; or return None.

    Parameters
    ----------
    estimator : estimator
    X : DataFrame of pandas or polars
    """
    if is_polars(X):
        table = explain_table(estimator, from_polars(X))
        return None if table is None else table + _OF_POLARS
    columns = {label: X.iloc[:, i] for i, label in enumerate(X.columns)}
    missing = {label: n for label, column in columns.items() if (n := column.isna().sum())}
    texts = {label: column for label, column in columns.items() if not _is_numeric(column)}
    if not texts and not missing:
        return None
    holds = [
        f"{label!r} holds {column.dtype}"
        + (f" ({missing[label]} missing)" if label in missing else "")
        for label, column in texts.items()
    ]
    holds += [f"{label!r} has {n} missing" for label, n in missing.items() if label not in texts]
    problems = {label: explain_column(column, label) for label, column in texts.items()}
    unusable = {label: problem for label, problem in problems.items() if problem is not None}
    return (
        "Input X contains text, dates or NaN, and a network needs numbers in every cell:"
        f" {listed(holds)}.{_for_a_table_model(estimator, missing | texts, unusable)}"
        f"{_for_a_network(estimator, missing, texts, unusable)}"
    )


def use_table_model(estimator: Any) -> str:
    """Return the advice to use `tabular_pipeline`."""
    kind = "regressor" if is_regressor(estimator) else "classifier"
    return f"Use sknn_tips.tabular_pipeline({kind!r}), which takes text and NaN."


def _for_a_table_model(estimator: Any, bad: dict[Any, Any], unusable: dict[Any, str]) -> str:
    """Return the advice to use `tabular_pipeline`, and what it needs."""
    remedy = f" {use_table_model(estimator)}" if bad.keys() != unusable.keys() else ""
    if unusable:
        remedy += " Convert or drop first:"
    return remedy + "".join(f"\n- {problem}" for problem in unusable.values())


def _for_a_network(
    estimator: Any, missing: dict[Any, int], texts: dict[Any, Any], unusable: dict[Any, str]
) -> str:
    """Return the steps to put in front of the network."""
    name, start = type(estimator).__name__, "\n" if unusable else " "
    if texts.keys() != unusable.keys():
        drop = f"\n    X = X.drop(columns={list(unusable)!r})" if unusable else ""
        encode = _ENCODE.format(drop=drop, name=name)
        return f"{start}Or encode and impute in front of the network:{encode}"
    if missing.keys() <= unusable.keys():
        return ""
    steps = f"make_pipeline(SimpleImputer(strategy='median'), StandardScaler(), {name}())"
    return f"{start}Or impute in front of the network, by {steps} of scikit-learn."


def _is_numeric(column: pd.Series) -> bool:
    """Return whether scikit-learn's checks convert a column to numbers."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return True
    if column.dtype.kind in "mM":  # dates would become nanoseconds
        return False
    try:
        column.to_numpy().astype(float)
    except (TypeError, ValueError):
        return False
    return True


def listed(items: Iterable[Any]) -> str:
    """Return the first items as text, and the number of the others."""
    texts = [str(item) for item in items]
    rest = len(texts) - LISTED
    return ", ".join(texts[:LISTED]) + (f" and {rest} more" if rest > 0 else "")
