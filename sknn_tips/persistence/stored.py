"""Replacements of objects in skops files that have a better format, or that skops cannot write."""

from dataclasses import dataclass
from typing import Any, Self

import pandas as pd


@dataclass(frozen=True)
class StoredNetwork:
    """The replacement of an MLPClassifier or MLPRegressor.

    Attributes
    ----------
    archive : bytes
        The content of the file that `save_model` writes for the estimator.
    """

    archive: bytes


@dataclass(frozen=True)
class StoredFrame:
    """The replacement of a pandas DataFrame of numbers and text with the default index.

    Attributes
    ----------
    columns : dict of str to ndarray or list
        The columns by name: numbers as arrays, text as lists.
    """

    columns: dict[str, Any]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Return the replacement of a DataFrame; raise TypeError if it cannot be restored."""
        columns: dict[Any, Any] = {}
        known = True
        for name, column in frame.items():
            is_numeric = column.dtype.kind in "biuf"
            columns[name] = column.to_numpy(copy=True) if is_numeric else column.tolist()
            plain = is_numeric or all(type(value) is str for value in columns[name])
            known = known and plain and type(name) is str
        stored = cls(columns)
        found = stored.frame()
        if not (known and found.dtypes.equals(frame.dtypes) and found.equals(frame)):
            raise TypeError("a DataFrame holds more than numbers and text in numbered rows")
        return stored

    def frame(self) -> pd.DataFrame:
        """Return the DataFrame."""
        return pd.DataFrame(self.columns)
