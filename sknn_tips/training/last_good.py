"""The weights that are restored when training diverges."""

import math

import torch

from sknn_tips.data.rows import Rows
from sknn_tips.state.forward import raw_output
from sknn_tips.state.net import Net


class LastGood:
    """Keep the weights of the epoch with the lowest training loss, and those before training.

    Attributes
    ----------
    first : list of torch.Tensor
        The parameters, then the running statistics of batch norm, before training.
    epoch : int
        The best epoch, counted from 1; 0 if there is none yet.
    """

    def __init__(self, net: Net) -> None:
        self.net = net
        self.first = net.flat.snapshot()
        self.epoch, self.lowest = 0, math.inf
        self._best = [torch.empty_like(tensor) for tensor in self.first]

    def update(self, epoch: int, loss: float) -> None:
        """Keep the weights after an epoch if its loss is the lowest so far."""
        if loss < self.lowest:
            self.epoch, self.lowest = epoch, loss
            flat = self.net.flat
            tensors = (flat.memory.vector, *flat.buffers)
            for kept, tensor in zip(self._best, tensors, strict=True):
                kept.copy_(tensor)

    def restore(self, rows: Rows) -> bool:
        """Restore the best weights and return True.

        If the initial weights are at least as good, restore these instead, and return False.
        The loss of an epoch is a mean over its updates. Therefore the loss of all samples is
        computed at both sets of weights and compared.
        """
        flat = self.net.flat
        before = self._loss(rows, self.first)
        if self.epoch:
            after = self._loss(rows, self._best)
            if math.isfinite(after) and not after >= before:
                return True
        flat.restore(self.first)
        return False

    def _loss(self, rows: Rows, state: list[torch.Tensor]) -> float:
        self.net.flat.restore(state)
        raw = raw_output(self.net.flat.memory, rows.X)
        return self.net.criterion_.mean(raw, rows.target, rows.weight)
