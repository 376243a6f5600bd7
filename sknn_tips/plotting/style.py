"""Common functions of the Displays: matplotlib, axes, legends and colours."""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips._registry import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

# Okabe & Ito (2008), "Color universal design", without the yellow, which is hard to see on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444")
GREY = "#6f7680"
# Its lightness changes uniformly, so it is readable with colour blindness and in greyscale. The
# light end, which is hard to see on white, is not used.
SEQUENTIAL = "viridis"
_FAINT = 0.9

LINE_WIDTH = 1.8
BEST: dict[str, Any] = {"marker": "o", "markersize": 8, "markeredgecolor": "white", "zorder": 5}
STAR: dict[str, Any] = {
    "marker": "*",
    "markersize": 17,
    "markeredgecolor": "white",
    "linestyle": "none",
    "color": PALETTE[1],
    "zorder": 6,
    "clip_on": False,
}
CROSS: dict[str, Any] = {"marker": "x", "markersize": 7, "markeredgewidth": 2, "linestyle": "none"}


def pyplot(caller: str) -> ModuleType:
    """Return ``matplotlib.pyplot``, or raise ImportError with the extra to install."""
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{caller} draws with matplotlib: pip install 'sknn_tips[plot]'."
        ) from error
    return plt


def colors(n: int, taken: Iterable[Any] = ()) -> list[Any]:
    """Return `n` colours of the palette, or of a colour map if the palette is too short.

    Parameters
    ----------
    n : int
    taken : iterable of matplotlib color, default=()
        Colours that are in the plot already, and are not returned.
    """
    from matplotlib.colors import to_hex

    used = {to_hex(color) for color in taken}
    free = [color for color in PALETTE if to_hex(color) not in used]
    if n > len(free):
        free = [color for color in shades(n + len(used)) if to_hex(color) not in used]
    return free[:n]


def shades(n: int) -> list[Any]:
    """Return `n` colours from dark to light, for ordered values."""
    from matplotlib import colormaps

    return list(colormaps[SEQUENTIAL](np.linspace(0, _FAINT, n)))


def tint(color: Any) -> Any:
    """Return a lighter tint of a colour."""
    from matplotlib.colors import to_rgb

    return tuple(0.5 + 0.5 * part for part in to_rgb(color))


def panels(
    ax: Any,
    titles: Sequence[str],
    caller: str,
    *,
    fewer: str = "choose fewer panels",
    size: tuple[float, float] = (4.6, 3.6),
    n_columns: int = 3,
    **options: Any,
) -> "tuple[Figure, NDArray[np.object_]]":
    """Return the figure and one Axes for each title.

    Parameters
    ----------
    ax : matplotlib Axes, array-like of them, or None
        None creates a figure.
    titles : sequence of str
        Names of the panels, for the error message.
    caller : str
        Name of the Display, for error messages.
    fewer : str, default="choose fewer panels"
        How to draw fewer panels, for the error message.
    size : (float, float), default=(4.6, 3.6)
        Width and height of a panel, in inches.
    n_columns : int, default=3
    **options
        Keyword arguments of ``pyplot.subplots``, such as ``sharex``.

    Returns
    -------
    figure : matplotlib Figure
    axes : ndarray of Axes, shape (n_titles,)

    Raises
    ------
    ValueError
        If the number of Axes in `ax` is not the number of titles.
    """
    plt = pyplot(caller)
    n = len(titles)
    if ax is None:
        columns = min(n, n_columns)
        rows = -(-n // columns)
        figure, grid = plt.subplots(
            rows,
            columns,
            squeeze=False,
            layout="constrained",
            figsize=(size[0] * columns, size[1] * rows),
            **options,
        )
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)
        for spare in grid.ravel()[n:]:
            spare.remove()
        return figure, grid.ravel()[:n]
    axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
    if len(axes) != n:
        raise ValueError(
            f"{caller} draws {n} panels ({', '.join(titles)}) and ax has {len(axes)} Axes. Pass"
            f" {n} of them, as plt.subplots(1, {n})[1], or ax=None, or {fewer}."
        )
    return axes[0].figure, axes


def tidy(ax: "Axes") -> None:
    """Remove the top and right spines, and add a light grid behind the data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="0.5", alpha=0.2, linewidth=0.8)
    ax.set_axisbelow(True)


def legend(
    figure: "Figure",
    axes: "Sequence[Axes] | NDArray[np.object_]",
    handles: Iterable[Any],
    *,
    own: bool,
    beside: bool = False,
    title: str | None = None,
) -> None:
    """Add a legend outside of the panels.

    Parameters
    ----------
    figure, axes
    handles : iterable of Artist
    own : bool
        Whether the Display has created the figure. In Axes of the user, the legend is placed
        inside, where it covers least.
    beside : bool, default=False
        Whether the legend is to the right of the panels, with one entry per line, instead of above
        them.
    title : str or None, default=None
    """
    shown = list(handles)
    options: dict[str, Any] = {"handles": shown, "title": title}
    if not shown:
        return
    if not own:
        axes[-1].legend(loc="best", fontsize="small", **options)
    elif beside:
        box = figure.legend(loc="outside right upper", frameon=False, **options)
        figure.set_figwidth(
            figure.get_figwidth() + _width(figure, box)
        )  # the panels keep their size
    else:
        row = {"ncols": len(shown), "loc": "outside upper center", "frameon": False}
        box = figure.legend(**row, **options)
        figure.set_figwidth(max(figure.get_figwidth(), _width(figure, box) + 0.3))


def one_a_label(handles: Iterable[Any]) -> list[Any]:
    """Return one handle for each label."""
    return list({handle.get_label(): handle for handle in handles}.values())


def _width(figure: "Figure", box: "Legend") -> float:
    """Return the width of a legend in inches."""
    return box.get_window_extent().width / figure.dpi


def draw_star(ax: "Axes", x: float, y: float) -> list[Any]:
    """Draw the marker of the best candidate."""
    return list(ax.plot(x, y, label="best", **STAR))


def shorten(value: Any, width: int = 26) -> str:
    """Return the value of a parameter as a short label, with three digits for floats."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return f"{value:.3g}"
    text = " ".join(name_of(value).split())
    text = text.removesuffix("()") or text  # keep "()", an empty tuple
    return text if len(text) <= width else text[: width - 1] + "…"
