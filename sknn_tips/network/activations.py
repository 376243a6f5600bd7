"""The activation functions of the hidden layers, by name."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import nn

from sknn_tips._registry import lookup


class Maxout(nn.Module):
    """The largest of several linear pieces (Goodfellow et al., 2013, "Maxout networks").

    The layer in front makes ``pieces`` values a unit, so it has ``pieces`` times the parameters.

    Parameters
    ----------
    pieces : int, default=2
        Number of linear pieces a unit.

    Notes
    -----
    Input: (batch, pieces * units), all units of the first piece before those of the second.
    Output: (batch, units).
    """

    def __init__(self, pieces: int = 2) -> None:
        super().__init__()
        if isinstance(pieces, bool) or not isinstance(pieces, int) or pieces < 2:
            raise ValueError(f"activation_params: pieces={pieces!r} must be a whole number >= 2.")
        self.pieces = pieces

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(1, (self.pieces, -1)).amax(dim=1)

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"


class Step(nn.Module):
    """1 where the input is above 0, else 0: the perceptron's own activation (Rosenblatt, 1958).

    Its slope is 0 everywhere, so no gradient reaches the layers in front of it: it is for weights
    that are set by hand.

    Notes
    -----
    Input and output: any shape.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(torch.sign(x))


ACTIVATIONS: dict[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "identity": nn.Identity,
    "leaky_relu": nn.LeakyReLU,
    "logistic": nn.Sigmoid,
    "maxout": Maxout,
    "mish": nn.Mish,
    "relu": nn.ReLU,
    "selu": nn.SELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "step": Step,
    "tanh": nn.Tanh,
}
ALIASES = {"sigmoid": "logistic", "linear": "identity"}
NAMES = [*ACTIVATIONS, *ALIASES]

# `inplace` would overwrite what autograd needs; it is speed, not a choice about the network.
_NOT_OPTIONS = {"args", "kwargs", "inplace"}


def canonical(name: str) -> str:
    """Return the registry's name of an activation, or raise an error that lists them all."""
    lookup(dict.fromkeys(NAMES), name, "activation")
    return ALIASES.get(name, name)


@cache
def options_of(name: str) -> list[str]:
    """Return what ``activation_params`` may hold for this activation."""
    return [
        key for key in inspect.signature(ACTIVATIONS[name]).parameters if key not in _NOT_OPTIONS
    ]


def build_activation(name: str, params: Mapping[str, Any]) -> nn.Module:
    """Make one fresh module; every layer gets its own, since explainers hook them one by one."""
    known = options_of(name)
    return ACTIVATIONS[name](**{key: value for key, value in params.items() if key in known})


def pieces_of(name: str, params: Mapping[str, Any]) -> int:
    """Return how many values the layer in front must make for one unit."""
    return params.get("pieces", 2) if name == "maxout" else 1
