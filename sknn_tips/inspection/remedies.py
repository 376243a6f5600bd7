"""Applying the remedy of a tip to a model."""

from typing import Any

from sklearn import get_config
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.feature_selection import VarianceThreshold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips.estimators.unwrapping import find
from sknn_tips.preprocessing import SquashingScaler
from sknn_tips.tips.tip import Tip


def remedied(model: Any, tip: Tip, *, sparse: bool = False) -> Any:
    """Return an unfitted clone of a model with the remedy of a tip applied.

    Parameters
    ----------
    model : estimator
        An MLPClassifier or MLPRegressor, or a Pipeline or TransformedTargetRegressor that contains
        one.
    tip : Tip
    sparse : bool, default=False
        Whether X is sparse. If it is, a StandardScaler does not center it.
    """
    model = clone(model)
    if isinstance(tip.remedy, dict):
        find(model, "diagnose").estimator.set_params(**tip.remedy)
        return model
    if tip.remedy == "transform_input":
        return _transforming(model)
    if tip.remedy == "SquashingScaler":
        return _with_step(model, SquashingScaler())
    if tip.remedy == "VarianceThreshold":
        return _with_step(model, VarianceThreshold())
    return _with_step(model, StandardScaler(with_mean=not sparse))


def _with_step(model: Any, step: Any) -> Any:
    """Return the model with a step inserted directly before the network."""
    if isinstance(model, TransformedTargetRegressor):
        return model.set_params(regressor=_with_step(model.regressor, step))
    if not isinstance(model, Pipeline):
        return make_pipeline(step, model)
    *before, (name, last) = model.steps
    if isinstance(last, Pipeline | TransformedTargetRegressor):
        return model.set_params(steps=[*before, (name, _with_step(last, step))])
    own = type(step).__name__.lower()
    taken = {name for name, _ in model.steps}
    while own in taken:
        own += "-again"
    return model.set_params(steps=[*before, (own, step), (name, last)])


def _transforming(model: Any) -> Any:
    """Set up a Pipeline to transform the validation set, with scikit-learn's metadata routing."""
    if not isinstance(model, Pipeline):
        raise ValueError(
            f"apply: 'transform_input' is an option of a Pipeline, and the model is"
            f" {type(model).__name__}. Scale X_val as you scaled X, or put the scaler and the model"
            " into a Pipeline."
        )
    if not get_config()["enable_metadata_routing"]:
        raise ValueError(
            "apply: 'transform_input' requires metadata routing. Enable it first:"
            " sklearn.set_config(enable_metadata_routing=True)."
        )
    find(model, "diagnose").estimator.set_fit_request(X_val=True, y_val=True)
    return model.set_params(transform_input=["X_val"])
