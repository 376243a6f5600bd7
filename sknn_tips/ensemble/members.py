"""Fitting a member of an ensemble on the training part of a fold.

If `fit` of the estimator accepts a validation set, the left-out part is passed as one. In a
Pipeline this applies to the last step; the other steps are fitted on the training part, and
transform both parts.
"""

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.validation import has_fit_parameter

from sknn_tips._compat.sklearn import check_method_params, safe_indexing
from sknn_tips.ensemble.empty_columns import without_empty_columns
from sknn_tips.ensemble.folds import Fold
from sknn_tips.exceptions import Shown, each_once

BOOSTING = HistGradientBoostingClassifier, HistGradientBoostingRegressor


@dataclass(frozen=True)
class Samples:
    """The arguments of `fit`.

    Attributes
    ----------
    X : array-like, sparse matrix or frame of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    params : dict
        Further arguments, such as sample_weight.
    """

    X: Any
    y: NDArray
    params: dict[str, Any]

    def at(self, positions: NDArray) -> "Samples":
        """Return the samples at these positions."""
        params = check_method_params(self.X, self.params, positions)
        return Samples(safe_indexing(self.X, positions), self.y[positions], params)


def fit_member(
    member: BaseEstimator,
    name: str,
    number: int,
    samples: Samples,
    fold: Fold,
    response: str,
    shown: Shown,
) -> dict[str, Any]:
    """Fit a member in place, and predict the left-out samples.

    Parameters
    ----------
    member : estimator
    name, number : str, int
        Name of its estimator and number of its fold, for error messages.
    samples : Samples
        All samples of the ensemble.
    fold : (train, test)
    response : {"predict", "predict_proba"}
    shown : dict
        Warnings of other members. They are not repeated, unless by another process.

    Returns
    -------
    result : dict
        ``member``; ``prediction``, None if no samples are left out; ``seconds``, the fit time.
    """
    train, test = fold
    validated = test[np.isin(samples.y[test], samples.y[train])] if is_classifier(member) else test
    try:
        start = perf_counter()
        with each_once(shown):
            fit(member, samples.at(train), samples.at(validated) if len(validated) else None)
        seconds = perf_counter() - start
        # the left-out part is sliced again, to save memory during fit
        prediction = getattr(member, response)(samples.at(test).X) if len(test) else None
    except Exception as error:
        error.add_note(f"Raised by the estimator {name!r} in fold {number} of the ensemble.")
        if len(test) and not len(validated) and takes_validation(member):
            error.add_note("There is no validation set: the training part has none of its classes.")
        raise
    return {"member": member, "prediction": prediction, "seconds": seconds}


def fit(estimator: BaseEstimator, samples: Samples, validation: Samples | None) -> None:
    """Fit an estimator in place; the last step of a Pipeline with the transformed validation set.

    Parameters
    ----------
    estimator : estimator
    samples : Samples
        The training samples.
    validation : Samples or None
        The validation set, for an estimator whose `fit` accepts X_val.
    """
    if not isinstance(estimator, Pipeline):
        params = {**samples.params, **_validation_params(estimator, validation)}
        X = samples.X
        if isinstance(estimator, BOOSTING):
            X = without_empty_columns(X, params.get("sample_weight"))
        estimator.fit(X, samples.y, **params)
        return
    front, last = split_steps(estimator)
    of_front, of_last = params_of_steps(estimator, samples.params)
    if front is None:
        fit(last, Samples(samples.X, samples.y, of_last), validation)
        return
    X = front.fit_transform(samples.X, samples.y, **of_front)
    if validation is not None and takes_validation(last):
        _, params = params_of_steps(estimator, validation.params)
        validation = Samples(front.transform(validation.X), validation.y, params)
    fit(last, Samples(X, samples.y, of_last), validation)
    # a Pipeline with `memory` replaces its steps by fitted clones
    estimator.steps = [*front.steps, estimator.steps[-1]]


def split_steps(estimator: BaseEstimator) -> tuple[Pipeline | None, Any]:
    """Return all steps of a Pipeline but the last (None if there are none), and the last step."""
    if not isinstance(estimator, Pipeline):
        return None, estimator
    return (estimator[:-1] if len(estimator) > 1 else None), estimator.steps[-1][1]


def params_of_steps(
    estimator: BaseEstimator, params: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the arguments of `fit` for all steps but the last, and for the last step.

    Without metadata routing, all arguments go to the last step.
    """
    front, _ = split_steps(estimator)
    is_routed = isinstance(estimator, Pipeline) and get_config()["enable_metadata_routing"]
    if not params or not is_routed:
        return {}, params
    of_last = process_routing(estimator, "fit", **params)[estimator.steps[-1][0]].fit
    if front is None:
        return {}, of_last
    asked = front.get_metadata_routing().consumes("fit_transform", params)
    return {name: params[name] for name in asked}, of_last


def last_step(estimator: Any) -> Any:
    """Return the last step of a Pipeline, also if Pipelines are nested; else the estimator."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def takes_validation(estimator: Any) -> bool:
    """Return whether `fit` of the estimator, or of its last step, accepts a validation set."""
    last = last_step(estimator)
    if isinstance(last, BOOSTING) and last.early_stopping is False:  # fit would raise an error
        return False
    return has_fit_parameter(last, "X_val")


def set_seeds(estimator: BaseEstimator, rng: np.random.RandomState) -> BaseEstimator:
    """Set all ``random_state`` parameters, also of nested estimators, to random integers.

    Deprecated ones are left unchanged, since setting them warns; TargetEncoder's is deprecated
    since scikit-learn 1.9.
    """
    seeded = [
        name
        for name, value in sorted(estimator.get_params().items(), key=lambda item: item[0])
        if name.split("__")[-1] == "random_state" and not isinstance(value, str)
    ]
    seeds = {name: int(rng.randint(np.iinfo(np.int32).max)) for name in seeded}
    return estimator.set_params(**seeds) if seeds else estimator


def _validation_params(estimator: Any, validation: Samples | None) -> dict[str, Any]:
    if validation is None or not takes_validation(estimator):
        return {}
    found = {"X_val": validation.X, "y_val": validation.y}
    weight = validation.params.get("sample_weight")
    if weight is not None and has_fit_parameter(estimator, "sample_weight_val"):
        found["sample_weight_val"] = weight
    return found
