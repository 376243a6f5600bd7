"""A picture of training: loss and metrics over the epochs, of one fit or of several."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sknn_tips.estimators.finding import find_fitted
from sknn_tips.estimators.plans import monitored
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
    from matplotlib.lines import Line2D

_CALLER = "TrainingHistoryDisplay"


class TrainingHistoryDisplay:
    """Loss and metrics over the epochs, training and validation of one estimator or of several.

    Make it by :meth:`from_estimator` or :meth:`from_history`.

    Parameters
    ----------
    histories : dict of str to DataFrame
        By name. Rows are epochs, the index counts them; columns are ``loss``, ``val_loss`` and
        the metrics, as in ``history_``.
    best_epochs : dict of str to int, default=None
        The epoch to mark, by the same names; names may be missing.
    monitors : dict of str to str, default=None
        The column by which that epoch is the best, by the same names; names may be missing.

    Attributes
    ----------
    figure_ : matplotlib Figure
    axes_ : ndarray of matplotlib Axes, shape (n_panels,)
        One a metric, the loss first.
    lines_ : list of matplotlib Line2D
        The curves, panel by panel: training, then validation, of one estimator after the other.

    See Also
    --------
    SearchDisplay : A search at a glance.

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
        """Draw the history of a fitted estimator, or of several into one picture.

        Parameters
        ----------
        estimator : object, or list or dict of them
            A fitted MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or
            search with one in it. A dict names them.
        names : str or list of str, default=None
            For the legend. None takes the keys of a dict, or the parameters in which several
            estimators differ, such as ``"learning_rate_init=0.1"``.
        metrics : str or list of str, default=None
            The panels: ``"loss"``, metrics that were recorded, ``"lr"`` or ``"seconds"``. None
            draws the loss and every metric.
        loss_scale : {"auto", "linear", "log"}, default="auto"
            Of the loss. "auto" is linear, but logarithmic where a loss rises above 100 times
            its start.
        curve_kwargs : dict or list of dict, default=None
            Keywords of ``Axes.plot``, for all curves or for those of each estimator; training
            gets a lighter tint of its ``color``.
        ax : matplotlib Axes or array-like of them, default=None
            One a panel. None makes a figure. The `axes_` of an earlier display put its fits and
            these into one picture, where a name that is taken gets a number.

        Returns
        -------
        display : TrainingHistoryDisplay

        Raises
        ------
        NotFittedError
            When an estimator is not fitted.
        TypeError
            When there is no estimator of sknn_tips.
        ValueError
            When a metric was not recorded, or `names` or `ax` do not fit.
        """
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
        """Draw histories that were kept as frames; no best epoch is marked.

        Parameters
        ----------
        history : DataFrame, or list or dict of them
            ``history_`` of an estimator, or one like it: the index counts the epochs.
        names, metrics, loss_scale, curve_kwargs, ax
            As in :meth:`from_estimator`; several are named "fit 1", "fit 2" and so on.

        Returns
        -------
        display : TrainingHistoryDisplay

        Raises
        ------
        ValueError
            When a metric is not there, or `names` or `ax` do not fit.
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
        """Draw.

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
        self.figure_, self.axes_ = style.panels(ax, columns, _CALLER)
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
        self._add_legend({**before, **fits}, new=ax is None, overlaid=bool(before))
        return self

    def _mark_best(self, panel: Any, column: str, key: str, color: Any, *, alone: bool) -> None:
        epoch, by = (self.best_epochs or {}).get(key), (self.monitors or {}).get(key)
        mark_best(panel, column, self.histories[key], epoch, color, by=by, alone=alone)

    def _add_legend(self, colors: Mapping[str, Any], *, new: bool, overlaid: bool) -> None:
        """Explain all fits in the panels; an earlier display's legend gives way."""
        in_figure = overlaid and self.figure_.legends and self.axes_[-1].get_legend() is None
        if in_figure:
            self.figure_.legends[-1].remove()
        validated = any(
            str(column).startswith("val_") for frame in self.histories.values() for column in frame
        )
        handles = legend_handles(self.axes_, colors, validated=validated)
        several = len(colors) > 1
        title = None if several else next(iter(colors))
        look: dict[str, Any] = {"own": new or in_figure, "beside": new and several, "title": title}
        style.legend(self.figure_, self.axes_, handles, **look)

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


def _monitor(model: Any) -> str | None:
    """Return the column of `history_` by which the best epoch is the best, where it is known."""
    if not hasattr(model, "loss_curve_"):  # of lbfgs, whose best epoch is the last
        return None
    try:
        watched = TRAINING_LOSS if model.net_.partial_epochs else monitored(model, validated=True)
    except ValueError:  # the parameters were changed since
        return None
    name = shown_name(watched.column)
    return name if name in model.history_ else None
