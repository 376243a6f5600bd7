"""What stands in a file of skops for objects that have a better format, or that skops cannot write.

They are nothing but their fields.
"""

from dataclasses import dataclass
from typing import Any, Self

import pandas as pd


@dataclass(frozen=True)
class StoredNetwork:
    """An MLPClassifier or MLPRegressor.

    Attributes
    ----------
    archive : bytes
        What `save_model` writes of it alone.
    """

    archive: bytes


@dataclass(frozen=True)
class StoredFrame:
    """A pandas DataFrame of numbers and text whose rows are numbered.

    Attributes
    ----------
    columns : dict of str to ndarray or list
        By their names: numbers as arrays, text as lists.
    """

    columns: dict[str, Any]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Take a frame apart; TypeError when `frame` would return another one."""
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
        """Return the frame."""
        return pd.DataFrame(self.columns)
