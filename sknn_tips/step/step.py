"""One update of the weights: what the engine's way and autograd's have in common."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import NamedTuple

import torch

from sknn_tips.data.features import Index
from sknn_tips.data.rows import Rows
from sknn_tips.nn.losses import Loss
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step.averaging import WeightAverage


class Pass(NamedTuple):
    """One pass over the rows: an epoch's updates.

    Attributes
    ----------
    step : Step
    rows : Rows
    bounds : list of (start, stop)
        Which part of `order` each update sees.
    order : torch.Tensor or None
        Numbers of the rows; None for their own order.
    set_rate : callable or None
        Sets the learning rate for the update of a number, from 1 on; None where it stays.
    stops : callable
        Says after an update whether the others are left out.
    watch : callable or None
        Called before the last update, to see what it changes.
    """

    step: "Step"
    rows: Rows
    bounds: Sequence[tuple[int, int]]
    order: torch.Tensor | None
    set_rate: Callable[[int], None] | None
    stops: Callable[[], bool]
    watch: Callable[[], None] | None = None

    @property
    def batches(self) -> list[Index]:
        """The rows of each update."""
        return [self._batch(*bounds) for bounds in self.bounds]

    @property
    def last_batch(self) -> Index:
        return self._batch(*self.bounds[-1])

    def _batch(self, start: int, stop: int) -> Index:
        return slice(start, stop) if self.order is None else self.order[start:stop]


def run_pass(work: Pass) -> int:
    """Do a pass; return the number of batches done."""
    return work.step.run(work)


RUN_PASS: ContextVar[Callable[[Pass], int]] = ContextVar("RUN_PASS", default=run_pass)
"""What does the passes of a training; the learning-rate range test does them in its own way."""


class Step(ABC):
    """Trains on one batch after the other.

    Parameters
    ----------
    net : Net
    plan : Plan

    Attributes
    ----------
    average : WeightAverage or None
    total : torch.Tensor
        (1, 1) Sum over batches of their rows times their mean loss before the update, penalties
        included, since it was last set to zero.
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
        """Train on some of the rows."""

    def run(self, work: Pass) -> int:
        """Train on one batch after the other; return on how many.

        It ends at the first loss that is not finite: nothing comes back from there.
        """
        done, last = 0, len(work.bounds) - 1
        # a look at every loss costs 0.1 us on a CPU; a GPU would have to wait for each
        total = self.total.numpy() if self.total.is_cpu else None
        with self.running():
            for index in work.batches:
                if done and work.set_rate is not None:
                    work.set_rate(done)
                if done == last and work.watch is not None:
                    work.watch()
                self(work.rows, index)
                done += 1
                if work.stops() or (total is not None and not math.isfinite(total.item())):
                    break
        return done

    def loss_is_finite(self) -> bool:
        """Say whether all losses of the pass were finite, and so their sum."""
        return math.isfinite(float(self.total))

    @abstractmethod
    def running(self) -> AbstractContextManager[object]:
        """Return what batches run within."""

    def _clip(self) -> None:
        """Shorten the gradient of all parameters together, or cut its components off."""
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
