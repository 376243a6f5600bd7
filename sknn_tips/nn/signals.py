"""The values passed between two layers, and the operations of a layer on them."""

from typing import NamedTuple, Protocol

import torch

from sknn_tips.ops.operation import Operation


class View(NamedTuple):
    """One parameter and the gradient of the loss with respect to it: (rows, columns).

    A vector, such as a bias, has one row, so that it is broadcast over the samples of a batch.
    """

    value: torch.Tensor
    grad: torch.Tensor


class Views(Protocol):
    """The parameters and running statistics of the layers; implemented by `nn.memory.Memory`."""

    def of(self, parameter: torch.Tensor) -> View:
        """Return the buffers of a parameter of the module."""

    def buffer(self, buffer: torch.Tensor) -> torch.Tensor:
        """Return the buffer of a running statistic of the module, with one row: (1, width)."""


class Signal(NamedTuple):
    """The values between two layers, and the gradient of the loss with respect to them.

    Attributes
    ----------
    value : torch.Tensor
        (batch, width)
    grad : torch.Tensor or None
        Same shape as `value`. None in prediction, and in front of the first layer with parameters,
        where the gradient is not needed.
    scale : View or None
        (1, width) Factors that the values still have to be multiplied by. The next dense layer
        multiplies its weights by them instead, which are fewer numbers than the values.
    """

    value: torch.Tensor
    grad: torch.Tensor | None = None
    scale: View | None = None

    @property
    def width(self) -> int:
        return self.value.shape[1]

    def beside(self, width: int, *, trained: bool) -> "Signal":
        """Return new buffers for the same number of samples and another width."""
        value = self.value.new_empty((self.value.shape[0], width))
        return Signal(value, torch.empty_like(value) if trained else None)

    def behind(self) -> "Signal":
        """Return a signal with a new value buffer and the same gradient buffer."""
        return Signal(torch.empty_like(self.value), self.grad)


class Part(NamedTuple):
    """The operations of one layer in a training step or a prediction.

    Attributes
    ----------
    y : Signal
        The output of the layer.
    forward : list of Operation
        Compute ``y.value``.
    backward : list of Operation
        Compute, from ``y.grad``, the gradients with respect to the layer's input and parameters.
    """

    y: Signal
    forward: list[Operation]
    backward: list[Operation]
