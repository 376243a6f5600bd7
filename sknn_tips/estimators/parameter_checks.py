"""Check the constructor's parameters: names, values, and combinations that do not work."""

import re
from numbers import Real
from typing import Any

from sknn_tips._compat.sklearn import StrOptions, validate_parameter_constraints
from sknn_tips._registry import guess, lookup
from sknn_tips.estimators import networks, options, plans
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.hooks.callbacks import check_callbacks, unpaired
from sknn_tips.nn import activations, initializers
from sknn_tips.optim import optimizers, schedules
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES
from sknn_tips.parameters import LARGEST, table

_ONLY_ALPHA = (
    "which minimises the loss with alpha's penalty alone. Use alpha for L2, or optimizer='adam'."
)
_OWN_STEPS = (
    "which searches for the length of each step, so that no gradient is too long for it. Leave it"
    " at None, or use optimizer='adam'."
)
_NOT_WITH_LINE_SEARCH = {
    **dict.fromkeys(("l1", "activity_l1", "weight_decay"), _ONLY_ALPHA),
    **dict.fromkeys(("clip_norm", "clip_value"), _OWN_STEPS),
    "ema_decay": "whose last weights are a minimum. Leave it at None, or use optimizer='adam'.",
}


def check_names(estimator: Any) -> None:
    """Look up all names in their registries, before all other checks."""
    options.check_types(estimator)
    options.check_size(estimator)
    _check_writing(estimator)
    if isinstance(estimator.learning_rate, Real):
        raise UnknownOptionError(
            f"learning_rate={estimator.learning_rate!r}: this is a schedule, one of"
            f" {', '.join(map(repr, sorted(SCHEDULES)))}. Write"
            f" learning_rate_init={estimator.learning_rate!r} for the rate itself."
        )
    schedules.canonical(estimator.learning_rate)
    lookup(OPTIMIZERS, estimator.solver, "solver")
    if estimator.optimizer is not None:
        optimizers.canonical(estimator.optimizer)
    names = (
        [estimator.activation] if networks.is_single(estimator.activation) else estimator.activation
    )
    for name in names:
        if isinstance(name, str) and name == "softmax":
            raise UnknownOptionError(
                "activation='softmax': it is the output's, which a classifier chooses by itself."
                " Give the activation of the hidden layers, such as 'relu'."
            )
        activations.canonical(name)
    initializers.canonical(estimator.init)
    layers = networks.hidden_layers(estimator)
    for layer in layers:
        if callable(layer.activation):
            activations.check_own(layer.activation, layer.units)
    used = [layer.activation for layer in layers]
    options.check_content(estimator, used or networks.activation_without_layers(estimator))


def check_values(estimator: Any) -> None:
    """Check types and ranges of all values that are not the defaults."""
    rows = table(estimator._table)
    values = {name: getattr(estimator, name) for name in rows}
    changed = {name: value for name, value in values.items() if value is not rows[name].default}
    for name, value in changed.items():
        allowed = rows[name].allowed
        try:
            validate_parameter_constraints(
                {name: allowed}, {name: value}, caller_name=type(estimator).__name__
            )
        except ValueError as error:
            text = _reworded(str(error), value)
            raise type(error)(f"{text}{_remedy(name, value, allowed)}") from None


def _reworded(error: str, value: Any) -> str:
    """Return scikit-learn's message, with the largest number only where the value is too large."""
    is_too_large = isinstance(value, int | float) and value >= LARGEST
    return error if is_too_large else error.replace(f", {LARGEST})", ", inf)")


def _remedy(name: str, value: Any, allowed: list[Any]) -> str:
    """Return a sentence with the value that is meant, or an empty string."""
    if isinstance(value, str) and re.fullmatch(r"-?[\d.]+(e-?\d+)?", value):
        return f" Write {name}={value} without quotes."
    if allowed == ["boolean"]:
        return f" Write {name}=True or {name}=False."
    names = [option for each in allowed if isinstance(each, StrOptions) for option in each.options]
    return guess(value if isinstance(value, str) else repr(value), names)


def check_combinations(estimator: Any) -> None:
    """Raise an error for parameters that cannot be combined, before training."""
    name, optimizer = plans.optimizer_name(estimator), plans.optimizer_of(estimator)
    if optimizer.full_batch and not optimizer.in_sklearn and estimator.batch_size != "auto":
        raise ValueError(
            f"optimizer={name!r} is full batch, so batch_size={estimator.batch_size!r} has no"
            " meaning. Leave batch_size='auto', or use optimizer='sgd'."
        )
    network = networks.network_of(estimator, n_features=1, n_outputs=1)
    if optimizer.line_search and network.uses_dropout:
        raise ValueError(
            f"{name} needs the same loss at every evaluation, and dropout changes it. Set dropout=0"
            " and input_dropout=0, or use optimizer='adam'."
        )
    if network.uses_batchnorm and estimator.batch_size == 1:
        raise ValueError(
            "batch_size=1 with batchnorm: batch norm cannot normalise one row. Use batch_size >= 2"
            " or layernorm=True."
        )
    if estimator.clip_norm is not None and estimator.clip_value is not None:
        raise ValueError(
            f"clip_norm={estimator.clip_norm!r} and clip_value={estimator.clip_value!r}: the"
            " gradient is clipped by its norm or by its components. Set one of them only."
        )
    if optimizer.line_search:
        _check_line_search(estimator)
    choice, rate = plans.choose(estimator), plans.initial_rate(estimator)
    if choice.entry.own:
        optimizers.check_own(choice, rate)
    check_callbacks(estimator.callbacks)


def _check_writing(estimator: Any) -> None:
    """Raise an error that shows the correct form, where scikit-learn would only list types."""
    for name in ("callbacks", "metrics"):
        if getattr(estimator, name) is None:
            raise ValueError(f"{name}=None: write {name}=() for none.")
    _check_callbacks(estimator.callbacks)
    fraction = estimator.validation_fraction
    if isinstance(fraction, str | bytes | type):  # they have a `split` that splits no samples
        hint = f" Write {fraction.__name__}()." if isinstance(fraction, type) else ""
        raise ValueError(
            f"validation_fraction={fraction!r} must be a number from 0 to below 1, or a splitter"
            f" such as sklearn.model_selection.PredefinedSplit(...).{hint}"
        )


def _check_callbacks(callbacks: Any) -> None:
    listed = isinstance(callbacks, list | tuple)
    for callback in map(unpaired, callbacks if listed else [callbacks]):
        if hasattr(callback, "on_fit_task_end"):
            name = getattr(callback, "__name__", type(callback).__name__)
            raise ValueError(
                f"callbacks holds {name}, one of scikit-learn's own callbacks. Hand it over with"
                f" set_callbacks({name}(...)); callbacks takes skorch's and ours."
            )
    if not listed and hasattr(callbacks, "on_epoch_end"):
        raise ValueError(f"callbacks={callbacks!r}: write a list, callbacks=[{callbacks!r}].")


def _check_line_search(estimator: Any) -> None:
    """Raise an error for parameters of steps or penalties that L-BFGS does not use."""
    for parameter, why in _NOT_WITH_LINE_SEARCH.items():
        value = getattr(estimator, parameter)
        if value:
            name = plans.optimizer_name(estimator)
            raise ValueError(f"{parameter}={value!r} does not go with {name}, {why}")
