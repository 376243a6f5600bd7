"""The panels of a training history: which there are, and the curves in each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from sknn_tips._registry import unknown_option
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

# Columns of `history_` that are drawn when asked for only.
_ON_REQUEST = {"lr", "seconds"}
LOSS_SCALES = ("auto", "linear", "log")
# A loss this many times its start has exploded: on a linear axis all others would lie at zero.
_EXPLODED = 100
_DASHES = (0, (4, 1.5))


def choose_panels(frames: Iterable[pd.DataFrame], metrics: str | Sequence[str] | None) -> list[str]:
    """Return the columns to draw, each with its ``val_`` twin: the loss first, or as asked."""
    recorded: dict[str, None] = {}
    for frame in frames:
        curves = [str(name) for name in frame if _is_curve(frame[name])]
        recorded |= dict.fromkeys(name.removeprefix("val_") for name in curves)
    if metrics is None:
        # skorch's callbacks write columns named event_ to say that they acted
        shown = [n for n in recorded if n not in _ON_REQUEST and not n.startswith("event_")]
        if not shown:
            raise ValueError("There is nothing to draw: the history holds no epochs. Fit first.")
        return sorted(shown, key=lambda name: name != "loss")
    chosen = [metrics] if isinstance(metrics, str) else list(metrics)
    for name in chosen:
        if name not in recorded:
            raise UnknownOptionError(
                f"{unknown_option(name, recorded, 'metrics')} Only these were recorded; more are"
                f" when the estimator is fitted with metrics=[{name!r}]."
            )
    return chosen


def is_logarithmic(frames: Iterable[pd.DataFrame], loss_scale: str) -> bool:
    """Return whether the loss gets a logarithmic axis."""
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
    """Draw training, solid, and validation, dashed; return the lines there are."""
    has_twin = any(str(other).startswith("val_") for other in frame)
    looks = {
        column: {"color": style.tint(color) if has_twin else color},
        f"val_{column}": {"color": color, "linestyle": _DASHES},
    }
    lines = []
    for key, look in looks.items():
        values = _values(frame, key)
        if len(values):
            # a line through a single point is not seen
            dot = {"marker": "o"} if np.isfinite(values).sum() == 1 else {}
            shown = np.where(np.isfinite(values), values, np.nan)
            look = {"linewidth": style.LINE_WIDTH, "label": f"{name}: {key}", **look, **dot}
            lines += ax.plot(frame.index, shown, **{**look, **options})
            _mark_end(ax, frame.index, values, lines[-1].get_color())
    return lines


def _mark_end(ax: "Axes", epochs: pd.Index, values: NDArray, color: Any) -> None:
    """Cross the last number of a curve that ends in NaN or infinity."""
    numbers = np.flatnonzero(np.isfinite(values))
    if len(numbers) and not np.isfinite(values[-1]):
        ax.plot(epochs[numbers[-1]], values[numbers[-1]], color=color, **style.CROSS)


def mark_best(
    ax: "Axes", column: str, frame: pd.DataFrame, epoch: int | None, color: Any, *, alone: bool
) -> None:
    """Put a dot on the validation curve, or that of training, where the best epoch is.

    Parameters
    ----------
    ax, column, frame
    epoch : int or None
    color : matplotlib color
    alone : bool
        Whether the value is written above the panel, too.
    """
    key = f"val_{column}" if f"val_{column}" in frame else column
    if epoch is None or key not in frame or not np.isfinite(frame[key].get(epoch, np.nan)):
        return
    ax.plot(epoch, frame[key][epoch], color=color, **style.BEST)
    if alone:
        ax.axvline(epoch, color=color, linestyle=":", linewidth=1, zorder=0.5)
        text = f"{key} {frame[key][epoch]:.4g} at epoch {epoch}"
        ax.set_title(text, loc="right", fontsize="small", color=color)


def label_panel(ax: "Axes", column: str, *, logarithmic: bool) -> None:
    """Name the axes; epochs are whole numbers."""
    from matplotlib.ticker import MaxNLocator

    if logarithmic:
        ax.set_yscale("log")
    ax.set_xlabel("epoch")
    ax.set_ylabel(f"{column} (log scale)" if logarithmic else column)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    style.tidy(ax)


def legend_handles(
    frames: Mapping[str, pd.DataFrame], colors: Sequence[Any], *, best: bool
) -> list[Any]:
    """Return what explains the colours, where there are several, and the kinds of line."""
    from matplotlib.lines import Line2D

    several = len(frames) > 1
    names = zip(frames, colors, strict=True) if several else ()
    handles: list[Any] = [
        Line2D([], [], color=color, linewidth=3, label=name) for name, color in names
    ]
    main = style.GREY if several else colors[0]
    twins = any(str(column).startswith("val_") for frame in frames.values() for column in frame)
    ended = [not np.isfinite(_values(frame, "loss")[-1:]).all() for frame in frames.values()]
    if twins:
        faint: dict[str, Any] = {"color": style.tint(main), "linewidth": style.LINE_WIDTH}
        handles.append(Line2D([], [], label="training", **faint))
        dashed: dict[str, Any] = {
            "color": main,
            "linestyle": _DASHES,
            "linewidth": style.LINE_WIDTH,
        }
        handles.append(Line2D([], [], label="validation", **dashed))
    elif not several:
        handles.append(Line2D([], [], label="training", color=main, linewidth=style.LINE_WIDTH))
    if best:
        handles.append(
            Line2D([], [], color=main, linestyle="none", label="best epoch", **style.BEST)
        )
    if any(ended):
        handles.append(Line2D([], [], color=main, label="NaN or inf from here", **style.CROSS))
    return handles


def _is_curve(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _values(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return frame[column].to_numpy(float) if column in frame else np.empty(0)
