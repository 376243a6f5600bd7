"""Base class of FoldEnsembleClassifier and FoldEnsembleRegressor.

The steps of `_fit` are: check X, y and the sample weights; make the folds; clone and seed each
estimator for each fold; fit all members; determine the weights of the estimators from out-of-fold
predictions.
"""

from abc import abstractmethod
from collections.abc import Callable
from copy import deepcopy
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state, indexable
from sklearn.utils.parallel import delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from sknn_tips._compat.sklearn import HasMethods, fit_context
from sknn_tips.ensemble.composition import EstimatorComposition, Named
from sknn_tips.ensemble.folds import Fold, make_folds
from sknn_tips.ensemble.inputs import check_not_text, check_target, checked_names
from sknn_tips.ensemble.members import (
    Samples,
    fit_member,
    params_of_steps,
    set_seeds,
    split_steps,
)
from sknn_tips.ensemble.out_of_fold import mean_of_samples
from sknn_tips.ensemble.progress import ReportingParallel
from sknn_tips.ensemble.tips_of_members import tips_of_members
from sknn_tips.ensemble.weighting import greedy_weights
from sknn_tips.estimators.fit_html import FitHTML, html_of_fits
from sknn_tips.estimators.inputs import check_weights
from sknn_tips.estimators.unwrapping import networks_of_members
from sknn_tips.exceptions import DataError, restoring, shown_so_far
from sknn_tips.nn.ranges import is_number
from sknn_tips.tips.tip import Tip

Parts = dict[str, tuple[Any, Any, list[Any]]]
"""For each name: the original estimator, its shared steps to fit or None, its members to fit."""
Results = dict[str, list[dict[str, Any]]]
"""For each name of an estimator: the results of `fit_member`, in the order of the folds."""


class FoldEnsemble(FitHTML, EstimatorComposition):
    """Base class of ensembles whose members each leave out one fold."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimators": [HasMethods(["fit"]), list],
        "cv": ["cv_object"],
        "shared_steps": ["boolean"],
        "warm_start": ["boolean"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    _response: ClassVar[str]
    _is_classifier: ClassVar[bool]
    _fewest_to_score: ClassVar[int]

    shared_steps: bool
    warm_start: bool
    n_jobs: int | None
    random_state: Any
    verbose: int
    _folds: list[Fold]

    if TYPE_CHECKING:  # scikit-learn's mixins have no types

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...

    # -- implemented by subclasses ---------------------------------------------------------------

    @abstractmethod
    def _check_kind(self, name: str, estimator: Any) -> None:
        """Raise an error if the predictions of an estimator cannot be combined."""

    @abstractmethod
    def _learn_target(self, y: Any) -> NDArray:
        """Check y and return it; store its classes or its range."""

    @abstractmethod
    def _aligned(self, member: Any, prediction: NDArray | None) -> NDArray:
        """Return a prediction as float64, with a column for each class or output.

        The result has no rows if the prediction is None.
        """

    @abstractmethod
    def _to_weigh(
        self, predictions: NDArray, y: NDArray, weight: NDArray
    ) -> tuple[NDArray, Callable[[NDArray], NDArray], NDArray]:
        """Return the arguments of `greedy_weights`, given the predictions of each estimator."""

    @abstractmethod
    def _score_of(self, y: NDArray, prediction: NDArray, weight: NDArray) -> float: ...

    def _calibrate(self, name: str, prediction: NDArray, y: NDArray, weight: NDArray) -> None:
        """Learn the calibration of an estimator from its out-of-fold predictions."""

    def _calibrated(self, name: str, prediction: NDArray) -> NDArray:
        """Return the calibrated predictions of an estimator, which are averaged."""
        return prediction

    def _finished(self, combined: NDArray) -> NDArray:
        """Return the final prediction, given the average."""
        return combined

    @property
    def tips_(self) -> list[Tip]:
        """The tips of all networks, each once, with the number of networks that have it."""
        check_is_fitted(self)
        return tips_of_members(self)

    def _fit_html(self) -> str:
        return html_of_fits([net for nets in networks_of_members(self).values() for net in nets])

    # -- fitting ---------------------------------------------------------------------------------

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None, **params: Any
    ) -> Self:
        """Fit a member for each estimator and fold, and determine how to combine them.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)
            Training data. The rows of each training part are passed to the estimators unchanged.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels of any type, in one column, for a classifier; numbers for a regressor.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights for `fit` (in a Pipeline, for the last step), and for the calibration,
            the weights of the estimators and the scores.

        groups : array-like of shape (n_samples,), default=None
            Groups for splitters that use them, such as GroupKFold.

        **params : dict
            Further metadata for the estimators and the splitter; only allowed with
            ``sklearn.set_config(enable_metadata_routing=True)``.

        Returns
        -------
        self : estimator
            The fitted estimator. After an error or Ctrl-C it is unchanged.

        Raises
        ------
        DataError
            If y, the sample weights or the folds do not match each other or the estimators.
        ValueError
            If a parameter or an estimator is invalid. Errors of a member have a note with the name
            of its estimator and the number of its fold.
        """
        before = vars(self).copy()
        try:
            self._fit(X, y, sample_weight, groups, params)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise
        return self

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any, params: dict[str, Any]) -> None:
        if y is None:
            raise DataError("fit requires y to be passed, but the target y is None.")
        check_not_text(y)
        X, y = indexable(X, y)
        validate_data(self, X, skip_check_array=True)
        check_target(self, y)
        y = self._learn_target(y)
        weight = check_weights(sample_weight, y, "sample_weight")
        named = self._named()
        for name, estimator in named:
            self._check_kind(name, estimator)
        routed = self._route(named, weight, groups, params)
        # None seeds from the operating system, so numpy's global generator is never used
        seed = np.random.RandomState() if self.random_state is None else self.random_state
        continuing = self.warm_start and hasattr(self, "_folds")
        if continuing:
            self._check_same(named, len(y))
            folds = self._folds
        else:
            stratify, params_of_split = self._is_classifier, routed["cv"]["split"]
            folds = make_folds(self.cv, X, y, params_of_split, stratify=stratify, random_state=seed)
        parts = self._parts(named, len(folds), check_random_state(seed), continuing)
        results = self._fit_members(parts, folds, X, y, routed)
        self._combine(results, folds, y, np.ones(len(y)) if weight is None else weight)
        self.__dict__.pop("_folds", None)
        if self.warm_start:
            self._folds = folds

    def _check_same(self, named: Named, n_samples: int) -> None:
        """Raise an error if a warm start has other numbers of samples or members than before."""
        n_folds = self.cv if isinstance(self.cv, Integral) else len(self._folds)
        shared = [name for name, each in named if self.shared_steps and split_steps(each)[0]]
        comparisons = {
            "samples": (len(self.oof_prediction_), n_samples),
            "estimators": (list(self.estimators_), [name for name, _ in named]),
            "folds": (len(self._folds), n_folds),
            "estimators with shared steps": (list(self.steps_), shared),
        }
        for what, (before, now) in comparisons.items():
            if before != now:
                raise ValueError(
                    "warm_start=True continues with the members of the last fit, and this one has"
                    f" {now} {what} instead of {before}. Set warm_start=False to start afresh."
                )

    def _parts(
        self, named: Named, n_folds: int, rng: np.random.RandomState, continuing: bool
    ) -> Parts:
        """Return the parts to fit: clones with different seeds, or copies of earlier members."""
        if continuing:  # copies, so that the members are unchanged after an error
            return {
                name: (estimator, *deepcopy((self.steps_.get(name), self.estimators_[name])))
                for name, estimator in named
            }
        parts: Parts = {}
        for name, estimator in named:
            front, last = split_steps(estimator) if self.shared_steps else (None, estimator)
            if front is not None:
                front = set_seeds(clone(front), rng)
            members = [set_seeds(clone(last), rng) for _ in range(n_folds)]
            parts[name] = estimator, front, members
        return parts

    def _fit_members(
        self, parts: Parts, folds: list[Fold], X: Any, y: NDArray, routed: Any
    ) -> Results:
        """Fit the shared steps and all members; set `estimators_` and `steps_`."""
        tasks: list[tuple[Any, ...]] = []
        shown = shown_so_far()
        for name, (estimator, front, members) in parts.items():
            samples = Samples(X, y, routed[name]["fit"])
            if front is not None:
                of_front, of_last = params_of_steps(estimator, samples.params)
                samples = Samples(front.fit_transform(X, y, **of_front), y, of_last)
            for number, (member, fold) in enumerate(zip(members, folds, strict=True)):
                tasks.append((member, name, number, samples, fold, self._response, shown))
        parallel = ReportingParallel(self.n_jobs, len(tasks), self.verbose)
        found = iter(parallel(delayed(fit_member)(*task) for task in tasks))
        results = {name: [next(found) for _ in folds] for name in parts}
        self.estimators_ = {
            name: [each["member"] for each in of_name] for name, of_name in results.items()
        }
        self.steps_ = {name: front for name, (_, front, _) in parts.items() if front is not None}
        return results

    # -- copies and files ------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "scores_" in state:  # files contain only plain values
            state["scores_"] = self.scores_.to_dict("list")
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        with restoring(type(self).__name__):
            super().__setstate__(state)
            if "scores_" in state:
                self.scores_ = pd.DataFrame(state["scores_"])

    def check_stored(self) -> None:
        """Raise ValueError if fitted attributes, which are from a file, do not fit each other."""
        if not any(name.endswith("_") for name in vars(self)):  # as check_is_fitted decides
            return
        for name, members in self.estimators_.items():
            if not isinstance(members, list) or not members:
                raise ValueError(f"the members of {name!r} are {members!r}, not a list")
            if name in self.steps_ and not hasattr(self.steps_[name], "transform"):
                raise ValueError(f"the steps of {name!r} are {self.steps_[name]!r}")
            if not is_number(self.weights_[name]):
                raise ValueError(f"the weight of {name!r} is {self.weights_[name]!r}")
        self._check_stored_target()

    @abstractmethod
    def _check_stored_target(self) -> None:
        """Raise ValueError if the members do not fit the classes, or the scale of y."""

    # -- combining -------------------------------------------------------------------------------

    def _combine(self, results: Results, folds: list[Fold], y: NDArray, weight: NDArray) -> None:
        """Determine the weights of the estimators, and set the out-of-fold attributes."""
        samples = np.concatenate([test for _, test in folds])
        left_out = np.unique(samples)
        means, rows = [], []
        for name, of_name in results.items():
            aligned = [self._aligned(each["member"], each["prediction"]) for each in of_name]
            rows += self._scores(name, of_name, aligned, folds, y, weight)
            prediction = np.concatenate(aligned)
            self._calibrate(name, prediction, y[samples], weight[samples])
            means.append(mean_of_samples(self._calibrated(name, prediction), samples, len(y)))
        stacked = np.stack(means)
        found = greedy_weights(*self._to_weigh(stacked[:, left_out], y[left_out], weight[left_out]))
        self.weights_ = dict(zip(results, found.tolist(), strict=True))
        self.scores_ = pd.DataFrame(rows)
        self.oof_prediction_ = self._finished(np.tensordot(found, stacked, axes=1))
        self.oof_score_ = self._score_at(left_out, self.oof_prediction_[left_out], y, weight)

    def _scores(
        self,
        name: str,
        results: list[dict[str, Any]],
        aligned: list[NDArray],
        folds: list[Fold],
        y: NDArray,
        weight: NDArray,
    ) -> list[dict[str, Any]]:
        """Return the rows of `scores_` for an estimator."""
        return [
            {
                "name": name,
                "fold": number,
                "score": self._score_at(test, prediction, y, weight),
                "n_train": len(train),
                "seconds": result["seconds"],
            }
            for number, (result, prediction, (train, test)) in enumerate(
                zip(results, aligned, folds, strict=True)
            )
        ]

    def _score_at(
        self, samples: NDArray, prediction: NDArray, y: NDArray, weight: NDArray
    ) -> float:
        """Return the score of the predictions for some samples; NaN if there are too few."""
        if len(samples) < self._fewest_to_score or not weight[samples].any():
            return np.nan
        return self._score_of(y[samples], prediction, weight[samples])

    def _combined(self, X: Any) -> NDArray:
        """Return the weighted average of the predictions of all members."""
        check_is_fitted(self)
        X = checked_names(self, X)
        total: Any = 0.0
        for name, members in self.estimators_.items():
            if self.weights_[name] == 0:
                continue
            seen = self.steps_[name].transform(X) if name in self.steps_ else X
            share = self.weights_[name] / len(members)
            for member in members:
                prediction = self._aligned(member, getattr(member, self._response)(seen))
                total = total + share * self._calibrated(name, prediction)
        return self._finished(total)
