"""Checking the constructor's parameters and turning them into a network and a plan."""

import re
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from sknn_tips._compat.sklearn import HasMethods, Interval, Options, StrOptions
from sknn_tips._registry import lookup, unknown_option
from sknn_tips.estimators import advising, options
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.hooks.callbacks import check_callbacks, unpaired
from sknn_tips.nn import activations, initializers
from sknn_tips.nn.module import HiddenLayer, Network
from sknn_tips.optim.choice import choose_optimizer
from sknn_tips.optim.optimizers import OPTIMIZERS, Optimizer, OptimizerChoice
from sknn_tips.optim.schedules import SCHEDULES

BATCHNORM = {False: None, True: "before", "before": "before", "after": "after"}

_POSITIVE = Interval(Real, 0, None, closed="neither")
_NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
_AT_LEAST_ONE = Interval(Integral, 1, None, closed="left")
_BELOW_ONE = Interval(Real, 0, 1, closed="left")

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

# Ranges and types. Names are looked up in their registries first, for an error with a suggestion.
CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", _AT_LEAST_ONE, str],
    "activation": [str, "array-like"],
    "solver": [str],
    "alpha": [_NOT_NEGATIVE],
    "batch_size": [StrOptions({"auto", "sqrt"}), _AT_LEAST_ONE],
    "learning_rate": [str],
    "learning_rate_init": [StrOptions({"auto"}), _POSITIVE],
    "power_t": [_NOT_NEGATIVE],
    "max_iter": [_AT_LEAST_ONE],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [_NOT_NEGATIVE, None],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [_BELOW_ONE, HasMethods(["split"])],
    "beta_1": [_BELOW_ONE],
    "beta_2": [_BELOW_ONE],
    "epsilon": [_POSITIVE],
    "n_iter_no_change": [_AT_LEAST_ONE, Options(Real, {np.inf})],
    "max_fun": [_AT_LEAST_ONE],
    "init": [str],
    "dropout": [_BELOW_ONE, "array-like"],
    "input_dropout": [_BELOW_ONE],
    "batchnorm": ["boolean", StrOptions({"before", "after"}), "array-like"],
    "layernorm": ["boolean"],
    "input_scaling": ["boolean"],
    "optimizer": [str, None],
    "weight_decay": [_NOT_NEGATIVE, None],
    "clip_norm": [_POSITIVE, None],
    "clip_value": [_POSITIVE, None],
    "ema_decay": [_BELOW_ONE, None],
    "l1": [_NOT_NEGATIVE],
    "activity_l1": [_NOT_NEGATIVE],
    "monitor": [str, None],
    "restore_best": ["boolean", None],
    "metrics": [list, tuple, str, callable],
    "callbacks": [list, tuple],
    "tips": [StrOptions(set(advising.MODES))],
    "device": [str],
    "dtype": [StrOptions({"auto", "float32", "float64"})],
    "n_threads": [_AT_LEAST_ONE, None],
    **{name: options.CONSTRAINTS[name] for name in options.DICTS if name != "loss_params"},
}


def check_names(estimator: Any) -> None:
    """Look every name up in its registry, before anything else is checked."""
    options.check_types(estimator)
    _check_writing(estimator)
    if isinstance(estimator.learning_rate, Real):
        raise UnknownOptionError(
            f"learning_rate={estimator.learning_rate!r}: this is a schedule, one of"
            f" {', '.join(map(repr, sorted(SCHEDULES)))}. Write"
            f" learning_rate_init={estimator.learning_rate!r} for the rate itself."
        )
    lookup(SCHEDULES, estimator.learning_rate, "learning_rate")
    lookup(OPTIMIZERS, estimator.solver, "solver")
    if estimator.optimizer is not None:
        lookup(OPTIMIZERS, estimator.optimizer, "optimizer")
    names = [estimator.activation] if is_single(estimator.activation) else estimator.activation
    for name in names:
        if isinstance(name, str) and name == "softmax":
            raise UnknownOptionError(
                "activation='softmax': it is the output's, which a classifier chooses by itself."
                " Give the activation of the hidden layers, such as 'relu'."
            )
        activations.canonical(name)
    initializers.canonical(estimator.init)
    used = [layer.activation for layer in hidden_layers(estimator)]
    options.check_content(estimator, used or _activation_without_layers(estimator))


def check_combinations(estimator: Any) -> None:
    """Reject what cannot go together, before training."""
    name, optimizer = optimizer_name(estimator), optimizer_of(estimator)
    if optimizer.full_batch and not optimizer.in_sklearn and estimator.batch_size != "auto":
        raise ValueError(
            f"optimizer={name!r} is full batch, so batch_size={estimator.batch_size!r} has no"
            " meaning. Leave batch_size='auto', or use optimizer='sgd'."
        )
    network = network_of(estimator, n_features=1, n_outputs=1)
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
    choose(estimator)
    check_callbacks(estimator.callbacks)


def _check_writing(estimator: Any) -> None:
    """Say how to write what is nearly right, where scikit-learn would list types."""
    for name in ("callbacks", "metrics"):
        if getattr(estimator, name) is None:
            raise ValueError(f"{name}=None: write {name}=() for none.")
    _check_callbacks(estimator.callbacks)
    fraction = estimator.validation_fraction
    if isinstance(fraction, str | bytes | type):  # their `split` is another
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
    """Reject what changes the steps of others, or adds to the loss what is left out here."""
    for parameter, why in _NOT_WITH_LINE_SEARCH.items():
        value = getattr(estimator, parameter)
        if value:
            name = optimizer_name(estimator)
            raise ValueError(f"{parameter}={value!r} does not go with {name}, {why}")


def optimizer_name(estimator: Any) -> str:
    """Return which optimizer trains: `solver` decides unless `optimizer` is set."""
    if estimator.optimizer is None:
        return estimator.solver
    if estimator.solver not in ("adam", estimator.optimizer):
        raise ValueError(
            f"solver={estimator.solver!r} and optimizer={estimator.optimizer!r} contradict each"
            " other. Set one of them only; both take every optimizer's name."
        )
    return estimator.optimizer


def optimizer_of(estimator: Any) -> Optimizer:
    """Return what trains, which says what it can do."""
    return OPTIMIZERS[optimizer_name(estimator)]


def choose(estimator: Any) -> OptimizerChoice:
    """Decide every option of the optimizer."""
    return choose_optimizer(
        optimizer_name(estimator),
        momentum=estimator.momentum,
        nesterovs_momentum=bool(estimator.nesterovs_momentum),
        betas=(estimator.beta_1, estimator.beta_2),
        epsilon=estimator.epsilon,
        params=estimator.optimizer_params or {},
    )


def initial_rate(estimator: Any) -> float:
    """Return the initial learning rate, "auto" resolved."""
    if estimator.learning_rate_init == "auto":
        return optimizer_of(estimator).usual_rate
    return float(estimator.learning_rate_init)


def hidden_sizes(value: Any) -> list[int]:
    """Return the hidden layers' widths from a number, a sequence or ``"256x3"``."""
    if isinstance(value, str):
        match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", value)
        if match is None:
            raise ValueError(
                f"hidden_layer_sizes={value!r}: a string must be 'WIDTHxDEPTH', such as '256x3'"
                " for three layers of 256 units."
            )
        return [int(match[1])] * int(match[2])
    sizes = [value] if np.ndim(value) == 0 else list(value)
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, Integral):
            raise ValueError(
                f"hidden_layer_sizes={value!r}: every layer's width must be a whole number,"
                f" got {size!r}."
            )
        if size <= 0:
            raise ValueError(f"hidden_layer_sizes must be > 0, got {value!r}.")
    return [int(size) for size in sizes]


def per_layer(value: Any, n_layers: int, parameter: str) -> list[Any]:
    """Return one value a hidden layer, from a single value or a list of just that length."""
    if is_single(value):
        return [value] * n_layers
    values = list(value)
    if len(values) != n_layers:
        raise ValueError(
            f"{parameter}={value!r} has {len(values)} values for {n_layers} hidden layers. Give"
            " one value for all layers, or a list with one value per hidden layer."
        )
    return values


def network_of(estimator: Any, n_features: int, n_outputs: int) -> Network:
    """Describe the network that the parameters stand for."""
    return Network(
        n_features=n_features,
        n_outputs=n_outputs,
        hidden=tuple(hidden_layers(estimator)),
        activation_params=dict(estimator.activation_params or {}),
        input_dropout=float(estimator.input_dropout),
        layernorm=bool(estimator.layernorm),
        input_scaling=bool(estimator.input_scaling),
    )


def init_activations(estimator: Any, network: Network) -> list[str]:
    """Return the activation that each dense layer's initialisation counts on.

    scikit-learn draws the output layer as if the hidden activation followed it.
    """
    hidden = [layer.activation for layer in network.hidden]
    if hidden:
        return [*hidden, hidden[-1]]
    return _activation_without_layers(estimator)


def _activation_without_layers(estimator: Any) -> list[str]:
    """Return the activation that the first weights count on where there is no hidden layer."""
    single = is_single(estimator.activation)
    return [activations.canonical(estimator.activation) if single else "identity"]


def hidden_layers(estimator: Any) -> list[HiddenLayer]:
    sizes = hidden_sizes(estimator.hidden_layer_sizes)
    names = per_layer(estimator.activation, len(sizes), "activation")
    dropouts = per_layer(estimator.dropout, len(sizes), "dropout")
    norms = per_layer(estimator.batchnorm, len(sizes), "batchnorm")
    return [
        HiddenLayer(size, activations.canonical(name), _dropout(dropout), _batchnorm(norm))
        for size, name, dropout, norm in zip(sizes, names, dropouts, norms, strict=True)
    ]


def _dropout(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < 1:
        raise ValueError(
            f"dropout={value!r}: the share of values to drop must be a number in [0, 1)."
        )
    return float(value)


def _batchnorm(value: Any) -> str | None:
    if isinstance(value, np.bool_):
        value = bool(value)
    if not isinstance(value, bool | str) or value not in BATCHNORM:
        choices = ("before", "after")
        raise UnknownOptionError(
            unknown_option(value, choices, "batchnorm") + " True means 'before', False none."
        )
    return BATCHNORM[value]


def is_single(value: Any) -> bool:
    """Whether it is one value for all hidden layers, not a list of one for each."""
    return isinstance(value, str) or not isinstance(value, Sequence | np.ndarray)
