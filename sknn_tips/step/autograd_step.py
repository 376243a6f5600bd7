"""One update of the weights by autograd and a torch optimizer (tiers T1 and T2)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from sknn_tips._compat.torch import bare_step, import_dynamo
from sknn_tips.data.features import Index
from sknn_tips.data.rows import Batch, Rows
from sknn_tips.runtime.interrupts import uninterrupted
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step.step import Step


class AutogradStep(Step):
    """Train on one batch with any torch optimizer, and call the batch hooks of callbacks.

    Attributes
    ----------
    raw : torch.Tensor
        The network's output for the last batch, for callbacks.
    """

    raw: torch.Tensor

    def __init__(self, net: Net, plan: Plan) -> None:
        super().__init__(net, plan)
        self.module = net.module_
        self.optimizer = net.use_optimizer(plan.optimizer, plan.rate)
        own = plan.optimizer.entry.own
        if net.callbacks_:
            with uninterrupted():
                import_dynamo()  # `optimizer.step` does it at its first call
        self.bare_step = self.optimizer.step if own else bare_step(self.optimizer)
        self.shown_scale = self.loss.reported_scale(net.network.n_outputs)

    def __call__(self, rows: Rows, index: Index) -> None:
        if self.net.tier_ == "T2":
            self._told(rows[index])
        else:
            self.on(rows[index])

    def _told(self, batch: Batch) -> None:
        """Train on a batch, and call the callbacks before and after."""
        net, skorch_batch = self.net, (batch.X, batch.target)
        net.history.new_batch()
        net.tell("on_batch_begin", batch=skorch_batch, training=True)
        loss = self.on(batch) / len(batch)
        net.history.record_batch("train_loss", float(loss))
        net.history.record_batch("train_batch_size", len(batch))
        net.tell("on_batch_end", batch=skorch_batch, training=True, loss=loss, y_pred=self.raw)

    @contextmanager
    def running(self) -> Iterator[None]:
        self.module.train()
        yield
        self.module.eval()

    def on(self, batch: Batch) -> torch.Tensor:
        """Train on a batch; return its number of samples times its loss, on the device."""
        total = float(len(batch) if batch.weight is None else batch.weight.sum())
        if total == 0:  # all weights are zero: no update
            with torch.no_grad():
                self.raw = self.module(batch.X)  # callbacks need the output of every batch
            return torch.zeros((), dtype=batch.X.dtype, device=batch.X.device)
        shown = self._data_gradient(batch, total)
        penalty = self._penalise_weights(total)
        if penalty is not None:
            shown.add_(penalty)
        self._clip()
        if self.net.tier_ == "T2":
            named = list(self.module.named_parameters())
            self.net.tell("on_grad_computed", named_parameters=named, batch=batch, training=True)
        self._decay(self.net.rate)
        if self.net.callbacks_:  # a scheduler among them patches `step`, and it must be called
            self.optimizer.step()
        else:
            self.bare_step()
        if self.average is not None:
            self.average.update()
        shown.mul_(len(batch))
        self.total.add_(shown)
        return shown

    def _data_gradient(self, batch: Batch, total: float) -> torch.Tensor:
        """Compute the gradient of the loss without L1 and L2; return the mean loss to report."""
        raw, activities = self._forward(batch.X)
        self.raw = raw.detach()
        if batch.weight is None:
            summed = self.loss.total(raw, batch.target)
        else:
            summed = torch.dot(self.loss.per_sample(raw, batch.target), batch.weight)
        shown = summed.detach() * (self.shown_scale / total)
        for activity in activities:
            per_sample = self.plan.params.activity_l1 * activity.abs().sum(dim=1)
            weighted = per_sample if batch.weight is None else per_sample * batch.weight
            summed = summed + weighted.sum()
            shown.add_(weighted.detach().sum(), alpha=1 / total)
        self.flat.grad.zero_()
        (summed * (1 / total)).backward()  # backward(gradient=1 / total) would import sympy
        return shown

    def _forward(self, X: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        return self.module.activities(X) if self.plan.params.activity_l1 else (self.module(X), [])

    def _penalise_weights(self, total: float) -> torch.Tensor | None:
        """Add the gradients of the L2 and L1 penalties, in closed form; return the penalty."""
        weights, gradient, plan = self.flat.weights, self.flat.weights_grad, self.plan
        penalty = None
        if plan.params.alpha:  # the penalty is alpha / 2 * ||W||^2 / total
            gradient.add_(weights, alpha=plan.params.alpha / total)
            penalty = torch.dot(weights, weights) * (0.5 * plan.params.alpha / total)
        if plan.params.l1:
            gradient.add_(weights.sign(), alpha=plan.params.l1)
            absolute = weights.abs().sum() * plan.params.l1
            penalty = absolute if penalty is None else penalty + absolute
        return penalty
