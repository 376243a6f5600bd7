"""Plot of a search over two parameters, with the score as a colour."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips.plotting import style
from sknn_tips.plotting.candidates import Candidates
from sknn_tips.plotting.parameter_axis import ParameterAxis, slant_if_long

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Minimal width and height in inches of a cell that shows its numbers.
_CELL = (0.42, 0.36)


def draw_map(ax: "Axes", candidates: Candidates, names: list[str]) -> list[Any]:
    """Draw the score of two parameters as a colour, as a table for a grid and else as points.

    Return the handles for the legend. A table has none; its best cell is framed.
    """
    x, y = _axes(candidates, names)
    if table_shape(candidates, names) is None:
        return _draw_points(ax, candidates, x, y)
    _draw_table(ax, candidates, x, y)
    return []


def table_shape(candidates: Candidates, names: list[str]) -> tuple[int, int] | None:
    """Return the numbers of columns and rows, or None if most cells would be empty."""
    x, y = _axes(candidates, names)
    n_columns, n_rows = len(x.levels), len(y.levels)
    is_filled = n_columns * n_rows <= 2 * candidates.last_rounds.sum()
    return (n_columns, n_rows) if is_filled or not (x.numeric or y.numeric) else None


def _axes(candidates: Candidates, names: list[str]) -> tuple[ParameterAxis, ParameterAxis]:
    x, y = (ParameterAxis(name, list(candidates.parameters[name])) for name in names)
    return x, y


def _draw_points(
    ax: "Axes", candidates: Candidates, x: ParameterAxis, y: ParameterAxis
) -> list[Any]:
    rows = candidates.last_rounds
    points = ax.scatter(
        x.positions[rows],
        y.positions[rows],
        s=60,
        c=candidates.scores[rows],
        cmap=_colormap(candidates),
        edgecolors="white",
        zorder=3,
    )
    failed = candidates.failed
    handles: list[Any] = []
    if failed.any():
        gone: dict[str, Any] = {**style.CROSS, "color": style.GREY, "label": "failed"}
        handles += ax.plot(x.positions[failed], y.positions[failed], **gone)
    handles += style.draw_star(ax, x.positions[candidates.best], y.positions[candidates.best])
    x.set(ax, "x")
    y.set(ax, "y")
    style.tidy(ax)
    ax.figure.colorbar(points, ax=ax, label=candidates.score_label)
    return handles


def _draw_table(ax: "Axes", candidates: Candidates, x: ParameterAxis, y: ParameterAxis) -> None:
    table = np.full((len(y.levels), len(x.levels)), -1)
    for row in candidates.order[::-1]:  # the best candidate of a cell is last, and is kept
        if candidates.last_rounds[row]:
            table[y.codes[row], x.codes[row]] = row
    scores = np.where(table >= 0, candidates.scores[table], np.nan)
    mesh = ax.pcolormesh(scores, cmap=_colormap(candidates), edgecolors="white", linewidth=2)
    ax.set_xticks(np.arange(len(x.levels)) + 0.5, x.labels)
    ax.set_yticks(np.arange(len(y.levels)) + 0.5, y.labels)
    slant_if_long(ax, x.labels)
    ax.set(xlabel=x.name, ylabel=y.name)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(mesh, ax=ax, label=candidates.score_label)
    _write_cells(ax, candidates, table, mesh)
    _frame_best(ax, table, candidates.best)


def _write_cells(ax: "Axes", candidates: Candidates, table: NDArray, mesh: Any) -> None:
    """Write score and standard deviation into the cells, in black or white for contrast."""
    box = ax.get_window_extent()
    room = np.array([box.width, box.height]) / ax.figure.dpi / table.shape[::-1]
    for (i, j), row in np.ndenumerate(table):
        place: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": "small"}
        if row >= 0 and candidates.failed[row]:
            ax.text(j + 0.5, i + 0.5, "failed", color=style.GREY, **place)
        elif row >= 0 and (room > _CELL).all():
            red, green, blue, _ = mesh.to_rgba(candidates.scores[row])
            is_light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            text = "\n±".join(_same_decimals(candidates, row))
            ax.text(j + 0.5, i + 0.5, text, color="black" if is_light else "white", **place)


def _same_decimals(candidates: Candidates, row: int) -> tuple[str, str]:
    """Return score and standard deviation of a row, with the same decimals for all rows."""
    largest = np.nanmax(np.abs(candidates.scores)) or 1.0
    decimals = max(1, 2 - int(np.floor(np.log10(largest))))
    form = f".{decimals}f" if largest < 1e4 else ".3g"
    return f"{candidates.scores[row]:{form}}", f"{candidates.spreads[row]:{form}}"


def _frame_best(ax: "Axes", table: NDArray, best: int) -> None:
    from matplotlib.patches import Rectangle

    (i, j), *_ = np.argwhere(table == best)
    frame = Rectangle((j, i), 1, 1, fill=False, edgecolor=style.PALETTE[1], linewidth=3, zorder=4)
    frame.set_clip_on(False)
    ax.add_patch(frame)


def _colormap(candidates: Candidates) -> str:
    return f"{style.SEQUENTIAL}_r" if candidates.lower_is_better else style.SEQUENTIAL
