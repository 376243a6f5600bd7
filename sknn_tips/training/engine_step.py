"""One update of the weights by the engine (tier T0)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from sknn_tips.engine.program import Penalties, Program
from sknn_tips.training.features import DenseFeatures, Index
from sknn_tips.training.filling import Copy, copies
from sknn_tips.training.net import Net
from sknn_tips.training.plan import Plan
from sknn_tips.training.rows import Rows
from sknn_tips.training.step import Step


class EngineStep(Step):
    """Train on one batch, without autograd.

    A batch is copied into buffers that stay; a full batch, always the same rows, is not copied.
    """

    def __init__(self, net: Net, plan: Plan) -> None:
        super().__init__(net, plan)
        self.penalties = Penalties(plan.alpha, plan.l1, plan.activity_l1)
        self.rule = net.use_rule(plan.optimizer, plan.rate)
        self.programs: dict[int, tuple[Program, list[Copy]]] = {}
        self.stacked = False

    def __call__(self, rows: Rows, index: Index) -> None:
        n_rows = size_of(index)
        if n_rows not in self.programs:
            self.programs[n_rows] = self._program(rows, n_rows)
        program, copies = self.programs[n_rows]
        for source, buffer in copies:
            source.put(index, buffer)
        if rows.has_zero_weights and not program.weight.any():
            return  # nothing in this batch counts: no step
        program()
        self.update()

    def update(self, rate: float | torch.Tensor | None = None) -> None:
        """Change the weights by the gradient that is there, by default at the net's rate."""
        rate = self.net.rate if rate is None else rate
        self.prepare(rate)
        self.rule.update(rate)

    def prepare(self, rate: float | torch.Tensor) -> None:
        """Do to the gradient and the weights what comes before the optimizer's part."""
        self._clip()
        self._decay(rate)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Without autograd; a loss that overflows is noticed after the epoch."""
        with torch.no_grad(), np.errstate(all="ignore"):
            yield

    def move_in(
        self,
        vector: torch.Tensor,
        gradient: torch.Tensor,
        buffers: Iterable[torch.Tensor],
        total: torch.Tensor,
    ) -> None:
        """Train in the memory of a stack from now on: a row of its own in each of its tensors."""
        self.flat.move(vector, gradient, buffers)
        self._moved(total)
        self.stacked = True

    def move_out(self) -> None:
        """Leave the stack, so that a fitted net does not keep the memory of all of them."""
        if self.stacked:
            self.flat.move_out()
            self._moved(torch.empty_like(self.total))
            self.stacked = False

    @torch.no_grad()
    def take_over(self, other: "EngineStep") -> None:
        """Become equal to another network that was equal before its last pass."""
        pairs = [(self.flat.vector, other.flat.vector), (self.total, other.total)]
        pairs += zip(self.flat.buffers, other.flat.buffers, strict=True)
        for name, value in other.rule.state.items():
            pairs.append((self.rule.state.setdefault(name, torch.empty_like(value)), value))
        for mine, value in pairs:
            mine.copy_(value)
        if self.net.generator is not None and other.net.generator is not None:
            self.net.generator.set_state(other.net.generator.get_state())

    def _moved(self, total: torch.Tensor) -> None:
        self.total = total.copy_(self.total)
        self.programs.clear()
        self.rule = self.net.use_rule(self.plan.optimizer, self.net.rate)

    def _program(self, rows: Rows, n_rows: int) -> tuple[Program, list[Copy]]:
        """Return the program for so many rows, and what is copied before it runs."""
        whole = n_rows == len(rows) and isinstance(rows.X, DenseFeatures)
        program = Program(
            self.flat.memory,
            self.loss,
            self.penalties,
            n_rows,
            weighted=rows.weight is not None,
            total=self.total,
            x=rows.X.X if whole else None,
        )
        x = None if whole else program.x
        return program, copies(rows, x, program.given_target, program.weight)


def size_of(index: Index) -> int:
    """Return how many rows a batch has."""
    return index.stop - index.start if isinstance(index, slice) else index.shape[0]
