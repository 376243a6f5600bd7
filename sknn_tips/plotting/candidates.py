"""The varied parameters and the scores of the candidates of a search, read from `cv_results_`."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from sknn_tips._registry import lookup
from sknn_tips.plotting.style import shorten

# The value for candidates that do not have the parameter, which occurs with a list of grids.
ABSENT = "-"


@dataclass(frozen=True)
class Candidates:
    """The candidates of a search.

    Attributes
    ----------
    parameters : DataFrame of shape (n_candidates, n_parameters)
        The parameters that were varied. The name of a column is the last part of the parameter's
        name if that is unique, such as ``alpha`` for ``mlpclassifier__alpha``.
    scores : ndarray of shape (n_candidates,)
        The mean over the folds; NaN if a fit failed. Scores whose name begins with ``neg_`` are
        stored as positive errors, and the name without ``neg_``.
    spreads : ndarray of shape (n_candidates,)
        The standard deviation over the folds.
    best : int
        Index of the row of the best candidate.
    score_name : str
    lower_is_better : bool
        Whether the scores are errors.
    n_folds : int
    resource : str or None
        The resource of a halving search, such as ``"n_samples"``.
    resources : ndarray of shape (n_candidates,) or None
        The amount of the resource. A candidate has one row for each iteration that it was in.
    """

    parameters: pd.DataFrame
    scores: NDArray[np.float64]
    spreads: NDArray[np.float64]
    best: int
    score_name: str
    lower_is_better: bool
    n_folds: int
    resource: str | None = None
    resources: NDArray[Any] | None = None

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Mask of the candidates without a score."""
        return np.isnan(self.scores)

    @property
    def order(self) -> NDArray[np.intp]:
        """Rows from best to worst, failed ones last; of halving, the last iteration first."""
        errors = self.scores if self.lower_is_better else -self.scores
        first = np.zeros(len(errors)) if self.resources is None else -self.resources
        order = np.lexsort((errors, first, self.failed))
        # among equal candidates, the one chosen by the search is first
        return np.r_[self.best, order[order != self.best]]

    @property
    def ranked(self) -> list[int]:
        """Rows with a score from best to worst, one for each candidate."""
        shown = self.last_rounds & ~self.failed
        return [int(row) for row in self.order if shown[row]]

    @property
    def last_rounds(self) -> NDArray[np.bool_]:
        """Mask of the last row of each candidate; only a halving search has other rows."""
        if self.resources is None:
            return np.ones(len(self.scores), dtype=bool)
        texts = pd.Series([repr(row) for row in self.parameters.to_numpy().tolist()])
        return ~texts.duplicated(keep="last").to_numpy()

    @property
    def score_label(self) -> str:
        """The axis label of the scores."""
        return self.score_name + "\n(lower is better)" * self.lower_is_better

    @property
    def spread_label(self) -> str:
        """The legend label of points with error bars."""
        return f"mean ± std of {self.n_folds} fold{'s' * (self.n_folds != 1)}"

    def describe(self, row: int) -> str:
        """Return the parameters of a candidate as text."""
        items = self.parameters.iloc[row].items()
        return ", ".join(f"{name}={shorten(value)}" for name, value in items)


def read_candidates(search: Any, metric: str | None, caller: str) -> Candidates:
    """Return the candidates of a fitted search.

    Parameters
    ----------
    search : GridSearchCV, RandomizedSearchCV or another search with the same ``cv_results_``
    metric : str or None
        The metric to read if the search has several.
    caller : str
        Name of the Display method, for error messages.

    Raises
    ------
    TypeError, NotFittedError, UnknownOptionError, ValueError
    """
    _check_search(search, caller)
    results = search.cv_results_
    key = _metric_key(results, search, metric)
    scores = np.asarray(results[f"mean_test_{key}"], dtype=float)
    if np.isnan(scores).all():
        raise ValueError(
            f"All {len(scores)} candidates failed: their {key} is NaN. Fit with"
            " error_score='raise' to see why."
        )
    scoring = getattr(search, "scoring", None)
    name = scoring if key == "score" and isinstance(scoring, str) else key
    is_error = name.startswith("neg_")
    resource = getattr(search, "resource", None) if "n_resources" in results else None
    return Candidates(
        parameters=_varied(results),
        scores=-scores if is_error else scores,
        spreads=np.asarray(results[f"std_test_{key}"], dtype=float),
        best=_best(results, search, key),
        score_name=name.removeprefix("neg_"),
        lower_is_better=is_error,
        n_folds=sum(f"split{i}_test_{key}" in results for i in range(len(results))),
        resource=resource,
        resources=np.asarray(results["n_resources"]) if resource else None,
    )


def _check_search(search: Any, caller: str) -> None:
    if not hasattr(search, "cv_results_"):
        if not hasattr(search, "estimator") or not hasattr(search, "fit"):
            raise TypeError(
                f"{caller} got {type(search).__name__}. It takes a fitted GridSearchCV,"
                " RandomizedSearchCV or another search with cv_results_."
            )
        check_is_fitted(search, "cv_results_")


def _metric_key(results: dict[str, Any], search: Any, metric: str | None) -> str:
    prefix = "mean_test_"
    keys = {name.removeprefix(prefix): name for name in results if name.startswith(prefix)}
    if metric is not None:
        lookup(keys, metric, "metric")
        return metric
    if "score" in keys:
        return "score"
    refit = getattr(search, "refit", None)
    if isinstance(refit, str):
        return refit
    if len(keys) == 1:
        return next(iter(keys))
    raise ValueError(
        "The search has several metrics and none to choose its best by. Choose the one to draw:"
        f" metric=... of {', '.join(map(repr, keys))}."
    )


def _best(results: dict[str, Any], search: Any, key: str) -> int:
    if hasattr(search, "best_index_") and key in ("score", getattr(search, "refit", None)):
        return int(search.best_index_)
    scores = np.asarray(results[f"mean_test_{key}"], dtype=float)
    return int(np.nanargmax(scores))


def _varied(results: dict[str, Any]) -> pd.DataFrame:
    """Return the parameters with more than one value, under short names."""
    columns: dict[str, list[Any]] = {}
    for name, values in results.items():
        if name.startswith("param_"):
            absent = np.ma.getmaskarray(values)
            data = np.ma.getdata(values)
            columns[name.removeprefix("param_")] = [
                ABSENT if gone else _plain(value) for value, gone in zip(data, absent, strict=True)
            ]
    varied = {name: v for name, v in columns.items() if len({repr(each) for each in v}) > 1}
    last = [name.rpartition("__")[2] for name in varied]
    short = {n: end if last.count(end) == 1 else n for n, end in zip(varied, last, strict=True)}
    index = range(len(results["params"]))
    series = {short[n]: pd.Series(v, index=index, dtype=object) for n, v in varied.items()}
    return pd.DataFrame(series, index=index)


def _plain(value: Any) -> Any:
    """Return a numpy scalar as a Python scalar, so that equal values have the same repr."""
    return value.item() if isinstance(value, np.generic) else value


def choose_parameters(candidates: Candidates, params: str | Sequence[str] | None) -> list[str]:
    """Return the one or two parameters to plot, or an empty list for a ranking."""
    names = [str(name) for name in candidates.parameters]
    if params is None:
        return names if len(names) in (1, 2) else []
    chosen = [params] if isinstance(params, str) else list(params)
    short = {name: name for name in names}
    chosen = [lookup(short, _shortest(name, short), "params") for name in chosen]
    if len(set(chosen)) != len(chosen) or len(chosen) not in (1, 2):
        raise ValueError(
            f"params={params!r} must name one or two parameters. params=None plots one or two that"
            " vary, and of more than two it ranks the candidates."
        )
    return chosen


def _shortest(name: str, known: Iterable[str]) -> str:
    """Return the name of the column of a parameter: the whole name, or its last part."""
    return name if name in known else name.rpartition("__")[2]


def is_numeric(values: Sequence[Any]) -> bool:
    """Return whether all values are finite numbers; booleans are not."""
    return all(_is_number(value) and math.isfinite(value) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
