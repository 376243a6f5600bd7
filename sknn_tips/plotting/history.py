"""Plot of the loss and metrics over the epochs, for one fit or several."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sknn_tips.estimators.plans import monitored
from sknn_tips.estimators.unwrapping import find_fitted, layers, networks_by_fold
from sknn_tips.metrics.monitor import TRAINING_LOSS
from sknn_tips.plotting import style
from sknn_tips.plotting.history_panels import (
    choose_panels,
    draw_curves,
    drawn_before,
    is_logarithmic,
    label_panel,
    legend_handles,
    mark_best,
)
from sknn_tips.plotting.naming import distinct, named, names_by_parameters
from sknn_tips.state.history import shown_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_CALLER = "TrainingHistoryDisplay"


class TrainingHistoryDisplay:
    """Training and validation curves of one estimator or several.

    Create it with :meth:`from_estimator` or :meth:`from_history`.

    Parameters
    ----------
    histories : dict of str to DataFrame
        The history of each fit, by name. There is one row per epoch, and the index is the number
        of the epoch; the columns are ``loss``, ``val_loss`` and the metrics, as in ``history_``.
    best_epochs : dict of str to int, default=None
        The epoch to mark, by the same names. Fits without an entry have no mark.
    monitors : dict of str to str, default=None
        The column that determined the best epoch, by the same names, which may be missing.

    Attributes
    ----------
    figure_ : matplotlib Figure
    axes_ : ndarray of matplotlib Axes, shape (n_panels,)
        One per metric, the loss first.
    lines_ : list of matplotlib Line2D
        The curves in the order of panels, estimators, and training before validation.

    See Also
    --------
    SearchDisplay : Plot of the results of a search.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.plotting import TrainingHistoryDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier(metrics=["accuracy"], max_iter=5, tol=None, random_state=0)
    >>> display = TrainingHistoryDisplay.from_estimator(net.fit(X, y))
    >>> [ax.get_ylabel() for ax in display.axes_]
    ['loss', 'accuracy']
    """

    def __init__(
        self,
        *,
        histories: Mapping[str, pd.DataFrame],
        best_epochs: Mapping[str, int] | None = None,
        monitors: Mapping[str, str] | None = None,
    ) -> None:
        self.histories = histories
        self.best_epochs = best_epochs
        self.monitors = monitors

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        names: str | Sequence[str] | None = None,
        metrics: str | Sequence[str] | None = None,
        loss_scale: str = "auto",
        curve_kwargs: dict[str, Any] | Sequence[dict[str, Any]] | None = None,
        ax: Any = None,
    ) -> Self:
        """Plot the history of a fitted estimator, or of several estimators together.

        Parameters
        ----------
        estimator : object, or list or dict of them
            A fitted MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or
            search that contains one. The keys of a dict are the names. Of a fold ensemble, such
            as that of `tabular_pipeline`, the network of each fold is drawn.
        names : str or list of str, default=None
            Names for the legend. If None, the keys of a dict, or the parameters in which the
            estimators differ, such as ``"learning_rate_init=0.1"``.
        metrics : str or list of str, default=None
            The panels: ``"loss"``, metrics that were recorded, ``"lr"`` or ``"seconds"``. None
            plots the loss and every metric.
        loss_scale : {"auto", "linear", "log"}, default="auto"
            The scale of the loss axis. "auto" is linear, or logarithmic if a loss rises above 100
            times its initial value.
        curve_kwargs : dict or list of dict, default=None
            Keyword arguments of ``Axes.plot``, for all curves or for those of each estimator.
            Training curves get a lighter tint of the ``color``.
        ax : matplotlib Axes or array-like of them, default=None
            One per panel. None creates a figure. Pass the `axes_` of an earlier display to add
            curves to it; names that are taken get a number.

        Returns
        -------
        display : TrainingHistoryDisplay

        Raises
        ------
        NotFittedError
            If an estimator is not fitted.
        TypeError
            If a model contains no MLPClassifier or MLPRegressor.
        ValueError
            If a metric was not recorded, or if `names` or `ax` have the wrong length.
        """
        if not isinstance(estimator, Mapping | list | tuple):
            estimator = networks_by_fold(layers(estimator)[-1]) or estimator
        models = list(estimator.values()) if isinstance(estimator, Mapping) else estimator
        models = models if isinstance(models, list | tuple) else [models]
        found = [find_fitted(model, f"{_CALLER}.from_estimator").estimator for model in models]
        default = list(estimator) if isinstance(estimator, Mapping) else names_by_parameters(found)
        by_name = named(found, names, default)
        return cls(
            histories={name: model.history_ for name, model in by_name.items()},
            best_epochs={name: model.best_epoch_ for name, model in by_name.items()},
            monitors={name: by for name, model in by_name.items() if (by := _monitor(model))},
        ).plot(ax, metrics=metrics, loss_scale=loss_scale, curve_kwargs=curve_kwargs)

    @classmethod
    def from_history(
        cls,
        history: Any,
        *,
        names: str | Sequence[str] | None = None,
        metrics: str | Sequence[str] | None = None,
        loss_scale: str = "auto",
        curve_kwargs: dict[str, Any] | Sequence[dict[str, Any]] | None = None,
        ax: Any = None,
    ) -> Self:
        """Plot histories from DataFrames. No best epoch is marked.

        Parameters
        ----------
        history : DataFrame, or list or dict of them
            ``history_`` of an estimator, or a similar DataFrame whose index is the number of the
            epoch.
        names, metrics, loss_scale, curve_kwargs, ax
            As in :meth:`from_estimator`. The default names of several histories are "fit 1",
            "fit 2" and so on.

        Returns
        -------
        display : TrainingHistoryDisplay

        Raises
        ------
        ValueError
            If a metric is missing, or if `names` or `ax` have the wrong length.
        """
        frames = list(history.values()) if isinstance(history, Mapping) else history
        frames = frames if isinstance(frames, list | tuple) else [frames]
        default = [f"fit {number}" for number in range(1, len(frames) + 1)]
        if isinstance(history, Mapping):
            default = list(history)
        elif len(frames) == 1:
            default = ["training history"]
        return cls(histories=named(frames, names, default)).plot(
            ax, metrics=metrics, loss_scale=loss_scale, curve_kwargs=curve_kwargs
        )

    def plot(
        self,
        ax: Any = None,
        *,
        metrics: str | Sequence[str] | None = None,
        loss_scale: str = "auto",
        curve_kwargs: dict[str, Any] | Sequence[dict[str, Any]] | None = None,
    ) -> Self:
        """Draw the plot.

        Parameters
        ----------
        ax, metrics, loss_scale, curve_kwargs
            As in :meth:`from_estimator`.

        Returns
        -------
        self : TrainingHistoryDisplay
        """
        columns = choose_panels(self.histories.values(), metrics)
        logarithmic = is_logarithmic(self.histories.values(), loss_scale)
        options = self._options(curve_kwargs)
        self.figure_, self.axes_ = style.panels(
            ax, columns, _CALLER, fewer=f"metrics={columns[0]!r} for one panel"
        )
        before = drawn_before(self.axes_, columns)
        shades = style.colors(len(self.histories), before.values())
        colors = [kwargs.pop("color", shade) for kwargs, shade in zip(options, shades, strict=True)]
        fits = dict(zip(distinct(self.histories, before), colors, strict=True))
        self.lines_: list[Line2D] = []
        for panel, column in zip(self.axes_, columns, strict=True):
            for (name, color), key, kwargs in zip(
                fits.items(), self.histories, options, strict=True
            ):
                self.lines_ += draw_curves(panel, column, name, self.histories[key], color, kwargs)
                self._mark_best(panel, column, key, color, alone=len({**before, **fits}) == 1)
            label_panel(panel, column, logarithmic=logarithmic and column == "loss")
        self._add_legend(columns, {**before, **fits}, new=ax is None, overlaid=bool(before))
        return self

    def _mark_best(self, panel: Any, column: str, key: str, color: Any, *, alone: bool) -> None:
        epoch, by = (self.best_epochs or {}).get(key), (self.monitors or {}).get(key)
        mark_best(panel, column, self.histories[key], epoch, color, by=by, alone=alone)

    def _add_legend(
        self, columns: list[str], colors: Mapping[str, Any], *, new: bool, overlaid: bool
    ) -> None:
        """Add a legend for all fits; it replaces the legend of an earlier display."""
        panels = list(zip(self.axes_, columns, strict=True))
        in_figure = overlaid and self.figure_.legends and self.axes_[-1].get_legend() is None
        if in_figure:
            self.figure_.legends[-1].remove()
        several = len(colors) > 1
        title = None if several else next(iter(colors))
        if new or in_figure:
            look: dict[str, Any] = {"beside": new and several, "title": title, "own": True}
            style.legend(self.figure_, self.axes_, legend_handles(panels, colors), **look)
            return
        # of panels with the same entries, the last has the legend
        by_entries = {}
        for panel in panels:
            handles = legend_handles([panel], colors)
            by_entries[tuple(handle.get_label() for handle in handles)] = panel[0], handles
            if overlaid and (former := panel[0].get_legend()):
                former.remove()
        for axes, handles in by_entries.values():
            style.legend(self.figure_, [axes], handles, own=False, title=title)

    def _options(self, curve_kwargs: Any) -> list[dict[str, Any]]:
        n = len(self.histories)
        if curve_kwargs is None or isinstance(curve_kwargs, Mapping):
            return [dict(curve_kwargs or {}) for _ in range(n)]
        if len(curve_kwargs) != n:
            raise ValueError(
                f"curve_kwargs has {len(curve_kwargs)} dicts for {n} estimators. Pass one for"
                " each, or a single dict for all."
            )
        return [dict(kwargs) for kwargs in curve_kwargs]


def picture_of(estimator: Any) -> "Figure":
    """Return a figure that no window shows, which any thread may draw."""
    from matplotlib.figure import Figure

    n_panels = len(choose_panels([estimator.history_], None))
    figure = Figure(figsize=(4.6 * n_panels, 3.6), layout="constrained")
    axes = figure.subplots(1, n_panels, squeeze=False)[0]
    TrainingHistoryDisplay.from_estimator(estimator, ax=axes)
    return figure


def _monitor(model: Any) -> str | None:
    """Return the column of `history_` that determined the best epoch, or None if not known."""
    if not hasattr(model, "loss_curve_"):  # lbfgs; its best epoch is always the last
        return None
    try:
        watched = TRAINING_LOSS if model.net_.partial_epochs else monitored(model, validated=True)
    except ValueError:  # the parameters were changed after fit
        return None
    name = shown_name(watched.column)
    return name if name in model.history_ else None
