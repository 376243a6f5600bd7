"""Columns of a table that are neither numbers nor categories: what they hold, and what to do."""

import datetime
import re
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

# A text column with at least FEWEST_TEXTS values, of which more than the share DIFFERENT_TEXTS are
# different, is free text or an identifier, whose values will not occur again. With fewer values the
# column may be a category: if it has many levels, most values of a small sample are different.
FEWEST_TEXTS = 200
DIFFERENT_TEXTS = 0.9

# Fewer different dates may be a category, such as the dates of some deliveries.
FEWEST_DATES = 20
# The share of the different texts that must look like dates. The others may be "unknown" or alike.
DATES = 0.9
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.]?"
_DATE = re.compile(
    r"(\d{4}([-/.])\d{1,2}\2\d{1,2}"  # 2026-01-31
    r"|\d{1,2}([-/.])\d{1,2}\3\d{4}|\d{1,2}/\d{1,2}/\d{2}"  # 31.01.2026, 1/31/26
    rf"|\d{{1,2}}[ -]{_MONTH}[ -]\d{{4}}|{_MONTH} \d{{1,2}},? \d{{4}})"  # 31 Jan 2026, Jan 31, 2026
    r"([T ]\d{1,2}:\d{2}.*)?",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(r"(1[3-9]|2\d|3[01])[-/.]")

# Maximal number of characters of a value in an error message.
_SHOWN = 60

_SPANS = (datetime.timedelta, np.timedelta64)
_TIMES = (
    *_SPANS,
    datetime.date,  # includes its subclasses datetime and pandas.Timestamp
    datetime.time,
    np.datetime64,
    pd.Period,
)


def types_of(column: pd.Series) -> set[type]:
    """Return the types of the values of a column that are not missing."""
    return set(map(type, column.dropna())) if column.dtype == object else {column.dtype.type}


def explain_times(column: pd.Series, name: Any) -> str | None:
    """Describe a column of dates, times or time spans, or return None."""
    types = types_of(column)
    if not any(issubclass(kind, _TIMES) for kind in types):
        return None
    values, is_object = f"X[{name!r}]", column.dtype == object
    holds = f"Column {name!r} holds {{}}, such as {example(column)}."
    if all(issubclass(kind, _SPANS) for kind in types):
        spans = f"pd.to_timedelta({values})" if is_object else values
        return f"{holds.format('time spans')} Convert it by {spans}.dt.total_seconds()."
    if types == {datetime.time}:
        spans = f"pd.to_timedelta({values}.astype(str), errors='coerce')"
        return f"{holds.format('times')} Convert it by {spans}.dt.total_seconds()."
    invalid = ", errors='coerce'" if str in types else ""
    conversion = f"X[{name!r}] = pd.to_datetime({values}{invalid})" if is_object else ""
    return f"{holds.format('dates or times')} {_derive(name, conversion)}"


def explain_texts(counts: Counter[str], name: Any) -> str | None:
    """Describe a column of dates as text, free text or identifiers, or return None.

    Parameters
    ----------
    counts : Counter
        The number of samples with each text.
    name : object
        The name of the column.
    """
    looks = [text for text in counts if _DATE.fullmatch(text.strip())]
    if len(counts) >= FEWEST_DATES and len(looks) >= DATES * len(counts):
        options = ", dayfirst=True" if any(map(_DAY_FIRST.match, looks)) else ""
        options += ", errors='coerce'" if len(looks) < len(counts) else ""
        conversion = f"X[{name!r}] = pd.to_datetime(X[{name!r}]{options})"
        return (
            f"Column {name!r} holds dates as text, such as {short(looks[0])}."
            f" {_derive(name, conversion)}"
        )
    total = counts.total()
    if total < FEWEST_TEXTS or len(counts) <= DIFFERENT_TEXTS * total:
        return None
    return (
        f"Column {name!r} holds {len(counts)} different values among {total}, such as"
        f" {short(next(iter(counts)))}: an identifier or free text. Drop an identifier, since its"
        " values do not occur again; for text use skrub.StringEncoder, TextEncoder or"
        f" TableVectorizer. If the column is a category, declare it by"
        f" X[{name!r}].astype('category')."
    )


def explain_column(column: pd.Series, name: Any) -> str | None:
    """Describe a column that is neither numbers nor categories, or return None."""
    if column.isna().all() or pd.api.types.is_numeric_dtype(column.dtype):
        return None
    times = explain_times(column, name)
    if times is not None or isinstance(column.dtype, pd.CategoricalDtype):
        return times
    return explain_texts(Counter(map(str, column.dropna())), name)


def example(column: pd.Series) -> str:
    """Return the first value of a column as text."""
    return short(column.dropna().iloc[0])


def short(value: Any) -> str:
    """Return a value as text that is not too long for a message."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _derive(name: Any, conversion: str) -> str:
    """Return the advice for a column of dates, which `conversion`, if any, makes datetimes."""
    numbers = (
        f"by X[{name!r}].dt.year, .dt.month and .dt.day_of_week, or use skrub.DatetimeEncoder."
    )
    if conversion:
        return f"Convert it by {conversion}. Then derive numbers from it {numbers}"
    return f"Derive numbers from it {numbers}"
