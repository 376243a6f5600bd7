"""One update of the weights by autograd and a torch optimizer."""

from typing import Any

import torch

from sknn_tips.network.losses import Loss
from sknn_tips.training.net import Net
from sknn_tips.training.plan import Plan
from sknn_tips.training.rows import Batch


class Step:
    """Train on one batch; the engine (tier T0) will take this place where it can.

    Parameters
    ----------
    net : Net
    plan : Plan

    Attributes
    ----------
    raw : torch.Tensor
        The network's output for the last batch, for callbacks.
    """

    raw: torch.Tensor

    def __init__(self, net: Net, plan: Plan) -> None:
        self.net = net
        self.module = net.module_
        self.loss: Loss = net.criterion_
        self.flat = net.flat
        self.optimizer = net.use_optimizer(plan.optimizer, plan.rate)
        self.alpha = plan.alpha
        self.weight_decay = plan.optimizer.weight_decay
        self.shown_scale = self.loss.reported_scale(net.network.n_outputs)

    def __call__(self, batch: Batch) -> torch.Tensor:
        """Return the loss before the update, penalty included, as a tensor on the device."""
        total = len(batch) if batch.weight is None else float(batch.weight.sum())
        if total == 0:  # nothing in this batch counts: no step
            return torch.zeros((), dtype=batch.X.dtype, device=batch.X.device)
        shown = self._gradients(batch, total)
        if self.net.tier_ == "T2":
            named = list(self.module.named_parameters())
            self.net.tell("on_grad_computed", named_parameters=named, batch=batch, training=True)
        if self.weight_decay:
            self.flat.weights.mul_(1 - self.net.rate * self.weight_decay)
        self.optimizer.step()
        return shown

    def _gradients(self, batch: Batch, total: float) -> torch.Tensor:
        raw: Any = self.module(batch.X)
        self.raw = raw.detach()
        per_sample = self.loss.per_sample(raw, batch.target)
        if batch.weight is None:
            mean = per_sample.mean()
        else:
            mean = torch.dot(per_sample, batch.weight) / total
        self.flat.grad.zero_()
        mean.backward()
        shown = mean.detach() * self.shown_scale
        if self.alpha:  # in closed form: the gradient of alpha / 2 * ||W||^2 / total
            weights = self.flat.weights
            self.flat.weights_grad.add_(weights, alpha=self.alpha / total)
            shown = shown + torch.dot(weights, weights) * (0.5 * self.alpha / total)
        return shown
