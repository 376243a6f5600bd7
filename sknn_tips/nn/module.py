"""Build the torch module for a network description, and draw its initial weights."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from sknn_tips.nn.activations import Activation, activation_of
from sknn_tips.nn.initializers import Rng, Weights, draw_layer, sklearn_bound
from sknn_tips.nn.layers import INPUT_LAYERS, Dense, Dropout
from sknn_tips.nn.ranges import BELOW_ONE
from sknn_tips.nn.user_objects import own_draws
from sknn_tips.ops.bits import Bits

MOST_UNITS, MOST_LAYERS = 2**31, 1000


@dataclass(frozen=True)
class HiddenLayer:
    """One hidden layer: its units, activation, dropout and batch normalisation."""

    units: int
    activation: Any = "relu"
    """A main name in the registry, or a class of the user."""
    dropout: float = 0.0
    batchnorm: str | None = None
    """``"before"`` or ``"after"`` the activation, or None."""


@dataclass(frozen=True)
class Network:
    """The structure of a network; the weights are not part of it."""

    n_features: int
    n_outputs: int
    hidden: tuple[HiddenLayer, ...] = ()
    activation_params: Mapping[str, Any] = field(default_factory=dict)
    input_layers: Mapping[str, Any] = field(default_factory=dict)
    """Values of the parameters in `INPUT_LAYERS` that are set."""
    layernorm: bool = False

    def check(self) -> None:
        """Raise ValueError unless the fields, which may be from a file, are as described."""
        numbers = [self.n_features, self.n_outputs, *(layer.units for layer in self.hidden)]
        for number in numbers:
            if not (type(number) is int and 1 <= number <= MOST_UNITS):
                raise ValueError(f"a layer of its network has {number!r} units")
        if len(self.hidden) > MOST_LAYERS:
            raise ValueError(f"its network has {len(self.hidden):,} layers")
        for layer in self.hidden:
            if layer.batchnorm not in (None, "before", "after"):
                raise ValueError(f"a layer has batchnorm {layer.batchnorm!r}")
            if not BELOW_ONE.holds(layer.dropout):
                raise ValueError(f"a layer has dropout {layer.dropout!r}")
        if not (set(self.input_layers) <= set(INPUT_LAYERS) and isinstance(self.layernorm, bool)):
            raise ValueError("its network has input layers or norms that are not known")

    @property
    def widths(self) -> list[tuple[int, int, int]]:
        """``(fan_in, units, pieces)`` of each dense layer, the output layer last."""
        units = [layer.units for layer in self.hidden] + [self.n_outputs]
        params = self.activation_params
        pieces = [activation_of(layer.activation).pieces(params) for layer in self.hidden]
        return list(zip([self.n_features, *units[:-1]], units, [*pieces, 1], strict=True))

    @property
    def weight_layout(self) -> tuple[Any, ...]:
        """Describe the set of parameters; networks with equal layouts can exchange weights."""
        norms = [layer.batchnorm for layer in self.hidden]
        return self.widths, self.layernorm, norms, self._input_weights

    @property
    def summary(self) -> str:
        """Return the layer widths and norms as text, such as ``"64-100-10"``."""
        units = "-".join(str(units) for _, units, _ in self.widths)
        norms = sorted({f"batchnorm {layer.batchnorm}" for layer in self.hidden if layer.batchnorm})
        norms += ["layernorm"] * self.layernorm
        norms += [name.replace("_", " ") for name in self._input_weights]
        return f"{self.n_features}-{units}" + (f" ({', '.join(norms)})" if norms else "")

    @property
    def _input_weights(self) -> list[str]:
        return [name for name in self.input_layers if INPUT_LAYERS[name].has_weights]

    @property
    def own_activations(self) -> list[Any]:
        """The activations that are classes of the user."""
        return [layer.activation for layer in self.hidden if callable(layer.activation)]

    @property
    def uses_batchnorm(self) -> bool:
        return any(layer.batchnorm for layer in self.hidden)

    @property
    def uses_dropout(self) -> bool:
        return "input_dropout" in self.input_layers or any(each.dropout for each in self.hidden)


class MLP(nn.Sequential):
    """A multi-layer perceptron: a sequence of layers in the order of computation.

    Dropout and scaling of the input come first. The order within a hidden layer is: dense, batch
    norm "before", layer norm, activation, batch norm "after", dropout. The last dense layer outputs
    the raw values; the link function belongs to the loss.

    Parameters
    ----------
    network : Network
    dtype : torch.dtype
    device : torch.device or str, default="cpu"
    seed : int, default=0
        For the initial parameters that activations of the user may have.

    Attributes
    ----------
    activations : list of (Activation or None)
        What each layer is; None for those that are no activation.

    Notes
    -----
    Input: (batch, n_features). Output: (batch, n_outputs). The weights are zero until
    `draw_weights` is called.
    """

    def __init__(
        self,
        network: Network,
        *,
        dtype: torch.dtype,
        device: torch.device | str = "cpu",
        seed: int = 0,
    ) -> None:
        with own_draws(seed) if network.own_activations else nullcontext():
            layers, activations = zip(*_layers(network, dtype, device), strict=True)
        super().__init__(*layers)
        self.network, self.activations = network, list(activations)

    @property
    def dense_layers(self) -> list[Dense]:
        return [layer for layer in self if isinstance(layer, Dense)]

    def activities(self, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the raw output and the output of each hidden activation."""
        activities = []
        for layer, activation in zip(self, self.activations, strict=True):
            x = layer(x)
            if activation is not None:
                activities.append(x)
        return x, activities

    def set_generator(self, generator: Bits | None) -> None:
        """Set the random generator of every dropout layer."""
        for layer in self:
            if isinstance(layer, Dropout):
                layer.generator = generator


def _layers(
    network: Network, dtype: torch.dtype, device: torch.device | str
) -> Iterator[tuple[nn.Module, Activation | None]]:
    """Yield the layers in order, each with its entry if it is an activation."""
    made: dict[str, Any] = {"dtype": dtype, "device": device}
    for name, value in network.input_layers.items():
        yield INPUT_LAYERS[name].of_input(value, network.n_features, **made), None
    *hidden_widths, (last_in, n_outputs, _) = network.widths
    for layer, (n_in, units, pieces) in zip(network.hidden, hidden_widths, strict=True):
        yield Dense(n_in, units * pieces, **made), None
        if layer.batchnorm == "before":
            yield nn.BatchNorm1d(units * pieces, **made), None
        if network.layernorm:
            yield nn.LayerNorm(units * pieces, **made), None
        activation = activation_of(layer.activation)
        module = activation.build(network.activation_params)
        yield (module.to(**made) if callable(layer.activation) else module), activation
        if layer.batchnorm == "after":
            yield nn.BatchNorm1d(units, **made), None
        if layer.dropout:
            yield Dropout(layer.dropout), None
    yield Dense(last_in, n_outputs, **made), None


@torch.no_grad()
def draw_weights(
    module: MLP,
    init: Any,
    init_params: Mapping[str, Any],
    activations: list[Any],
    rng: Rng,
) -> None:
    """Draw the weights and biases of every dense layer.

    Parameters
    ----------
    module : MLP
    init : str or callable
        A name of `INITIALIZERS` or a function of the user (biases are zero unless ``draw_biases``
        is set), or "auto": the same random numbers as scikit-learn draws, which include the biases.
    init_params : mapping
        Options of the initialiser.
    activations : list of (str or callable)
        The activation that follows each dense layer. scikit-learn treats the output layer as if it
        had the activation of the hidden layers.
    rng : numpy.random.RandomState
    """
    for dense, (fan_in, units, pieces), activation in zip(
        module.dense_layers, module.network.widths, activations, strict=True
    ):
        if init == "auto":
            weight, bias = _sklearn_draw(fan_in, units, pieces, activation, rng)
        else:
            weight, bias = draw_layer(init, fan_in, units, rng, pieces=pieces, **init_params)
        dense.weight.copy_(torch.from_numpy(weight))
        dense.bias.copy_(torch.from_numpy(bias))


def _sklearn_draw(
    fan_in: int, units: int, pieces: int, activation: Any, rng: Rng
) -> tuple[Weights, Weights]:
    bound = sklearn_bound(fan_in, units, activation)
    weight = rng.uniform(-bound, bound, (fan_in, units * pieces))
    bias = rng.uniform(-bound, bound, units * pieces)
    return weight, bias
