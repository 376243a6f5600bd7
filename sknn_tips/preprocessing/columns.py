"""Types of table columns, and their conversion to numbers or levels of a category."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from numbers import Complex, Real
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sknn_tips.data.unusable import example, explain_texts, explain_times, short, types_of
from sknn_tips.exceptions import DataError, HintWarning, warn

# At least FEWEST_NUMBERED integers, all different, in a range at most NUMBERED_SPAN times their
# number, are probably identifiers. If they were drawn from this range at random, all would be
# different with a probability of about exp(-200 / (2 * 4)), which is 1e-11. The range is larger
# than the number of integers if X is a part of a table, such as a fold of a cross-validation.
FEWEST_NUMBERED = 200
NUMBERED_SPAN = 4

# With max_levels="auto", the FEW_LEVELS most frequent levels of a category are kept, and those with
# at least SAMPLES_PER_LEVEL samples, up to MOST_LEVELS: HistGradientBoosting takes at most 255. The
# further levels have at most MOST_CELLS one-hot encoded numbers, to limit the memory.
FEW_LEVELS = 50
MOST_LEVELS = 250
SAMPLES_PER_LEVEL = 10
MOST_CELLS = 20_000_000


class Column(Protocol):
    """The type of a column, as learnt in `fit`."""

    def convert(self, column: pd.Series, name: str) -> NDArray | pd.Categorical:
        """Return float64 of shape (n_samples,), or a Categorical with the levels of `fit`."""


def plain_column(column: Column) -> dict[str, Any]:
    """Return the name of a type and what it learnt, for files."""
    return {"type": type(column).__name__, **vars(column)}


def column_of(plain: Any) -> Column:
    """Return the type of a column from its plain form, or from an object in an earlier file."""
    if type(plain).__name__ in _TYPES:
        return plain
    learnt = dict(plain)
    name = learnt.pop("type")
    if name not in _TYPES:
        raise ValueError(f"the type of a column is {name!r}, which is none of {', '.join(_TYPES)}")
    column: Column = _TYPES[name](**learnt)
    return column


def learn_column(column: pd.Series, name: str, max_levels: int | str) -> Column:
    """Return the type of a column; raise DataError if it is neither numeric nor categorical."""
    column = _dense(column)
    if column.isna().all():
        return EmptyColumn()
    times = explain_times(column, name)
    if times is not None:
        raise DataError(times)
    types = types_of(column)
    if any(issubclass(kind, Complex) and not issubclass(kind, Real) for kind in types):
        raise DataError(
            f"Complex data not supported: column {name!r} holds complex numbers. Pass real and"
            " imaginary part as two columns."
        )
    if all(_is_numeric(kind) for kind in types):
        number = NumberColumn()
        _hint_identifier(number.convert(column, name), name)  # raises an error for infinity
        return number
    return CategoryColumn.learn(column, name, max_levels)


class EmptyColumn:
    """A column that had only missing values in `fit`; it is always converted to zeros.

    It is not converted to NaN, because HistGradientBoosting does not accept columns of NaN only.
    """

    def convert(self, column: pd.Series, name: str) -> NDArray:
        return np.zeros(len(column))


class NumberColumn:
    """A column of real numbers."""

    def convert(self, column: pd.Series, name: str) -> NDArray:
        column = _dense(column)
        if column.dtype.kind in "biuf":
            values = column.to_numpy(np.float64, na_value=np.nan)
        else:
            values = np.full(len(column), np.nan)
            known = column.notna().to_numpy()
            values[known] = _parse(column.to_numpy(object)[known], name)
        infinite = np.isinf(values).sum()
        if infinite:
            raise DataError(
                f"Column {name!r} holds infinity in {infinite} of {len(values)} rows. Replace it by"
                " NaN, if it stands for a missing value, or by a large finite number."
            )
        return values


@dataclass
class CategoryColumn:
    """A categorical column.

    Attributes
    ----------
    levels : list of str
        The levels that were kept in `fit`, sorted, then the infrequent level, if any.
    other : int
        The code of all other values: that of the infrequent level, or -1, which is missing.
    """

    levels: list[str]
    other: int

    @property
    def dtype(self) -> pd.CategoricalDtype:
        return pd.CategoricalDtype(pd.Index(self.levels, dtype=object))

    @classmethod
    def learn(cls, column: pd.Series, name: str, max_levels: int | str) -> Self:
        codes, texts = _levels(column, name)
        counts = Counter[str]()
        for text, count in zip(texts, np.bincount(codes[codes >= 0]), strict=True):
            counts[text] += int(count)
        if not isinstance(column.dtype, pd.CategoricalDtype):
            _check_numbers(counts, name, max_levels)
            problem = explain_texts(counts, name)
            if problem is not None:
                raise DataError(problem)
        ranked = sorted(counts, key=lambda text: (-counts[text], text))
        kept = sorted(ranked[: _n_kept(counts, max_levels)])
        if len(ranked) == len(kept):
            return cls(kept, other=-1)
        infrequent = "infrequent"
        while infrequent in kept:
            infrequent += "_"
        return cls([*kept, infrequent], other=len(kept))

    def convert(self, column: pd.Series, name: str) -> pd.Categorical:
        codes, texts = _levels(_dense(column), name)
        dtype = self.dtype
        new_codes = dtype.categories.get_indexer(pd.Index(texts, dtype=object))
        new_codes[new_codes < 0] = self.other
        # codes of -1 (missing) select the appended last element, which is -1
        return pd.Categorical.from_codes(np.append(new_codes, -1)[codes], dtype=dtype)


_TYPES: dict[str, Any] = {
    kind.__name__: kind for kind in (EmptyColumn, NumberColumn, CategoryColumn)
}


def _dense(column: pd.Series) -> pd.Series:
    dtype = column.dtype
    return column.astype(dtype.subtype) if isinstance(dtype, pd.SparseDtype) else column


def _hint_identifier(values: NDArray, name: str) -> None:
    """Warn of integers that look like the numbers of the rows, and tell nothing about others."""
    # NaN compares false
    if len(values) < FEWEST_NUMBERED or not np.ptp(values) < NUMBERED_SPAN * len(values):
        return
    if (values % 1).any() or len(np.unique(values)) < len(values):
        return
    warn(
        f"Column {name!r} looks like an identifier or a row number: {len(values)} different"
        f" integers from {values.min():.0f} to {values.max():.0f}. If it is one, drop it by"
        f" X.drop(columns=[{name!r}]), since its values do not occur again.",
        HintWarning,
    )


def _is_numeric(kind: type) -> bool:
    return issubclass(kind, (Real, Decimal)) and not issubclass(kind, (bool, np.bool_))


def _parse(values: NDArray, name: str) -> NDArray:
    """Return objects as floats; raise DataError if one is not a number."""
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        example = next(value for value in values if not _parses(value))
        raise DataError(
            f"Column {name!r} held numbers in fit and now holds {short(example)}. Convert"
            f" it by pd.to_numeric(X[{name!r}], errors='coerce'), which converts other values to"
            " NaN, or fit on such values too, so that the column becomes a category."
        ) from error


def _parses(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _levels(column: pd.Series, name: str) -> tuple[NDArray, list[str]]:
    """Return the codes, with -1 for missing values, and the text of each code.

    Texts may be repeated.
    """
    try:
        codes, values = pd.factorize(column)
    except (TypeError, NotImplementedError) as error:  # unhashable; NotImplementedError of pyarrow
        raise DataError(
            f"Column {name!r} holds {example(column)}, which is neither a number nor a category."
            " Make columns of its parts, or drop it."
        ) from error
    return codes, [_text(value) for value in values]


def _text(value: Any) -> str:
    """Return the name of a level, which is the same for 1, 1.0 and "1"."""
    if isinstance(value, (float, np.floating, Decimal)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _n_kept(counts: Counter[str], max_levels: int | str) -> int:
    """Return the maximal number of levels to keep."""
    if not isinstance(max_levels, str):
        return max_levels
    frequent = sum(count >= SAMPLES_PER_LEVEL for count in counts.values())
    most = min(MOST_LEVELS, FEW_LEVELS + MOST_CELLS // max(1, counts.total()))
    return min(max(frequent, FEW_LEVELS), most)


def _check_numbers(counts: Counter[str], name: str, max_levels: int | str) -> None:
    """Raise an error for many numbers written as text."""
    most = FEW_LEVELS if isinstance(max_levels, str) else max_levels
    if len(counts) > most and all(map(_parses, counts)):
        raise DataError(
            f"Column {name!r} holds {len(counts)} different numbers written as text, such as"
            f" {short(next(iter(counts)))}. Convert it by pd.to_numeric(X[{name!r}]), or, if they"
            f" are codes of categories, declare it by X[{name!r}].astype('category')."
        )
