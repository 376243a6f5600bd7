"""The history as users see it: a DataFrame with one row per epoch."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

# Names shown for skorch's columns; in the others valid_ becomes val_, and train_ is dropped.
_NAMES = {"train_loss": "loss", "dur": "seconds"}
_HIDDEN = ("epoch", "batches")
_LAST = ("lr", "seconds")
# Prefix of a callback's column whose name is also the name of one of our columns.
CALLBACK_PREFIX = "callback_"


def history_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return loss, val_loss, training and validation metrics, lr and seconds of every epoch.

    Parameters
    ----------
    rows : iterable of dict
        skorch's history.

    Returns
    -------
    pandas.DataFrame
        Its index is the epoch, counted from 1.
    """
    rows = list(rows)
    names = shown_columns(name for row in rows for name in row)
    frame = pd.DataFrame([_shown(row, names) for row in rows])
    last = [name for name in _LAST if name in frame]
    frame = frame[[*(name for name in frame if name not in last), *last]]
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="epoch")
    return frame


def shown_figures(row: Mapping[str, Any]) -> dict[str, float]:
    """Return loss, val_loss, training and validation metrics of one row of skorch's history."""
    return {name: value for name, value in shown_row(row).items() if name not in _LAST}


def shown_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one row of skorch's history by the names in ``history_``."""
    return _shown(row, shown_columns(row))


def shown_columns(names: Iterable[str]) -> dict[str, str]:
    """Map skorch's columns to their names in ``history_``, without the columns that are not shown.

    A callback's column that would get the name of one of our columns gets the prefix ``callback_``,
    for instance with both ``EpochScoring("accuracy")`` and ``metrics=["accuracy"]``.
    """
    columns = [name for name in dict.fromkeys(names) if _is_shown(name)]
    ours = {shown_name(name) for name in columns if shown_name(name) != name}
    return {
        name: f"{CALLBACK_PREFIX}{name}" if name in ours else shown_name(name) for name in columns
    }


@contextmanager
def protect_columns(row: dict[str, Any], columns: Collection[str]) -> Iterator[None]:
    """Protect our `columns` of a row while callbacks write into it.

    A value that a callback writes to one of them is moved to a column with the prefix
    ``callback_``, as in `shown_columns`.
    """
    ours = {name: row[name] for name in row if name.removesuffix("_best") in columns}
    yield
    for name, value in ours.items():
        if row[name] is not value:
            row[f"{CALLBACK_PREFIX}{name}"], row[name] = row[name], value


def _shown(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[name]: value for name, value in row.items() if name in names}


def _is_shown(name: str) -> bool:
    return name not in _HIDDEN and not name.endswith("_best")


def shown_name(name: str) -> str:
    """Return the name in ``history_`` of a skorch column, if no other column has that name."""
    if name in _NAMES:
        return _NAMES[name]
    if name.startswith("valid_"):
        return "val_" + name.removeprefix("valid_")
    return name.removeprefix("train_")
