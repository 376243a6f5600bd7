"""The arguments of `set_params`, and checks of the parameters that are dicts."""

import math
from collections.abc import Collection, Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np

from sknn_tips._argument_names import MEANT, suggestion
from sknn_tips._compat.sklearn import validate_parameter_constraints
from sknn_tips._registry import check_options, shown
from sknn_tips.nn import initializers, losses
from sknn_tips.nn.activations import activation_of
from sknn_tips.optim.schedules import check_schedule_params
from sknn_tips.parameters import DICTS, LARGEST


def check_types(estimator: Any) -> None:
    """Raise scikit-learn's error unless each is a dict or None, before their keys are read."""
    values = {name: getattr(estimator, name, None) for name in DICTS}
    given = {name: value for name, value in values.items() if value is not None}
    constraints = {name: [dict, None] for name in DICTS}
    validate_parameter_constraints(constraints, given, caller_name=type(estimator).__name__)


def check_size(estimator: Any) -> None:
    """Raise an error for numbers that are too large for float32."""
    for name in (*DICTS, "class_weight"):
        value = getattr(estimator, name, None)
        for key, number in value.items() if isinstance(value, dict) else ():
            if isinstance(number, int | float) and LARGEST < abs(number) < math.inf:
                raise ValueError(
                    f"{name}[{key!r}]={number!r} is too large for a network, which computes with"
                    f" float32. The limit is {LARGEST:g}."
                )


def check_content(estimator: Any, used: Sequence[Any]) -> None:
    """Raise an error for keys or values not known to the activations, initialiser or schedule.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
    used : sequence of (str or callable)
        Its activations: names in the registry, or classes of the user.
    """
    params, owner = estimator.activation_params or {}, f"activation={shown(estimator.activation)}"
    allowed = [option for each in used for option in activation_of(each).options]
    own = any(map(callable, used))
    check_options(params, allowed, "activation_params", owner, own=own)
    for name in used:  # building the activation checks the values
        if not callable(name):
            activation_of(name).build(params)
    params, init = estimator.init_params or {}, initializers.canonical(estimator.init)
    owner = f"init={shown(estimator.init)}"
    check_options(params, initializers.options_of(init), "init_params", owner, own=callable(init))
    if init != "auto" and not callable(init):  # which may expect the shape of a true layer
        initializers.draw_layer(init, 2, 2, np.random.RandomState(0), **params)
    check_schedule_params(estimator.learning_rate, estimator.schedule_params or {})


def regressor_loss(estimator: Any) -> losses.Loss:
    """Return the loss that `loss` and `loss_params` define."""
    entry, known = losses.loss_of(estimator.loss), losses.options_of(estimator.loss)
    params, owner = estimator.loss_params or {}, f"loss={shown(estimator.loss)}"
    check_options(params, known, "loss_params", owner, own=callable(estimator.loss))
    return entry(**params)


def split_nested(
    params: dict[str, Any], names: Collection[str] = DICTS
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Separate ``optimizer_params__rho=...`` from ordinary parameters.

    Parameters
    ----------
    params : dict
        The arguments of `set_params`.
    names : collection of str
        The parameters of the class. If it does not have the parameter, the entry stays among the
        ordinary ones, and scikit-learn rejects it.
    """
    plain: dict[str, Any] = {}
    keyed: dict[str, dict[str, Any]] = {}
    for name, value in params.items():
        parameter, _, key = name.partition("__")
        if key and parameter in DICTS and parameter in names:
            keyed.setdefault(parameter, {})[key] = value
        else:
            plain[name] = value
    return plain, keyed


def check_known(estimator: Any, params: Mapping[str, Any]) -> None:
    """Raise scikit-learn's error for parameters that an estimator does not have, and suggest one.

    A name may contain "__" where the parameter before it is an estimator, as in a subclass.
    """
    names = estimator._get_param_names()
    for given in params:
        name, _, key = given.partition("__")
        value = params.get(name, getattr(estimator, name, None))
        if name not in names or (key and not hasattr(value, "set_params")):
            raise ValueError(
                f"Invalid parameter {given!r} for estimator {estimator}."
                f"{_suggestion(name, key, type(estimator))} Valid parameters are: {names!r}."
            )


def _suggestion(name: str, key: str, estimator: type) -> str:
    """Suggest ``optimizer_params__rho`` for ``optimizer__rho``, and otherwise a parameter."""
    nested = f"{name}_params__{key}"
    if key and key not in MEANT and split_nested({nested: None})[1]:
        return f" Did you mean {nested!r}?"
    return suggestion(key.rpartition("__")[2] or name, signature(estimator).parameters, estimator)
