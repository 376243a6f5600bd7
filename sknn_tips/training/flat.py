"""All parameters of a network in one buffer, so that one call clears, penalises or updates them."""

import math

import torch
from torch import nn

from sknn_tips.engine.memory import Memory, in_order
from sknn_tips.network.module import MLP


class FlatParameters:
    """Own the memory of a module's parameters and gradients.

    The module's parameters become views of `vector`, their gradients views of `vector.grad`, in
    the order of `engine.memory`.

    Parameters
    ----------
    module : MLP

    Attributes
    ----------
    vector : torch.nn.Parameter
        (n_parameters,)
    weights, weights_grad : torch.Tensor
        (n_weights,) The part that L2 acts on.
    memory : Memory
        The same for the engine.
    """

    def __init__(self, module: MLP) -> None:
        ordered = in_order(module)
        first = ordered[0]
        size = sum(parameter.numel() for parameter in ordered)
        self.vector = nn.Parameter(torch.empty(size, dtype=first.dtype, device=first.device))
        self.vector.grad = torch.zeros_like(self.vector)
        self._bind(ordered)
        self.buffers = [b for b in module.buffers() if b.is_floating_point()]
        self.memory = Memory(module, self.vector.detach(), self.vector.grad, self.buffers)
        self.weights, self.weights_grad = self.memory.weights, self.memory.weights_grad

    def _bind(self, ordered: list[nn.Parameter]) -> None:
        memory, gradient = self.vector.detach(), self.vector.grad
        assert gradient is not None
        start = 0
        for parameter in ordered:
            stop = start + parameter.numel()
            view = memory[start:stop].view(parameter.shape)
            view.copy_(parameter.detach())
            parameter.data = view
            parameter.grad = gradient[start:stop].view(parameter.shape)
            start = stop

    @property
    def grad(self) -> torch.Tensor:
        assert self.vector.grad is not None
        return self.vector.grad

    def snapshot(self) -> list[torch.Tensor]:
        """Return a copy of the parameters and of the norms' running statistics."""
        return [tensor.detach().clone() for tensor in (self.vector, *self.buffers)]

    @torch.no_grad()
    def restore(self, snapshot: list[torch.Tensor]) -> None:
        for tensor, saved in zip((self.vector, *self.buffers), snapshot, strict=True):
            tensor.copy_(saved)

    def all_finite(self) -> bool:
        total = float(self.vector.detach().sum())  # one pass; it is not finite if a number is not
        return math.isfinite(total) or bool(torch.isfinite(self.vector).all())
