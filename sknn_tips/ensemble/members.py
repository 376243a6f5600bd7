"""One member: an estimator fitted on the training part of a fold, with the left-out part beside it.

What takes a validation set gets the left-out part as one, behind the steps of a Pipeline too: these
are fitted on the training part, and transform both.
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
from sknn_tips.ensemble.folds import Fold
from sknn_tips.exceptions import Shown, each_once


@dataclass(frozen=True)
class Samples:
    """What is given to fit.

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
        """Return some of the samples."""
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
    """Fit a member in place, and predict what it left out.

    Parameters
    ----------
    member : estimator
    name, number : str, int
        Of its estimator and its fold, for errors.
    samples : Samples
        All of them.
    fold : (train, test)
    response : {"predict", "predict_proba"}
    shown : dict
        Warnings that other members have given. They are not given again, unless by another process.

    Returns
    -------
    result : dict
        ``member``; ``prediction``, None if nothing is left out; ``seconds`` of fit.
    """
    train, test = fold
    validated = test[np.isin(samples.y[test], samples.y[train])] if is_classifier(member) else test
    try:
        start = perf_counter()
        with each_once(shown):
            fit(member, samples.at(train), samples.at(validated) if len(validated) else None)
        seconds = perf_counter() - start
        # one fold's slice again, rather than kept beside the training part's while that is used
        prediction = getattr(member, response)(samples.at(test).X) if len(test) else None
    except Exception as error:
        error.add_note(f"Raised by the estimator {name!r} in fold {number} of the ensemble.")
        if len(test) and not len(validated) and takes_validation(member):
            error.add_note("It has no validation set: its training part lacks all of its classes.")
        raise
    return {"member": member, "prediction": prediction, "seconds": seconds}


def fit(estimator: BaseEstimator, samples: Samples, validation: Samples | None) -> None:
    """Fit an estimator in place; the last step of a Pipeline with the transformed validation set.

    Parameters
    ----------
    estimator : estimator
    samples : Samples
        To train on.
    validation : Samples or None
        For an estimator whose fit takes X_val.
    """
    if not isinstance(estimator, Pipeline):
        params = {**samples.params, **_validation_params(estimator, validation)}
        estimator.fit(samples.X, samples.y, **params)
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
    estimator.steps = [*front.steps, estimator.steps[-1]]  # other objects, if front has a memory


def split_steps(estimator: BaseEstimator) -> tuple[Pipeline | None, Any]:
    """Return the steps in front of a Pipeline's last one, None if there are none, and the last."""
    if not isinstance(estimator, Pipeline):
        return None, estimator
    return (estimator[:-1] if len(estimator) > 1 else None), estimator.steps[-1][1]


def params_of_steps(
    estimator: BaseEstimator, params: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return which arguments of fit go to the steps in front, and which to the last one.

    Without metadata routing, which knows who asked for what, all of them go to the last one.
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
    """Return the last step of a Pipeline, of one in its place, and so on; else the estimator."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def takes_validation(estimator: Any) -> bool:
    """Say whether fit, of a Pipeline's last step, takes a validation set."""
    last = last_step(estimator)
    trees = HistGradientBoostingClassifier, HistGradientBoostingRegressor
    if isinstance(last, trees) and last.early_stopping is False:  # it would refuse the set
        return False
    return has_fit_parameter(last, "X_val")


def set_seeds(estimator: BaseEstimator, rng: np.random.RandomState) -> BaseEstimator:
    """Set every ``random_state`` parameter, those of nested estimators too, to a drawn integer.

    But not one that is deprecated, as TargetEncoder's since scikit-learn 1.9: setting it warns.
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
