"""One update of the weights by the engine (tier T0)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from sknn_tips.data.features import DenseFeatures, Features, Index
from sknn_tips.data.rows import Rows
from sknn_tips.nn.program import Penalties, Program
from sknn_tips.ops.executor import compiled
from sknn_tips.ops.operation import Operation, operation
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step.step import Step

Copy = tuple[Features, torch.Tensor]
"""The samples to copy from, and the buffer for a batch of them."""


@dataclass
class Update:
    """An update for batches of one size.

    Attributes
    ----------
    program : Program
    copies : list of Copy
        The copies to make before every run.
    operations : list of Operation
        The operations of the program, then those that change the weights.
    """

    program: Program
    copies: list[Copy]
    operations: list[Operation]

    @cached_property
    def run(self) -> Callable[[], None]:
        """A function that runs the operations; `NativeStep` runs them without it."""
        return compiled(self.operations, self.program.raw)


class EngineStep(Step):
    """Train on one batch, without autograd.

    Each batch is copied into fixed buffers. A full batch, always the same samples, is copied once.

    Attributes
    ----------
    rate : torch.Tensor
        () The learning rate that the operations read.
    """

    def __init__(self, net: Net, plan: Plan) -> None:
        super().__init__(net, plan)
        device = self.flat.vector.device
        self.penalties = Penalties(plan.params.alpha, plan.params.l1, plan.params.activity_l1)
        self.rule = net.use_rule(plan.optimizer, plan.rate)
        self.rate = torch.zeros(
            (), dtype=torch.float64 if device.type == "cpu" else torch.float32, device=device
        )
        self.updates: dict[int, Update] = {}
        self._rate = 0.0

    def __call__(self, rows: Rows, index: Index) -> None:
        update = self.update_for(rows, size_of(index))
        for source, buffer in update.copies:
            source.put(index, buffer)
        if rows.has_zero_weights and not update.program.weight.any():
            return  # all weights are zero: no update
        self.set_rate(self.net.rate)
        update.run()

    def set_rate(self, rate: float) -> None:
        """Write the learning rate to the buffer that the operations read."""
        if rate != self._rate:
            self._rate = rate
            self.rate.fill_(rate)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Turn off autograd and numpy's warnings; the loop detects a loss that overflows."""
        with torch.no_grad(), np.errstate(all="ignore"):
            yield

    def update_for(self, rows: Rows, n_rows: int) -> Update:
        """Return the update for batches of `n_rows` samples, built at the first call."""
        if n_rows not in self.updates:
            self.updates[n_rows] = self._update(rows, n_rows)
        return self.updates[n_rows]

    def _update(self, rows: Rows, n_rows: int) -> Update:
        whole = n_rows == len(rows)
        in_place = whole and isinstance(rows.X, DenseFeatures)
        program = Program(
            self.flat.memory,
            self.loss,
            self.penalties,
            n_rows,
            weighted=rows.weight is not None,
            total=self.total,
            x=rows.X.X if in_place else None,
        )
        copies = _copies(rows, program)
        if whole:
            for source, buffer in copies[in_place:]:
                source.put(slice(0, n_rows), buffer)
            copies = []
        return Update(program, copies, [*program.operations, *self._changes()])

    def _changes(self) -> list[Operation]:
        """Return the operations that update the weights, given their gradient."""
        plan, gradient, weights = self.plan, self.flat.grad, self.flat.memory.weights
        found: list[Operation] = []
        if plan.params.clip_norm is not None:
            found.append(operation("clip_norm", out=gradient, largest=plan.params.clip_norm))
        elif plan.params.clip_value is not None:
            low, high = -plan.params.clip_value, plan.params.clip_value
            found.append(operation("clamp", gradient, out=gradient, low=low, high=high))
        if plan.weight_decay:
            found.append(operation("decay", self.rate, out=weights, weight_decay=plan.weight_decay))
        found += self.rule.operations(self.rate)
        return found if self.average is None else found + self.average.operations()


def _copies(rows: Rows, program: Program) -> list[Copy]:
    """Return the copies to make before a program runs: the features first."""
    target = rows.target if rows.target.dim() == 2 else rows.target.unsqueeze(1)
    found: list[Copy] = [(rows.X, program.x), (DenseFeatures(target), program.given_target)]
    if rows.weight is not None:
        found.append((DenseFeatures(rows.weight.unsqueeze(1)), program.weight))
    return found


def size_of(index: Index) -> int:
    """Return the number of samples in a batch."""
    return index.stop - index.start if isinstance(index, slice) else index.shape[0]
