"""What flows between two layers, and what a layer does with it."""

from typing import NamedTuple, Protocol

import torch

from sknn_tips.ops.operation import Operation


class View(NamedTuple):
    """One parameter and the derivative of the loss by it: (rows, columns).

    A vector, such as a bias, has one row, so that it adds to every row of a batch.
    """

    value: torch.Tensor
    grad: torch.Tensor


class Views(Protocol):
    """Where a layer's numbers are; `nn.memory.Memory` tells."""

    def of(self, parameter: torch.Tensor) -> View:
        """Return where a parameter of the module is."""

    def buffer(self, buffer: torch.Tensor) -> torch.Tensor:
        """Return where a running statistic of the module is, with one row: (1, width)."""


class Signal(NamedTuple):
    """The values between two layers, and the derivatives of the loss by them.

    Attributes
    ----------
    value : torch.Tensor
        (batch, width)
    grad : torch.Tensor or None
        Of the same shape; None in prediction, and in front of the first layer with parameters,
        where nobody asks for it.
    scale : View or None
        (1, width) What the values are still to be multiplied by: the dense layer behind does it to
        its weights, which are fewer.
    """

    value: torch.Tensor
    grad: torch.Tensor | None = None
    scale: View | None = None

    @property
    def width(self) -> int:
        return self.value.shape[1]

    def beside(self, width: int, *, trained: bool) -> "Signal":
        """Return new buffers for as many rows of another width."""
        value = self.value.new_empty((self.value.shape[0], width))
        return Signal(value, torch.empty_like(value) if trained else None)

    def behind(self) -> "Signal":
        """Return a new buffer for values computed from these, whose derivatives replace theirs."""
        return Signal(torch.empty_like(self.value), self.grad)


class Part(NamedTuple):
    """One layer's share of a step.

    Attributes
    ----------
    y : Signal
        What it gives.
    forward : list of Operation
        They compute ``y.value``.
    backward : list of Operation
        They compute, from ``y.grad``, the derivatives by the layer's input and parameters.
    """

    y: Signal
    forward: list[Operation]
    backward: list[Operation]
