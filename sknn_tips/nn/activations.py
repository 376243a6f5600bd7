"""The activation functions of the hidden layers, by name."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import nn

from sknn_tips._registry import lookup
from sknn_tips.nn.ranges import FINITE, POSITIVE, Range, checked, one_of, whole


class Maxout(nn.Module):
    """The largest of several linear pieces (Goodfellow et al., 2013, "Maxout networks").

    The layer in front makes ``pieces`` values a unit, so it has ``pieces`` times the parameters.

    Parameters
    ----------
    pieces : int, default=2
        Number of linear pieces a unit, 2 or more.

    Notes
    -----
    Input: (batch, pieces * units), all units of the first piece before those of the second.
    Output: (batch, units).
    """

    def __init__(self, pieces: int = 2) -> None:
        super().__init__()
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

# By the option's name, whichever activation has it.
RANGES: dict[str, Range] = {
    "alpha": FINITE,
    "approximate": one_of("none", "tanh"),
    "beta": POSITIVE,
    "negative_slope": FINITE,
    "pieces": whole("a whole number >= 2", lambda value: value >= 2),
    "threshold": FINITE,
}

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
    own = {key: value for key, value in params.items() if key in known}
    return ACTIVATIONS[name](**checked(own, RANGES, "activation_params"))


def pieces_of(name: str, params: Mapping[str, Any]) -> int:
    """Return how many values the layer in front must make for one unit."""
    return params.get("pieces", 2) if name == "maxout" else 1
