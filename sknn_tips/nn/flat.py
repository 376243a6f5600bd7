"""Keep all parameters in one buffer, so that one call clears, penalises or updates them all."""

import copy
import math

import torch
from torch import nn

from sknn_tips.nn.memory import Memory, RateGroup, in_order
from sknn_tips.nn.module import MLP
from sknn_tips.nn.program import covers


class FlatParameters:
    """Own the storage of a module's parameters and gradients.

    The module's parameters become views of `vector`, and their gradients views of `vector.grad`, in
    the order that `nn.memory.in_order` returns.

    Parameters
    ----------
    module : MLP

    Attributes
    ----------
    vector : torch.nn.Parameter
        (n_parameters,)
    groups : list of (torch.nn.Parameter, RateGroup)
        The parts of `vector` that have different learning rates, each with its gradient; `vector`
        itself if there is only one learning rate.
    weights, weights_grad : torch.Tensor
        (n_weights,) The part that L2 and weight decay apply to.
    memory : Memory
        The same storage, as the engine uses it.
    """

    def __init__(self, module: MLP) -> None:
        self._ordered = in_order(module)
        self._module = module
        self.buffers = [b for b in module.buffers() if b.is_floating_point()]
        first = self._ordered[0]
        size = sum(parameter.numel() for parameter in self._ordered)
        vector = torch.empty(size, dtype=first.dtype, device=first.device)
        self._bind(vector, torch.zeros_like(vector))

    def _bind(self, vector: torch.Tensor, gradient: torch.Tensor) -> None:
        """Copy the parameters into `vector`, and make them views of it."""
        sizes = [parameter.numel() for parameter in self._ordered]
        for parameter, part, derivative in zip(
            self._ordered, vector.split(sizes), gradient.split(sizes), strict=True
        ):
            view = part.view(parameter.shape)
            view.copy_(parameter.detach())
            parameter.data = view
            parameter.grad = derivative.view(parameter.shape)
        self.vector = nn.Parameter(vector)
        self.vector.grad = gradient
        self.memory = Memory(self._module, vector, gradient, self.buffers)
        self.weights, self.weights_grad = self.memory.weights, self.memory.weights_grad
        self.groups = [(self._part(group), group) for group in self.memory.rate_groups]
        self._double: Memory | None = None

    def _part(self, group: RateGroup) -> nn.Parameter:
        """Return a part of the vector as a parameter that a torch optimizer accepts."""
        if len(self.memory.rate_groups) == 1:
            return self.vector
        parameter = nn.Parameter(self.vector.detach()[group.part])
        parameter.grad = self.grad[group.part]
        return parameter

    @torch.no_grad()
    def double(self) -> Memory:
        """Return the current values in float64; the views are slow to build, so they are reused."""
        if self.vector.dtype == torch.float64:
            return self.memory
        if self._double is None and covers(self._module):
            self._double = self.memory.cast(torch.float64)
        elif self._double is None:  # the module itself has to compute in it
            self._double = FlatParameters(copy.deepcopy(self._module).double()).memory
        else:
            self._double.copy_from(self.memory)
        return self._double

    @property
    def grad(self) -> torch.Tensor:
        assert self.vector.grad is not None
        return self.vector.grad

    def snapshot(self) -> list[torch.Tensor]:
        """Return a copy of the parameters and of the running statistics of batch norm."""
        return [tensor.detach().clone() for tensor in (self.vector, *self.buffers)]

    @torch.no_grad()
    def restore(self, snapshot: list[torch.Tensor]) -> None:
        for tensor, saved in zip((self.vector, *self.buffers), snapshot, strict=True):
            tensor.copy_(saved)

    def all_finite(self) -> bool:
        """Return whether all parameters and running statistics are finite."""
        return all(map(_all_finite, (self.vector.detach(), *self.buffers)))


def _all_finite(tensor: torch.Tensor) -> bool:
    # A single pass is faster; the sum is not finite if any value is not.
    return math.isfinite(float(tensor.sum())) or bool(torch.isfinite(tensor).all())
