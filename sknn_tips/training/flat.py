"""All parameters of a network in one buffer, so that one call clears, penalises or updates them."""

import torch
from torch import nn

from sknn_tips.network.module import MLP


class FlatParameters:
    """Own the memory of a module's parameters and gradients.

    The module's parameters become views of `vector`, their gradients views of `vector.grad`. The
    weights of the dense layers come first, then their biases (as scikit-learn packs them), then
    the parameters of the norms: a penalty on the weights is one slice.

    Parameters
    ----------
    module : MLP

    Attributes
    ----------
    vector : torch.nn.Parameter
        (n_parameters,)
    weights, weights_grad : torch.Tensor
        (n_weights,) The part that L2 acts on.
    """

    def __init__(self, module: MLP) -> None:
        dense = module.dense_layers
        weights = [layer.weight for layer in dense]
        ordered = weights + [layer.bias for layer in dense]
        taken = {id(parameter) for parameter in ordered}
        ordered += [p for p in module.parameters() if id(p) not in taken]

        first = ordered[0]
        size = sum(parameter.numel() for parameter in ordered)
        self.vector = nn.Parameter(torch.empty(size, dtype=first.dtype, device=first.device))
        self.vector.grad = torch.zeros_like(self.vector)
        self._bind(ordered)
        n_weights = sum(parameter.numel() for parameter in weights)
        self.weights = self.vector.detach()[:n_weights]
        self.weights_grad = self.vector.grad[:n_weights]
        self.buffers = [b for b in module.buffers() if b.is_floating_point()]

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
        return bool(torch.isfinite(self.vector).all())
