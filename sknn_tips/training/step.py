"""One update of the weights: what the engine's way and autograd's have in common."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

import torch

from sknn_tips.network.losses import Loss
from sknn_tips.training.features import Index
from sknn_tips.training.net import Net
from sknn_tips.training.plan import Plan
from sknn_tips.training.rows import Rows


class Step(ABC):
    """Trains on one batch after the other.

    Parameters
    ----------
    net : Net
    plan : Plan

    Attributes
    ----------
    total : torch.Tensor
        (1, 1) Sum over batches of their rows times their mean loss before the update, penalties
        included, since it was last set to zero.
    """

    def __init__(self, net: Net, plan: Plan) -> None:
        self.net, self.plan = net, plan
        self.loss: Loss = net.criterion_
        self.flat = net.flat
        self.total = torch.zeros_like(self.flat.vector[:1]).detach().unsqueeze(0)

    @abstractmethod
    def __call__(self, rows: Rows, index: Index) -> None:
        """Train on some of the rows."""

    @abstractmethod
    def running(self) -> AbstractContextManager[object]:
        """Return what batches run within."""

    def _clip(self) -> None:
        """Shorten the gradient of all parameters together, or cut its components off."""
        gradient, plan = self.flat.grad, self.plan
        if plan.clip_norm is not None:  # as torch.nn.utils.clip_grad_norm_, without a host sync
            shortened = plan.clip_norm / (torch.linalg.vector_norm(gradient) + 1e-6)
            gradient.mul_(shortened.clamp_(max=1.0))
        elif plan.clip_value is not None:
            gradient.clamp_(-plan.clip_value, plan.clip_value)

    def _decay(self) -> None:
        if self.plan.weight_decay:
            self.flat.weights.mul_(1 - self.net.rate * self.plan.weight_decay)
