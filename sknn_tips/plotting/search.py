"""Plot of the results of a hyperparameter search."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Self

import numpy as np

from sknn_tips.plotting import style
from sknn_tips.plotting.candidates import Candidates, choose_parameters, read_candidates
from sknn_tips.plotting.search_curve import draw_curve
from sknn_tips.plotting.search_map import draw_map, table_shape
from sknn_tips.plotting.search_ranking import draw_ranking, table_lines

_CALLER = "SearchDisplay"
# Width in inches of a character in the rows of a ranking, and the number of rows and columns of a
# table up to which the figure grows.
_LETTER = 0.072
_MOST_CELLS = 15
# Maximal number of characters in a line above the panel.
_LINE = 60


class SearchDisplay:
    """Plot of the results of a hyperparameter search.

    One parameter is plotted as the score over its values, with the standard deviation over the
    folds; two parameters as a table of colours; more parameters as a ranking of the best
    candidates.

    Create it with :meth:`from_estimator`.

    Parameters
    ----------
    candidates : Candidates
        The candidates: `parameters`, a DataFrame with one row per candidate, their `scores` and
        `spreads`, the index of the `best`, and the `score_name`.

    Attributes
    ----------
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes

    See Also
    --------
    TrainingHistoryDisplay : Plot of the loss and metrics over the epochs.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.plotting import SearchDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier(max_iter=5, tol=None, random_state=0)
    >>> search = GridSearchCV(net, {"learning_rate_init": [0.001, 0.01, 0.1]}, cv=3)
    >>> SearchDisplay.from_estimator(search.fit(X, y)).ax_.get_xscale()
    'log'
    """

    def __init__(self, *, candidates: Candidates) -> None:
        self.candidates = candidates

    @classmethod
    def from_estimator(
        cls,
        search: Any,
        *,
        params: str | Sequence[str] | None = None,
        metric: str | None = None,
        n_best: int = 15,
        ax: Any = None,
    ) -> Self:
        """Plot the results of a fitted search.

        Parameters
        ----------
        search : GridSearchCV, RandomizedSearchCV, or a halving search
            A fitted search over any estimator. Parameters with a single value are not shown.
        params : str or list of str, default=None
            One or two parameters to plot. The last part of the name is enough, such as ``"alpha"``
            for ``"mlpclassifier__alpha"``. If None, all varied parameters are plotted if there are
            one or two, and the candidates are ranked otherwise.
        metric : str, default=None
            The metric to plot, for a search with several. None is the one of `refit`.
        n_best : int, default=15
            Number of candidates in a ranking.
        ax : matplotlib Axes, default=None
            None creates a figure.

        Returns
        -------
        display : SearchDisplay

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        TypeError
            If `search` is not a search.
        ValueError
            If a parameter was not varied, if a metric is unknown, or if all candidates failed.
        """
        candidates = read_candidates(search, metric, f"{_CALLER}.from_estimator")
        return cls(candidates=candidates).plot(ax, params=params, n_best=n_best)

    def plot(
        self,
        ax: Any = None,
        *,
        params: str | Sequence[str] | None = None,
        n_best: int = 15,
    ) -> Self:
        """Draw the plot.

        Parameters
        ----------
        ax, params, n_best
            As in :meth:`from_estimator`.

        Returns
        -------
        self : SearchDisplay
        """
        if n_best < 1:
            raise ValueError(f"n_best={n_best!r} must be at least 1.")
        names = choose_parameters(self.candidates, params)
        rows = self.candidates.ranked[: None if names else n_best]
        size = self._size(names, rows)
        self.figure_, axes = style.panels(ax, ["the search"], _CALLER, size=size)
        self.ax_ = axes[0]
        if len(names) == 1:
            handles = draw_curve(self.ax_, self.candidates, names[0])
        elif names:
            handles = draw_map(self.ax_, self.candidates, names)
        else:
            handles = draw_ranking(self.ax_, self.candidates, rows)
        text = self._note(names, len(rows))
        self.ax_.set_title(text, loc="right", fontsize="small", color=style.GREY)
        style.legend(self.figure_, axes, handles, own=ax is None)
        return self

    def _size(self, names: list[str], rows: list[int]) -> tuple[float, float]:
        """Return width and height in inches, large enough for the cells or the rows of text."""
        if not names:
            text = table_lines(self.candidates, rows)[0]
            return 4.4 + _LETTER * len(text), 1.2 + 0.24 * len(rows)
        table = table_shape(self.candidates, names) if len(names) == 2 else None
        if table is None:
            return 5.6, 3.9
        columns, lines = (min(n, _MOST_CELLS) for n in table)
        return max(5.6, 2 + 0.65 * columns), max(3.9, 1.2 + 0.5 * lines)

    def _note(self, names: list[str], n_shown: int) -> str:
        """Return a note on candidates that are not shown, or that failed."""
        notes = []
        n_ranked = len(self.candidates.ranked)
        if n_shown < n_ranked:
            notes.append(f"the best {n_shown} of {n_ranked} candidates")
        if self.candidates.resource and len(names) != 1:
            notes.append(f"each candidate with its last {self.candidates.resource}")
        if names and len(names) < len(self.candidates.parameters.columns):
            notes.append("other parameters vary too")
        if len(names) == 2 and table_shape(self.candidates, names) is not None:
            notes.append("the best is framed")
        rows = np.flatnonzero(self.candidates.failed)
        failed = [self.candidates.describe(int(row)) for row in rows]
        if failed:
            more = f" and {len(failed) - 2} more" if len(failed) > 2 else ""
            notes.append(f"failed: {'; '.join(failed[:2])}{more}")
        return "\n".join(line for text in notes for line in wrap(text, _LINE))
