"""Axis of a parameter: to scale for numbers, categorical for other values."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips.plotting.candidates import is_numeric
from sknn_tips.plotting.style import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# If the largest value is at least this many times the smallest, the axis is logarithmic.
_DECADES = 30
# Each value gets its own tick if there are at most _MOST_TICKS values, and the distance of
# neighbours is at least _NEAREST_TICKS, as a share of the axis.
_MOST_TICKS = 9
_NEAREST_TICKS = 0.08


class ParameterAxis:
    """The positions of the values of a parameter on an axis.

    Parameters
    ----------
    name : str
    values : sequence
        One value for each candidate.

    Attributes
    ----------
    numeric : bool
        Whether values are placed to scale; otherwise the levels are placed at equal distances.
    levels : list
        The distinct values: numbers and tuples of numbers are sorted, others are in order of
        appearance.
    positions : ndarray of shape (n_values,)
        The numbers, or the indices of the levels.
    """

    def __init__(self, name: str, values: Sequence[Any]) -> None:
        self.name = name
        self.numeric = is_numeric(values) and not _lies_badly(values)
        self.levels = _levels(values)
        if self.numeric:
            self.positions: NDArray[np.float64] = np.array([float(value) for value in values])
        else:
            places = {_key(level): float(place) for place, level in enumerate(self.levels)}
            self.positions = np.array([places[_key(value)] for value in values])

    @property
    def codes(self) -> NDArray[np.intp]:
        """The index of the level of each value."""
        _, codes = np.unique(self.positions, return_inverse=True)
        return codes

    @property
    def labels(self) -> list[str]:
        """The levels as text, shortened if the short texts differ from each other."""
        short = [shorten(level, 18) for level in self.levels]
        return short if len(set(short)) == len(short) else [shorten(v, 60) for v in self.levels]

    def set(self, ax: "Axes", which: str) -> None:
        """Label, scale and tick the axis `which`, "x" or "y"; call it after drawing."""
        axis = ax.xaxis if which == "x" else ax.yaxis
        axis.set_label_text(self.name)
        if self.numeric:
            self._scale(ax, which)
        else:
            axis.set_ticks(range(len(self.levels)), self.labels)
            getattr(ax, f"set_{which}lim")(-0.5, len(self.levels) - 0.5)
            if which == "x":
                slant_if_long(ax, self.labels)

    def _scale(self, ax: "Axes", which: str) -> None:
        axis = ax.xaxis if which == "x" else ax.yaxis
        numbers = np.unique(self.positions)
        above = numbers[numbers > 0]
        if numbers[0] >= 0 and len(above) and numbers[-1] >= _DECADES * above[0]:
            if numbers[0] > 0:
                getattr(ax, f"set_{which}scale")("log")
            else:
                getattr(ax, f"set_{which}scale")("symlog", linthresh=above[0])
        places = axis.get_transform().transform(numbers)
        gaps = np.diff(places) / np.ptp(places) if len(places) > 1 else np.ones(1)
        if len(numbers) <= _MOST_TICKS and gaps.min() >= _NEAREST_TICKS:
            axis.set_ticks(numbers, [shorten(float(number)) for number in numbers])
            axis.set_ticks([], minor=True)


def _key(value: Any) -> Any:
    """Return a hashable key of a value; it is the same for 1 and 1.0."""
    return float(value) if is_numeric([value]) else repr(value)


def _levels(values: Sequence[Any]) -> list[Any]:
    """Return the distinct values in order."""
    levels = list({_key(value): value for value in values}.values())
    if is_numeric(levels):
        return sorted(levels)
    if all(isinstance(level, tuple) and is_numeric(level) for level in levels):
        return sorted(levels, key=lambda level: (len(level), level))
    return levels


def _lies_badly(values: Sequence[Any]) -> bool:
    """Return whether there are negative values and the range is too wide for a linear axis."""
    numbers = np.unique(np.asarray(values, dtype=float))
    above = numbers[numbers > 0]
    wide = len(above) > 0 and np.abs(numbers).max() >= _DECADES * above[0]
    return bool(wide and numbers[0] < 0 and len(numbers) <= _MOST_TICKS)


def slant_if_long(ax: "Axes", labels: Sequence[str]) -> None:
    """Rotate the labels of the x axis if they would overlap."""
    if sum(len(label) + 2 for label in labels) > 50:
        ax.tick_params(axis="x", labelrotation=30)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
