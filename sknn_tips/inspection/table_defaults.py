"""The parameters of an ensemble that differ from those that `tabular_pipeline` gives it."""

from typing import Any

from sklearn.base import BaseEstimator, is_classifier

from sknn_tips.ensemble.base import FoldEnsemble
from sknn_tips.tabular import tabular_pipeline


def default_table_model(ensemble: FoldEnsemble) -> FoldEnsemble | None:
    """Return the model of `tabular_pipeline` with default parameters that an ensemble is based on.

    The estimator after the encoder is that of `ensemble`, unless it is based on the default
    network. Return None if the ensemble has other steps.
    """
    names = _steps(ensemble)
    kind, trees = "classifier" if is_classifier(ensemble) else "regressor", "trees" in names
    default = tabular_pipeline(kind, trees=trees)
    if names != _steps(default):
        return None
    net, usual = (model.get_params()["nets__net"] for model in (ensemble, default))
    if type(net) is type(usual) and _distance(net, usual) <= _distance(net, type(net)()):
        return default
    return tabular_pipeline(net, trees=trees)


def differences(ensemble: Any, default: Any) -> dict[str, tuple[Any, Any]]:
    """Return the parameters in which two ensembles differ, each with both values.

    Of a part that was replaced by one of another class, only the part itself is returned.
    """
    params, usual = ensemble.get_params(), default.get_params()
    found: dict[str, tuple[Any, Any]] = {}
    for name in sorted(params, key=lambda name: name.count("__")):  # parts before their parameters
        if name not in usual or any(name.startswith(f"{part}__") for part in found):
            continue
        value, other = params[name], usual[name]
        if name == "estimators" or name.endswith("__steps"):
            continue
        if isinstance(value, BaseEstimator) and type(value) is type(other):
            continue
        if repr(value) != repr(other):
            found[name] = value, other
    return found


def _distance(estimator: BaseEstimator, other: BaseEstimator) -> int:
    """Return the number of parameters in which two estimators of a class differ."""
    values = other.get_params(deep=False)
    params = estimator.get_params(deep=False).items()
    return sum(repr(value) != repr(values[name]) for name, value in params)


def _steps(ensemble: FoldEnsemble) -> dict[str, list[str]]:
    """Return the names of the steps of named Pipelines; empty if there is anything else."""
    try:
        return {name: [step for step, _ in part.steps] for name, part in ensemble.estimators}
    except (AttributeError, TypeError, ValueError):
        return {}
