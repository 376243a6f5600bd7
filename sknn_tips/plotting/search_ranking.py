"""Ranking of the best candidates of a search."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sknn_tips.plotting import style
from sknn_tips.plotting.candidates import Candidates, is_numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_ranking(ax: "Axes", candidates: Candidates, rows: list[int]) -> list[Any]:
    """Draw candidates from top to bottom, each labelled with its parameters."""
    places = np.arange(len(rows))
    scores, spreads = candidates.scores[rows], candidates.spreads[rows]
    look: dict[str, Any] = {"color": style.PALETTE[0], "linewidth": style.LINE_WIDTH, "zorder": 3}
    bars = ax.errorbar(scores, places, xerr=spreads, fmt="o", markersize=7, **look)
    bars.set_label(candidates.spread_label)
    header, *lines = table_lines(candidates, rows)
    mono: dict[str, Any] = {"family": "monospace", "fontsize": "small"}
    ax.set_yticks(places, lines, **mono)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    # a label above the first row, where the tick labels end
    ax.annotate(
        header,
        (0, 1),
        xytext=(-3.5, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontweight="bold",
        **mono,
    )
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(candidates.score_label)
    style.tidy(ax)
    return [bars, *style.draw_star(ax, scores[0], places[0])]


def table_lines(candidates: Candidates, rows: list[int]) -> list[str]:
    """Return header and rows of the parameters as aligned text, numbers right-aligned."""
    columns = {name: list(candidates.parameters[name].iloc[rows]) for name in candidates.parameters}
    if candidates.resources is not None:
        columns[str(candidates.resource)] = list(candidates.resources[rows])
    if not columns:
        columns["candidate"] = [row + 1 for row in rows]
    padded = []
    for name, values in columns.items():
        cells = [str(name), *(style.shorten(value, 22) for value in values)]
        width = max(map(len, cells))
        pad = str.rjust if is_numeric(values) else str.ljust
        padded.append([pad(cell, width) for cell in cells])
    return ["  ".join(line) for line in zip(*padded, strict=True)]
