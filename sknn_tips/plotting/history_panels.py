"""The panels of a training history, and their curves."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from sknn_tips._registry import OTHER_NAMES, unknown_option
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.metrics.metrics import known_metrics
from sknn_tips.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

# Columns of `history_` that are only plotted on request.
_ON_REQUEST = {"lr", "seconds"}
LOSS_SCALES = ("auto", "linear", "log")
# If a loss rises above this multiple of its initial value, the other losses would be
# indistinguishable from zero on a linear axis.
_EXPLODED = 100
_DASHES = (0, (4, 1.5))
# Labels of markers. matplotlib omits labels that start with an underscore from legends.
_BEST, _ENDED = "_best epoch", "_NaN or inf from here"
# Maximal number of characters in a line above a panel.
_LINE = 54


def choose_panels(frames: Iterable[pd.DataFrame], metrics: str | Sequence[str] | None) -> list[str]:
    """Return the columns to plot, without the ``val_`` ones: as requested, or the loss first."""
    recorded: dict[str, None] = {}
    for frame in frames:
        curves = [str(name) for name in frame if _is_curve(frame[name])]
        recorded |= dict.fromkeys(name.removeprefix("val_") for name in curves)
    if metrics is None:
        # skorch's callbacks record in columns named event_ whether they acted
        shown = [n for n in recorded if n not in _ON_REQUEST and not n.startswith("event_")]
        if not shown:
            raise ValueError("There is nothing to draw: the history holds no epochs. Fit first.")
        return sorted(shown, key=lambda name: name != "loss")
    chosen = [metrics] if isinstance(metrics, str) else list(metrics)
    for name in chosen:
        if name not in recorded:
            raise UnknownOptionError(
                f"{unknown_option(name, recorded, 'metrics')} Only these were recorded; more are"
                f" when the estimator is fitted with {_metrics_like(name, recorded)}."
            )
    return chosen


def _metrics_like(name: Any, recorded: Iterable[str]) -> str:
    """Return the value of `metrics` that would record a name, or the name most similar to it."""
    known = {*known_metrics("accuracy"), *known_metrics("r2")}
    figure = str(name).removeprefix("val_")
    meant = (figure, OTHER_NAMES.get(figure), *get_close_matches(figure, known, n=1))
    right = next((each for each in meant if each in known), None)
    return "them in metrics" if right in {None, *recorded} else f"metrics=[{right!r}]"


def is_logarithmic(frames: Iterable[pd.DataFrame], loss_scale: str) -> bool:
    """Return whether the loss axis is logarithmic."""
    if loss_scale not in LOSS_SCALES:
        raise UnknownOptionError(unknown_option(loss_scale, LOSS_SCALES, "loss_scale"))
    curves = [
        values[np.isfinite(values)]
        for frame in frames
        for values in (_values(frame, "loss"), _values(frame, "val_loss"))
        if np.isfinite(values).any()
    ]
    if not curves or loss_scale == "linear":
        return False
    lowest = min(values.min() for values in curves)
    if loss_scale == "log":
        if lowest <= 0:
            raise ValueError(
                f"loss_scale='log' needs losses above 0, and the smallest is {lowest:g}. Use"
                " loss_scale='linear'."
            )
        return True
    start = min(values[0] for values in curves)
    return bool(lowest > 0 and max(values.max() for values in curves) > _EXPLODED * start)


def draw_curves(
    ax: "Axes",
    column: str,
    name: str,
    frame: pd.DataFrame,
    color: Any,
    options: Mapping[str, Any],
) -> "list[Line2D]":
    """Draw the training curve (solid) and the validation curve (dashed), and return the lines."""
    has_twin = any(str(other).startswith("val_") for other in frame)
    options_of = {
        column: {"color": style.tint(color) if has_twin else color},
        f"val_{column}": {"color": color, "linestyle": _DASHES},
    }
    lines = []
    for key, look in options_of.items():
        values = _values(frame, key)
        if len(values):
            # a line through a single point is invisible
            dot = {"marker": "o"} if np.isfinite(values).sum() == 1 else {}
            shown = np.where(np.isfinite(values), values, np.nan)
            look = {"linewidth": style.LINE_WIDTH, "label": f"{name}: {key}", **look, **dot}
            lines += ax.plot(frame.index, shown, **{**look, **options})
            _mark_end(ax, frame.index, values, lines[-1].get_color())
    return lines


def _mark_end(ax: "Axes", epochs: pd.Index, values: NDArray, color: Any) -> None:
    """Mark the last finite value of a curve that ends in NaN or infinity with a cross."""
    numbers = np.flatnonzero(np.isfinite(values))
    if len(numbers) and not np.isfinite(values[-1]):
        place = (epochs[numbers[-1]], values[numbers[-1]])
        ax.plot(*place, color=color, label=_ENDED, **style.CROSS)


def mark_best(
    ax: "Axes",
    column: str,
    frame: pd.DataFrame,
    epoch: int | None,
    color: Any,
    *,
    by: str | None,
    alone: bool,
) -> None:
    """Mark the best epoch with a dot on the validation curve, or else on the training curve.

    Parameters
    ----------
    ax, column, frame
    epoch : int or None
    color : matplotlib color
    by : str or None
        The column that determined the best epoch, if it is known.
    alone : bool
        Whether to write the value above the panel as well.
    """
    key = f"val_{column}" if f"val_{column}" in frame else column
    if epoch is None or key not in frame or not np.isfinite(frame[key].get(epoch, np.nan)):
        return
    label = f"{_BEST} by {by}" if by else _BEST
    ax.plot(epoch, frame[key][epoch], color=color, label=label, **style.BEST)
    if alone:
        ax.axvline(epoch, color=color, linestyle=":", linewidth=1, zorder=0.5)
        text = _caption(key, f"{key} {frame[key][epoch]:.4g} at epoch {epoch}", by)
        ax.set_title(text, loc="right", fontsize="small", color=color)


def _caption(key: str, text: str, by: str | None) -> str:
    """Return the text above a panel: the value, and the column that determined the best epoch."""
    if by is None:
        return text
    reason = "the best" if by == key else f"the best by {by}"
    between = " " if len(text) + len(reason) < _LINE else "\n"
    return f"{text},{between}{reason}"


def label_panel(ax: "Axes", column: str, *, logarithmic: bool) -> None:
    """Label the axes, with whole numbers for the epochs."""
    from matplotlib.ticker import MaxNLocator

    if logarithmic:
        ax.set_yscale("log")
    ax.set_xlabel("epoch")
    ax.set_ylabel(f"{column} (log scale)" if ax.get_yscale() == "log" else column)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    style.tidy(ax)


def drawn_before(axes: "Iterable[Axes]", columns: Sequence[str]) -> dict[str, Any]:
    """Return names and colours of the fits that an earlier Display has drawn in these panels."""
    found: dict[str, Any] = {}
    for ax, column in zip(axes, columns, strict=True):
        for line in ax.lines:
            label = str(line.get_label())
            if label.endswith(f": val_{column}"):  # has the full colour, training a lighter tint
                found[label.removesuffix(f": val_{column}")] = line.get_color()
            elif label.endswith(f": {column}"):
                found.setdefault(label.removesuffix(f": {column}"), line.get_color())
    return found


def legend_handles(panels: "Sequence[tuple[Axes, str]]", colors: Mapping[str, Any]) -> list[Any]:
    """Return legend handles for the colours of several fits, and for what is drawn in the panels.

    Parameters
    ----------
    panels : sequence of (Axes, str)
        The panels, with their curves, and the column of each.
    colors : dict of str to matplotlib color
        The colours of all fits in the panels, by name.
    """
    from matplotlib.lines import Line2D

    several = len(colors) > 1
    handles: list[Any] = [
        Line2D([], [], color=color, linewidth=3, label=name)
        for name, color in colors.items()
        if several
    ]
    main = style.GREY if several else next(iter(colors.values()))
    training, validation = _drawn(panels, ""), _drawn(panels, "val_")
    thin: dict[str, Any] = {"linewidth": style.LINE_WIDTH}
    if training and (validation or not several):
        shade = style.tint(main) if several else training[0].get_color()
        handles.append(Line2D([], [], label="training", color=shade, **thin))
    if validation:
        dashed: dict[str, Any] = {"color": main, "linestyle": _DASHES, **thin}
        handles.append(Line2D([], [], label="validation", **dashed))
    labels = {str(line.get_label()) for ax, _ in panels for line in ax.lines}
    best = {label for label in labels if label.startswith(_BEST)}
    if best:
        text = (best.pop() if several and len(best) == 1 else _BEST).removeprefix("_")
        handles.append(Line2D([], [], color=main, linestyle="none", label=text, **style.BEST))
    if _ENDED in labels:
        handles.append(Line2D([], [], color=main, label=_ENDED.removeprefix("_"), **style.CROSS))
    return handles


def _drawn(panels: "Sequence[tuple[Axes, str]]", prefix: str) -> "list[Line2D]":
    """Return the training curves in the panels, or with the prefix ``val_`` the validation ones."""
    return [
        line
        for ax, column in panels
        for line in ax.lines
        if str(line.get_label()).endswith(f": {prefix}{column}")
    ]


def _is_curve(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _values(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return frame[column].to_numpy(float) if column in frame else np.empty(0)
