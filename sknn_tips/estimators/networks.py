"""The parameters that describe the network: layers, activations, dropout, normalisation."""

import re
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from sknn_tips._registry import shown, unknown_option
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn import activations
from sknn_tips.nn.layers import INPUT_LAYERS
from sknn_tips.nn.module import MOST_LAYERS, MOST_UNITS, HiddenLayer, Network

BATCHNORM = {False: None, True: "before", "before": "before", "after": "after"}


def hidden_sizes(value: Any) -> list[int]:
    """Return the widths of the hidden layers, given a number, a sequence or ``"256x3"``."""
    if isinstance(value, str):
        match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", value)
        if match is None:
            raise ValueError(
                f"hidden_layer_sizes={value!r}: a string must be 'WIDTHxDEPTH', such as '256x3'"
                f" for three layers of 256 units.{_written_sizes(value)}"
            )
        sizes: list[Any] = [int(match[1])] * min(int(match[2]), MOST_LAYERS + 1)
    else:
        sizes = [value] if np.ndim(value) == 0 else list(value)
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, Integral):
            raise ValueError(
                f"hidden_layer_sizes={value!r}: every layer's width must be a whole number,"
                f" got {size!r}."
            )
        if size <= 0:
            raise ValueError(f"hidden_layer_sizes must be > 0, got {value!r}.")
        if int(size) > MOST_UNITS:
            raise ValueError(
                f"hidden_layer_sizes={value!r}: a layer has {MOST_UNITS} units at most."
            )
    if len(sizes) > MOST_LAYERS:
        raise ValueError(
            f"hidden_layer_sizes has {MOST_LAYERS} layers at most, got {shown(value)}."
        )
    return [int(size) for size in sizes]


def _written_sizes(text: str) -> str:
    """Return a sentence with the numbers in a text, as a parameter, or an empty string."""
    if not re.fullmatch(r"[\d\s,;()\[\]-]+", text):
        return ""
    sizes = tuple(map(int, re.findall(r"\d+", text)))
    return f" Write hidden_layer_sizes={sizes[0] if len(sizes) == 1 else sizes}."


def per_layer(value: Any, n_layers: int, parameter: str) -> list[Any]:
    """Return one value per hidden layer, given a single value or a list of that length."""
    if is_single(value):
        return [value] * n_layers
    values = list(value)
    if len(values) != n_layers:
        raise ValueError(
            f"{parameter}={shown(value)} has {len(values)} values for {n_layers} hidden layers."
            " Give one value for all layers, or a list with one value per hidden layer."
        )
    return values


def network_of(estimator: Any, n_features: int, n_outputs: int) -> Network:
    """Return the description of the network that the parameters define."""
    return Network(
        n_features=n_features,
        n_outputs=n_outputs,
        hidden=tuple(hidden_layers(estimator)),
        activation_params=dict(estimator.activation_params or {}),
        input_layers={name: value for name in INPUT_LAYERS if (value := getattr(estimator, name))},
        layernorm=bool(estimator.layernorm),
    )


def init_activations(estimator: Any, network: Network) -> list[Any]:
    """Return for each dense layer the activation that its initialisation assumes.

    scikit-learn draws the weights of the output layer as if the hidden activation followed it.
    """
    hidden = [layer.activation for layer in network.hidden]
    if hidden:
        return [*hidden, hidden[-1]]
    return activation_without_layers(estimator)


def activation_without_layers(estimator: Any) -> list[Any]:
    """Return the activation that the initialisation assumes if there is no hidden layer."""
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
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not (is_number and 0 <= value < 1):
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
            unknown_option(value, choices, "batchnorm")
            + " True means 'before', and False means none."
        )
    return BATCHNORM[value]


def is_single(value: Any) -> bool:
    """Return whether this is one value for all hidden layers, not a list of values."""
    return (
        isinstance(value, str) or not isinstance(value, Sequence | np.ndarray) or not np.ndim(value)
    )
