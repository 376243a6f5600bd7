"""A search's `cv_results_` as columns: what was varied, and how each candidate did."""

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

# What stands where a candidate does not have the parameter, as in a list of grids.
ABSENT = "-"


@dataclass(frozen=True)
class Candidates:
    """The candidates of a search.

    Attributes
    ----------
    parameters : DataFrame of shape (n_candidates, n_parameters)
        Of those that were varied, each under the last part of its name where that is unique:
        ``alpha`` for ``mlpclassifier__alpha``.
    scores : ndarray of shape (n_candidates,)
        The mean over the folds; NaN where a fit failed. Scores named ``neg_`` are errors here,
        positive and named without it.
    spreads : ndarray of shape (n_candidates,)
        The standard deviation over the folds.
    best : int
        Row of the best candidate.
    score_name : str
    lower_is_better : bool
        Whether the scores are errors.
    n_folds : int
    resource : str or None
        What a halving search gave its candidates in turn, such as ``"n_samples"``.
    resources : ndarray of shape (n_candidates,) or None
        How much of it; a candidate that went on has one row each.
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
        """Whether each candidate has no score."""
        return np.isnan(self.scores)

    @property
    def order(self) -> NDArray[np.intp]:
        """Rows from the best to the worst, the failed last; of halving, its last round first."""
        errors = self.scores if self.lower_is_better else -self.scores
        first = np.zeros(len(errors)) if self.resources is None else -self.resources
        order = np.lexsort((errors, first, self.failed))
        # of equal candidates the search's own choice comes first
        return np.r_[self.best, order[order != self.best]]

    @property
    def ranked(self) -> list[int]:
        """Rows that have a score from the best down, one a candidate."""
        shown = self.last_rounds & ~self.failed
        return [int(row) for row in self.order if shown[row]]

    @property
    def last_rounds(self) -> NDArray[np.bool_]:
        """Whether each row is its candidate's last; all are but in a halving search."""
        if self.resources is None:
            return np.ones(len(self.scores), dtype=bool)
        texts = pd.Series([repr(row) for row in self.parameters.to_numpy().tolist()])
        return ~texts.duplicated(keep="last").to_numpy()

    @property
    def score_label(self) -> str:
        """What the scores are."""
        return self.score_name + "\n(lower is better)" * self.lower_is_better

    @property
    def spread_label(self) -> str:
        """What a point and its spread are."""
        return f"mean ± std of {self.n_folds} folds"

    def describe(self, row: int) -> str:
        """Return the parameters of a candidate in words."""
        items = self.parameters.iloc[row].items()
        return ", ".join(f"{name}={shorten(value)}" for name, value in items)


def read_candidates(search: Any, metric: str | None, caller: str) -> Candidates:
    """Return the candidates of a fitted search.

    Parameters
    ----------
    search : GridSearchCV, RandomizedSearchCV or one that has ``cv_results_`` as they do
    metric : str or None
        Of a search with several.
    caller : str
        For the errors.

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
    """Return the parameters that have more than one value, under short names."""
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
    """Return numpy's scalars as Python's, so that equal values have one repr."""
    return value.item() if isinstance(value, np.generic) else value


def choose_parameters(candidates: Candidates, params: str | Sequence[str] | None) -> list[str]:
    """Return the one or two parameters to draw, or none for a ranking."""
    names = [str(name) for name in candidates.parameters]
    if params is None:
        return names if len(names) in (1, 2) else []
    chosen = [params] if isinstance(params, str) else list(params)
    short = {name: name for name in names}
    chosen = [lookup(short, _shortest(name, short), "params") for name in chosen]
    if len(set(chosen)) != len(chosen) or len(chosen) not in (1, 2):
        raise ValueError(
            f"params={params!r} must name one or two parameters; params=None ranks the candidates."
        )
    return chosen


def _shortest(name: str, known: Iterable[str]) -> str:
    """Return the name as the columns have it: whole, or its last part."""
    return name if name in known else name.rpartition("__")[2]


def is_numeric(values: Sequence[Any]) -> bool:
    """Return whether all are finite numbers, neither booleans nor names."""
    return all(_is_number(value) and math.isfinite(value) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
