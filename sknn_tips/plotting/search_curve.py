"""Plot of a search over one parameter."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips.plotting import style
from sknn_tips.plotting.candidates import Candidates
from sknn_tips.plotting.parameter_axis import ParameterAxis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DIM: dict[str, Any] = {"color": style.GREY, "alpha": 0.55, "markeredgewidth": 0}


def draw_curve(ax: "Axes", candidates: Candidates, name: str) -> list[Any]:
    """Draw the score over one parameter; return the handles for the legend.

    For a halving search, there is one curve for each amount of the resource. If other parameters
    vary as well, each candidate is a dot, and the curve connects the best candidate of each value.
    """
    axis = ParameterAxis(name, list(candidates.parameters[name]))
    handles: list[Any] = []
    for label, shown, color in _rounds(candidates):
        rows = np.flatnonzero(shown & ~candidates.failed)
        handles += _draw_round(ax, candidates, axis, rows, color, label)
    handles += _draw_failures(ax, candidates, axis)
    best = candidates.best
    handles += style.draw_star(ax, axis.positions[best], candidates.scores[best])
    ax.set_ylabel(candidates.score_label)
    axis.set(ax, "x")
    style.tidy(ax)
    return style.one_a_label(handles)


def _rounds(candidates: Candidates) -> Iterator[tuple[str, NDArray[np.bool_], Any]]:
    """Yield label, rows and colour of each iteration of a halving search, or of all candidates."""
    if candidates.resources is None:
        everything = np.ones(len(candidates.scores), dtype=bool)
        yield candidates.spread_label, everything, style.PALETTE[0]
        return
    amounts = np.unique(candidates.resources)
    for amount, color in zip(amounts, style.shades(len(amounts) + 1), strict=False):
        label = f"{candidates.resource} = {amount}"
        yield label, candidates.resources == amount, color


def _draw_round(
    ax: "Axes",
    candidates: Candidates,
    axis: ParameterAxis,
    rows: NDArray[np.intp],
    color: Any,
    label: str,
) -> list[Any]:
    x, y = axis.positions[rows], candidates.scores[rows]
    best = _best_by_value(candidates, axis, rows)
    if 2 * len(best) > len(rows) and len(candidates.parameters.columns) > 1:
        # nearly every candidate has a different value, so the other parameters differ from point
        # to point, and a line would be misleading
        return ax.plot(
            x, y, "o", color=color, label=label if candidates.resource else "a candidate"
        )
    handles: list[Any] = []
    if len(best) < len(rows):
        handles += ax.plot(x, y, "o", markersize=5, label="a candidate", zorder=2, **_DIM)
    label = f"best of each value, {label}" if handles else label
    x, y, spread = axis.positions[best], candidates.scores[best], candidates.spreads[best]
    look: dict[str, Any] = {"color": color, "linewidth": style.LINE_WIDTH, "zorder": 3}
    if axis.numeric:
        ax.fill_between(x, y - spread, y + spread, color=color, alpha=0.15, linewidth=0)
        return [*ax.plot(x, y, "o-", label=label, **look), *handles]
    bars = ax.errorbar(x, y, spread, fmt="o", capsize=4, label=label, **look)
    return [bars, *handles]


def _best_by_value(
    candidates: Candidates, axis: ParameterAxis, rows: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the best row for each value of the parameter, in the order of the axis."""
    ranks = np.empty(len(candidates.scores), dtype=int)
    ranks[candidates.order] = np.arange(len(ranks))
    found: dict[float, int] = {}
    for row in sorted(rows, key=lambda row: ranks[row]):
        found.setdefault(axis.positions[row], row)
    return np.array([found[position] for position in sorted(found)], dtype=np.intp)


def _draw_failures(ax: "Axes", candidates: Candidates, axis: ParameterAxis) -> list[Any]:
    """Mark values of failed candidates with crosses at the bottom edge."""
    places = np.unique(axis.positions[candidates.failed])
    if not len(places):
        return []
    look: dict[str, Any] = {**style.CROSS, "color": style.PALETTE[-1], "zorder": 4}
    bottom: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "clip_on": False}
    return list(ax.plot(places, np.zeros(len(places)), label="failed", **look, **bottom))
