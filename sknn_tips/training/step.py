"""One update of the weights by autograd and a torch optimizer."""

import torch

from sknn_tips.network.losses import Loss
from sknn_tips.training.net import Net
from sknn_tips.training.optimizers import bare_step
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
        self.bare_step = bare_step(self.optimizer)
        self.alpha = plan.alpha
        self.weight_decay = plan.optimizer.weight_decay
        self.shown_scale = self.loss.reported_scale(net.network.n_outputs)
        self._seeds: dict[float, torch.Tensor] = {}

    def __call__(self, batch: Batch) -> torch.Tensor:
        """Return rows times the loss before the update, penalty included, on the device."""
        total = float(len(batch) if batch.weight is None else batch.weight.sum())
        if total == 0:  # nothing in this batch counts: no step
            return torch.zeros((), dtype=batch.X.dtype, device=batch.X.device)
        shown = self._gradients(batch, total)
        if self.net.tier_ == "T2":
            named = list(self.module.named_parameters())
            self.net.tell("on_grad_computed", named_parameters=named, batch=batch, training=True)
        if self.weight_decay:
            self.flat.weights.mul_(1 - self.net.rate * self.weight_decay)
        if self.net.callbacks_:  # a scheduler among them patches `step` and wants it called
            self.optimizer.step()
        else:
            self.bare_step()
        return shown

    def _gradients(self, batch: Batch, total: float) -> torch.Tensor:
        raw = self.module(batch.X)
        self.raw = raw.detach()
        if batch.weight is None:
            summed = self.loss.total(raw, batch.target)
        else:
            summed = torch.dot(self.loss.per_sample(raw, batch.target), batch.weight)
        self.flat.grad.zero_()
        # seeded with 1 / total, backward gives the gradient of the mean
        torch.autograd.backward(summed, self._seed(summed, total))
        shown = summed.detach() * (self.shown_scale * len(batch) / total)
        if self.alpha:  # in closed form: the gradient of alpha / 2 * ||W||^2 / total
            weights = self.flat.weights
            self.flat.weights_grad.add_(weights, alpha=self.alpha / total)
            shown.add_(torch.dot(weights, weights), alpha=0.5 * self.alpha * len(batch) / total)
        return shown

    def _seed(self, like: torch.Tensor, total: float) -> torch.Tensor:
        if total not in self._seeds:
            self._seeds = {total: torch.full_like(like, 1 / total)}
        return self._seeds[total]
