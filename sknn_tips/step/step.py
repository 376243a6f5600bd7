"""The update of the weights: the base class of the steps by the engine and by autograd."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import NamedTuple, Protocol

import torch

from sknn_tips.data.features import Index
from sknn_tips.data.rows import Rows
from sknn_tips.nn.losses import Loss
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step.averaging import WeightAverage


class Watch(Protocol):
    """Measures one update of a pass."""

    def before(self) -> None: ...

    def after(self) -> None: ...


class Pass(NamedTuple):
    """One pass over the training samples: the updates of an epoch.

    Attributes
    ----------
    step : Step
    rows : Rows
    bounds : list of (start, stop)
        The part of `order` that each update uses.
    order : torch.Tensor or None
        Indices of the samples; None for their own order.
    set_rate : callable or None
        Called as ``set_rate(i)`` before update ``i``, from the second update (1) on, to set its
        learning rate; None if the rate stays the same.
    stops : callable
        Returns after an update whether to skip the remaining ones.
    watch : Watch or None
        Called before and after update `last_full`, so that its effect can be measured.
    """

    step: "Step"
    rows: Rows
    bounds: Sequence[tuple[int, int]]
    order: torch.Tensor | None
    set_rate: Callable[[int], None] | None
    stops: Callable[[], bool]
    watch: Watch | None = None

    @property
    def batches(self) -> list[Index]:
        """The indices of the samples of each update."""
        return [self._batch(*bounds) for bounds in self.bounds]

    @property
    def last_full(self) -> int:
        """The last update, or the one before it if the last batch is smaller than the others.

        The gradient of a few samples says little about that of the others.
        """
        (start, stop), (last_start, last_stop) = self.bounds[0], self.bounds[-1]
        return len(self.bounds) - 1 - (last_stop - last_start < stop - start)

    @property
    def last_full_batch(self) -> Index:
        return self._batch(*self.bounds[self.last_full])

    def _batch(self, start: int, stop: int) -> Index:
        return slice(start, stop) if self.order is None else self.order[start:stop]


def run_pass(work: Pass) -> int:
    """Run a pass; return the number of batches that were trained on."""
    return work.step.run(work)


RUN_PASS: ContextVar[Callable[[Pass], int]] = ContextVar("RUN_PASS", default=run_pass)
"""The function that runs the passes of a training; the learning rate range test replaces it."""


class Step(ABC):
    """Train on one batch after another.

    Parameters
    ----------
    net : Net
    plan : Plan

    Attributes
    ----------
    average : WeightAverage or None
    total : torch.Tensor
        (1, 1) Sum over batches of the number of samples times the mean loss before the update,
        penalties included, since it was last set to zero.
    """

    def __init__(self, net: Net, plan: Plan) -> None:
        self.net, self.plan = net, plan
        self.loss: Loss = net.criterion_
        self.flat = net.flat
        if plan.params.ema_decay is None:
            net.averaging = None
        self.average = (
            None if plan.params.ema_decay is None else WeightAverage(net, plan.params.ema_decay)
        )
        self.total = torch.zeros_like(self.flat.vector[:1]).detach().unsqueeze(0)

    @abstractmethod
    def __call__(self, rows: Rows, index: Index) -> None:
        """Train on one batch: the samples at `index`."""

    def run(self, work: Pass) -> int:
        """Train on one batch after another; return the number of batches.

        It ends at the first loss that is not finite, since training cannot recover from it.
        """
        done, watched = 0, -1 if work.watch is None else work.last_full
        # Checking every loss costs 0.1 us on a CPU; on a GPU each check would wait for the device.
        total = self.total.numpy() if self.total.is_cpu else None
        with self.running():
            for index in work.batches:
                if done and work.set_rate is not None:
                    work.set_rate(done)
                if done == watched and work.watch is not None:
                    work.watch.before()
                self(work.rows, index)
                if done == watched and work.watch is not None:
                    work.watch.after()
                done += 1
                if work.stops() or (total is not None and not math.isfinite(total.item())):
                    break
        return done

    def loss_is_finite(self) -> bool:
        """Return whether all losses of the pass were finite; otherwise their sum is not."""
        return math.isfinite(float(self.total))

    @abstractmethod
    def running(self) -> AbstractContextManager[object]:
        """Return a context manager within which batches are trained on."""

    def _clip(self) -> None:
        """Clip the gradient, by the norm over all parameters or by the value of each component."""
        gradient, plan = self.flat.grad, self.plan
        if (
            plan.params.clip_norm is not None
        ):  # as torch.nn.utils.clip_grad_norm_, without a host sync
            shortened = plan.params.clip_norm / (torch.linalg.vector_norm(gradient) + 1e-6)
            gradient.mul_(shortened.clamp_(max=1.0))
        elif plan.params.clip_value is not None:
            gradient.clamp_(-plan.params.clip_value, plan.params.clip_value)

    def _decay(self, rate: float | torch.Tensor) -> None:
        if self.plan.weight_decay:
            self.flat.weights.mul_(1 - rate * self.plan.weight_decay)
