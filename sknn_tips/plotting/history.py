"""A picture of training: loss and metrics over the epochs, of one fit or of several."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sknn_tips.estimators.finding import find_fitted
from sknn_tips.plotting import style
from sknn_tips.plotting.history_panels import (
    choose_panels,
    draw_curves,
    is_logarithmic,
    label_panel,
    legend_handles,
    mark_best,
)
from sknn_tips.plotting.naming import named, names_by_parameters

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
    ) -> None:
        self.histories = histories
        self.best_epochs = best_epochs

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
            One a panel. None makes a figure.

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
        best = self.best_epochs or {}
        shades = style.colors(len(self.histories))
        colors = [kwargs.pop("color", shade) for kwargs, shade in zip(options, shades, strict=True)]
        self.figure_, self.axes_ = style.panels(ax, columns, _CALLER)
        self.lines_: list[Line2D] = []
        for panel, column in zip(self.axes_, columns, strict=True):
            curves = zip(self.histories.items(), colors, options, strict=True)
            for (name, frame), color, kwargs in curves:
                self.lines_ += draw_curves(panel, column, name, frame, color, kwargs)
                alone = len(self.histories) == 1
                mark_best(panel, column, frame, best.get(name), color, alone=alone)
            label_panel(panel, column, logarithmic=logarithmic and column == "loss")
        self._add_legend(colors, own=ax is None)
        return self

    def _add_legend(self, colors: list[Any], *, own: bool) -> None:
        handles = legend_handles(self.histories, colors, best=bool(self.best_epochs))
        several = len(self.histories) > 1
        title = None if several else next(iter(self.histories))
        axes = (self.figure_, self.axes_)
        style.legend(*axes, handles, own=own, beside=several, title=title)

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
