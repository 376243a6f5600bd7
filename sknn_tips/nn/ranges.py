"""The allowed values of an option: a condition, and its description for the error message."""

import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np


class Range(NamedTuple):
    """The allowed values of an option: the words after "must be" in the error, and a condition."""

    words: str
    holds: Callable[[Any], bool]


def is_number(value: Any) -> bool:
    """Return whether the value is a finite number; True and False are not numbers."""
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)


def number(words: str, holds: Callable[[Any], bool]) -> Range:
    """Return the range of finite numbers that satisfy `holds`."""
    return Range(words, lambda value: is_number(value) and holds(value))


def whole(words: str, holds: Callable[[Any], bool]) -> Range:
    """Return the range of integers that satisfy `holds`."""
    return number(words, lambda value: isinstance(value, Integral) and holds(value))


def one_of(*names: str) -> Range:
    """Return the range that consists of these names."""
    return Range(" or ".join(map(repr, names)), lambda value: value in names)


FINITE = number("a finite number", lambda _: True)
NOT_NEGATIVE = number("a finite number, 0 or more", lambda value: value >= 0)
POSITIVE = number("a finite number above 0", lambda value: value > 0)
BELOW_ONE = number("a number of at least 0 and below 1", lambda value: 0 <= value < 1)
SWITCH = Range("True or False", lambda value: isinstance(value, bool | np.bool_))


def checked(
    options: Mapping[str, Any], ranges: Mapping[str, Range], parameter: str
) -> dict[str, Any]:
    """Return the options as plain Python values.

    Parameters
    ----------
    options : mapping
        By option name; the names must be valid.
    ranges : mapping of str to Range
        By option name.
    parameter : str
        The parameter that holds the options, such as ``"init_params"``.

    Raises
    ------
    ValueError
        When a value is out of its range.
    """
    for option, value in options.items():
        words, holds = ranges[option]
        if not holds(value):
            raise ValueError(f"{parameter}: {option}={value!r} must be {words}.")
    return {option: _plain(value) for option, value in options.items()}


def _plain(value: Any) -> Any:
    """Convert numpy scalars to Python scalars, since some torch functions reject them."""
    return value.item() if isinstance(value, np.generic) else value
