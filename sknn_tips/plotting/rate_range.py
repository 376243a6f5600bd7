"""Plot of a learning-rate range test: the loss over the learning rate."""

import math
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sknn_tips.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_CALLER = "LearningRateRangeDisplay"
# If the loss explodes, the axis ends at this multiple of the first smoothed loss.
_TOP = 1.5


class LearningRateRangeDisplay:
    """The loss of a learning-rate range test, and the suggested rate.

    Create it with :func:`~sknn_tips.learning_rate_range`.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per update, numbered from 1, with the ``learning_rate``, the ``loss`` of the batch
        before the update (penalties included), and the ``smoothed_loss``.
    suggested_rate : float
        NaN if the loss did not fall.

    Attributes
    ----------
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes
    lines_ : list of matplotlib Line2D
        The loss of each batch, the smoothed loss, and the suggested rate if there is one.

    See Also
    --------
    TrainingHistoryDisplay : Plot of the loss and metrics over the epochs.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tips import MLPClassifier, learning_rate_range
    >>> X, y = load_iris(return_X_y=True)
    >>> found = learning_rate_range(MLPClassifier(random_state=0), X, y)
    >>> found
    LearningRateRangeDisplay(suggested_rate=0.0...)
    >>> found.plot().ax_.get_xscale()
    'log'
    """

    def __init__(self, *, table: pd.DataFrame, suggested_rate: float) -> None:
        self.table = table
        self.suggested_rate = suggested_rate

    def __repr__(self) -> str:
        return f"{type(self).__name__}(suggested_rate={self.suggested_rate:g})"

    def plot(
        self,
        ax: Any = None,
        *,
        name: str | None = None,
        curve_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the plot.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None creates a figure. Pass the `ax_` of an earlier display to add this test to it.
        name : str, default=None
            Name of the test for the legend.
        curve_kwargs : dict, default=None
            Keyword arguments of ``Axes.plot`` for the smoothed loss. A ``color`` applies to all
            lines.

        Returns
        -------
        self : LearningRateRangeDisplay
        """
        self.figure_, (self.ax_,) = style.panels(ax, ["loss"], _CALLER, size=(6.4, 4.0))
        taken = [line.get_color() for line in self.ax_.lines]
        options = {"color": style.colors(1, taken)[0], **(curve_kwargs or {})}
        limits = _limits(self.ax_, self.table)
        self.lines_: list[Line2D] = self._draw(options, f"{name}: " if name else "")
        self.ax_.set(
            xscale="log", ylim=limits, xlabel="learning rate (log scale)", ylabel="training loss"
        )
        style.tidy(self.ax_)
        style.legend(self.figure_, [self.ax_], self.ax_.lines, own=False)
        return self

    def _draw(self, options: dict[str, Any], prefix: str) -> "list[Line2D]":
        ax, rates, color = self.ax_, self.table["learning_rate"], options["color"]
        faint = {"color": style.tint(color), "linewidth": 1, "label": f"{prefix}loss of a batch"}
        look = {"linewidth": style.LINE_WIDTH, "label": f"{prefix}smoothed", **options}
        lines = ax.plot(rates, self.table["loss"], **faint)
        lines += ax.plot(rates, self.table["smoothed_loss"], **look)
        if math.isnan(self.suggested_rate):
            return lines
        label = f"{prefix}suggested, {self.suggested_rate:g}"
        lines.append(ax.axvline(self.suggested_rate, color=color, linestyle=":", label=label))
        return lines


def _limits(ax: "Axes", table: pd.DataFrame) -> tuple[float, float] | None:
    """Return the limits of the loss axis, which include those of an earlier display."""
    if table.empty:
        return None
    losses = table["loss"]
    low, high = losses.min(), min(losses.max(), _TOP * table["smoothed_loss"].iloc[0])
    margin = 0.05 * (high - low) or 1.0
    low, high = low - margin, high + margin
    if ax.lines:
        below, above = ax.get_ylim()
        low, high = min(low, below), max(high, above)
    return float(low), float(high)
