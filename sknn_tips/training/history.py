"""The history as users see it: a frame with one row an epoch."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

# skorch's columns under the names that are shown; what starts with valid_ becomes val_.
_NAMES = {"train_loss": "loss", "dur": "seconds"}
_HIDDEN = ("epoch", "batches")
_LAST = ("lr", "seconds")


def history_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return loss, val_loss, metrics and their val_, lr and seconds of every epoch.

    Parameters
    ----------
    rows : iterable of dict
        skorch's history.

    Returns
    -------
    pandas.DataFrame
        Indexed by the epoch, from 1.
    """
    frame = pd.DataFrame([_shown(row) for row in rows])
    last = [name for name in _LAST if name in frame]
    frame = frame[[*(name for name in frame if name not in last), *last]]
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="epoch")
    return frame


def shown_figures(row: Mapping[str, Any]) -> dict[str, float]:
    """Return loss, val_loss, metrics and their val_ of one row of skorch's history."""
    return {name: value for name, value in _shown(row).items() if name not in _LAST}


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        shown_name(name): value
        for name, value in row.items()
        if name not in _HIDDEN and not name.endswith("_best")
    }


def shown_name(name: str) -> str:
    """Return the name in ``history_`` of a column of skorch's history."""
    if name in _NAMES:
        return _NAMES[name]
    if name.startswith("valid_"):
        return "val_" + name.removeprefix("valid_")
    return name.removeprefix("train_")
