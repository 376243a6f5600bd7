"""The torch module a network description stands for, and its first weights."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from sknn_tips.nn.activations import Activation, activation_of
from sknn_tips.nn.initializers import Rng, Weights, draw_layer, sklearn_bound
from sknn_tips.nn.layers import Dense, Dropout, Scaling
from sknn_tips.nn.own import own_draws
from sknn_tips.ops.bits import Bits


@dataclass(frozen=True)
class HiddenLayer:
    """One hidden layer: its units and what stands around them."""

    units: int
    activation: Any = "relu"
    """The registry's name, or a class of the user's own."""
    dropout: float = 0.0
    batchnorm: str | None = None
    """``"before"`` or ``"after"`` the activation, or None."""


@dataclass(frozen=True)
class Network:
    """Everything that decides the module's structure; the weights are not part of it."""

    n_features: int
    n_outputs: int
    hidden: tuple[HiddenLayer, ...] = ()
    activation_params: Mapping[str, Any] = field(default_factory=dict)
    input_dropout: float = 0.0
    layernorm: bool = False
    input_scaling: bool = False

    @property
    def widths(self) -> list[tuple[int, int, int]]:
        """``(fan_in, units, pieces)`` of each dense layer, the output layer last."""
        units = [layer.units for layer in self.hidden] + [self.n_outputs]
        params = self.activation_params
        pieces = [activation_of(layer.activation).pieces(params) for layer in self.hidden]
        return list(zip([self.n_features, *units[:-1]], units, [*pieces, 1], strict=True))

    @property
    def weight_layout(self) -> tuple[Any, ...]:
        """What decides which parameters there are: equal for networks that can swap weights."""
        norms = [layer.batchnorm for layer in self.hidden]
        return self.widths, self.layernorm, norms, self.input_scaling

    @property
    def summary(self) -> str:
        """The layers in short, such as ``"64-100-10"``."""
        units = "-".join(str(units) for _, units, _ in self.widths)
        norms = sorted({f"batchnorm {layer.batchnorm}" for layer in self.hidden if layer.batchnorm})
        norms += ["layernorm"] * self.layernorm + ["input scaling"] * self.input_scaling
        return f"{self.n_features}-{units}" + (f" ({', '.join(norms)})" if norms else "")

    @property
    def own_activations(self) -> list[Any]:
        """The classes of the user's own."""
        return [layer.activation for layer in self.hidden if callable(layer.activation)]

    @property
    def uses_batchnorm(self) -> bool:
        return any(layer.batchnorm for layer in self.hidden)

    @property
    def uses_dropout(self) -> bool:
        return self.input_dropout > 0 or any(layer.dropout > 0 for layer in self.hidden)


class MLP(nn.Sequential):
    """A multi-layer perceptron: a plain sequence of layers, in the order they act.

    Dropout and scaling of the input come first. A hidden layer is: dense, batch norm "before",
    layer norm, activation, batch norm "after", dropout. The last dense layer gives the raw output;
    the link belongs to the loss.

    Parameters
    ----------
    network : Network
    dtype : torch.dtype
    device : torch.device or str, default="cpu"
    seed : int, default=0
        Of the first parameters that activations of the user's own may have.

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
        """Return the raw output and what each hidden activation gave on the way."""
        activities = []
        for layer, activation in zip(self, self.activations, strict=True):
            x = layer(x)
            if activation is not None:
                activities.append(x)
        return x, activities

    def set_generator(self, generator: Bits | None) -> None:
        """Let every dropout layer draw from `generator`."""
        for layer in self:
            if isinstance(layer, Dropout):
                layer.generator = generator


def _layers(
    network: Network, dtype: torch.dtype, device: torch.device | str
) -> Iterator[tuple[nn.Module, Activation | None]]:
    """Yield the layers, each with the activation that it is, if it is one."""
    made: dict[str, Any] = {"dtype": dtype, "device": device}
    if network.input_dropout:
        yield Dropout(network.input_dropout), None
    if network.input_scaling:
        yield Scaling(network.n_features, **made), None
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
        A name of `INITIALIZERS` or a function (biases are zero unless asked for), or "auto":
        scikit-learn's draw, number by number, in which the biases are drawn too.
    init_params : mapping
        Options of the initialiser.
    activations : list of (str or callable)
        The activation behind each dense layer; scikit-learn counts the output layer as if it
        had the hidden layers' activation.
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
