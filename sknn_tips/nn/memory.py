"""The parameters of a network in one buffer, and their gradients in another."""

from collections.abc import Iterable
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

import torch
from torch import nn

from sknn_tips.nn.layers import Dense
from sknn_tips.nn.module import MLP
from sknn_tips.nn.signals import View


class RateGroup(NamedTuple):
    """A part of the parameter buffer with a common learning rate.

    Attributes
    ----------
    part : slice
    factor : float
        Learning rate of these parameters divided by the base learning rate; 1 for the first group.
    """

    part: slice
    factor: float


def in_order(module: MLP) -> list[nn.Parameter]:
    """Return the parameters in the order of the buffer.

    The weights of the dense layers come first, then their biases (as scikit-learn packs them), then
    the parameters of the other layers. In this order the weights, which the penalties and weight
    decay apply to, are one slice, and parameters with the same learning rate are contiguous.
    """
    return [parameter for parameter, _ in _with_factors(module)]


def rate_groups(module: MLP) -> list[RateGroup]:
    """Return the parts of the buffer with equal learning rates, in buffer order."""
    parameters = _with_factors(module)
    factors, sizes = [], []
    for factor, alike in groupby(parameters, key=lambda pair: pair[1]):
        factors.append(factor)
        sizes.append(sum(parameter.numel() for parameter, _ in alike))
    cuts = pairwise(accumulate(sizes, initial=0))
    return [RateGroup(slice(*cut), factor) for cut, factor in zip(cuts, factors, strict=True)]


def by_rate(module: MLP) -> list[list[nn.Parameter]]:
    """Return the parameters of each of the `rate_groups`, in their own shapes."""
    alike = groupby(_with_factors(module), key=lambda pair: pair[1])
    return [[parameter for parameter, _ in pairs] for _, pairs in alike]


def _with_factors(module: MLP) -> list[tuple[nn.Parameter, float]]:
    """Return (parameter, `rate_factor` of its layer) in buffer order; the default factor is 1."""
    dense = module.dense_layers
    first = [layer.weight for layer in dense] + [layer.bias for layer in dense]
    others = [
        (parameter, float(getattr(layer, "rate_factor", 1.0)))
        for layer in module
        if not isinstance(layer, Dense)
        for parameter in layer.parameters()
    ]
    return [(parameter, 1.0) for parameter in first] + sorted(others, key=lambda pair: pair[1])


class Memory:
    """Views of the buffers that hold the parameters, gradients and running statistics.

    Parameters
    ----------
    module : MLP
        Defines the set of parameters.
    vector, grad : torch.Tensor
        (n_parameters,)
    buffers : iterable of torch.Tensor
        The running statistics of batch norm, (width,), in the module's order.
    """

    def __init__(
        self,
        module: MLP,
        vector: torch.Tensor,
        grad: torch.Tensor,
        buffers: Iterable[torch.Tensor],
    ) -> None:
        self.module, self.vector, self.grad = module, vector, grad
        floating = [buffer for buffer in module.buffers() if buffer.is_floating_point()]
        self._buffers = dict(zip(map(id, floating), buffers, strict=True))
        parameters = in_order(module)
        sizes = [parameter.numel() for parameter in parameters]
        self._views = {}
        for parameter, value, derivative in zip(
            parameters, vector.split(sizes), grad.split(sizes), strict=True
        ):
            shape = parameter.shape if parameter.dim() == 2 else (1, -1)
            self._views[id(parameter)] = View(value.view(shape), derivative.view(shape))
        n_weights = sum(layer.weight.numel() for layer in module.dense_layers)
        self.weights, self.weights_grad = vector[:n_weights], grad[:n_weights]
        self.rate_groups = rate_groups(module)

    def cast(self, dtype: torch.dtype) -> "Memory":
        """Return a copy in another dtype, for predictions; it has no separate gradient buffer."""
        vector = self.vector.to(dtype)
        buffers = [buffer.to(dtype) for buffer in self._buffers.values()]
        return Memory(self.module, vector, vector, buffers)

    def copy_from(self, other: "Memory") -> None:
        """Copy the values from another memory of the same module; the dtypes may differ."""
        self.vector.copy_(other.vector)
        for mine, theirs in zip(self._buffers.values(), other._buffers.values(), strict=True):
            mine.copy_(theirs)

    def of(self, parameter: torch.Tensor) -> View:
        """Return the buffers of a parameter of the module."""
        return self._views[id(parameter)]

    def buffer(self, buffer: torch.Tensor) -> torch.Tensor:
        """Return the buffer of a running statistic of the module, with one row: (1, width)."""
        return self._buffers[id(buffer)].unsqueeze(0)
