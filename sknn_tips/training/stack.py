"""Networks that train side by side, each with its own data, rates, penalties and seed.

One call computes for all of them what it would compute for one, so that K small networks take less
time than K times one. Nothing passes from one network to another, and each gets, on a CPU bit by
bit, the weights that it would get alone.
"""

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import cast

import torch

from sknn_tips.engine.memory import Memory
from sknn_tips.engine.program import Factor, Penalties, Program
from sknn_tips.engine.rules import update_all
from sknn_tips.network.losses import Loss
from sknn_tips.network.module import Network
from sknn_tips.training.engine_step import EngineStep, size_of
from sknn_tips.training.filling import Filling
from sknn_tips.training.step import Pass

# What a stack may take so that it stays in the cache of a core: 64-100-10 gains most by stacks of
# 8 to 16, 100-128-64-10 by 8, and 784-256-256-10 by none (`benchmarks/stacks.py`).
CACHE_BYTES = 2**22
LARGEST = 16


def stack_key(work: Pass) -> Hashable | None:
    """Return what must be equal for two networks to be in one stack; None for one that is alone.

    Layers, loss, size of the batches, and which penalties and weights there are. Everything else
    may differ: the optimizer and its rate, how large penalties, dropout and label smoothing are,
    the seed, the rows.
    """
    step, rows = work.step, work.rows
    if not isinstance(step, EngineStep) or torch.get_num_threads() > 1:
        return None
    penalties = step.penalties
    options = {name: value for name, value in vars(step.loss).items() if name != "label_smoothing"}
    acts = [bool(factor) for factor in (penalties.alpha, penalties.l1, penalties.activity_l1)]
    return (
        repr(_structure(step.net.network)),
        type(step.loss),
        repr(options),
        size_of(work.batches[0]),
        rows.weight is not None,
        step.flat.vector.dtype,
        step.flat.vector.device,
        tuple(acts),
    )


def largest_stack(work: Pass) -> int:
    """Return how many networks like this one are fastest together."""
    step, batch = work.step, size_of(work.batches[0])
    vector = step.flat.vector
    widths = sum(units for _, units, _ in step.net.network.widths)
    bytes_of_one = vector.element_size() * (4 * len(vector) + 2 * batch * widths)
    return max(1, min(LARGEST, CACHE_BYTES // bytes_of_one))


class Stack:
    """K networks in one memory.

    Parameters
    ----------
    works : sequence of Pass
        The first ones, of one `stack_key`. Until their training ends, or another stack takes them
        over, the parameters of the steps are rows of this one's.
    """

    def __init__(self, works: Sequence[Pass]) -> None:
        # the longest first: whoever has a batch of a size is next to the others that have one, and
        # next to those with the same features
        ordered = sorted(works, key=lambda work: (-len(work.rows), hash(work.rows.X.identity)))
        self.steps = [cast(EngineStep, work.step) for work in ordered]
        self.turns = list(_turns(ordered))
        self.may_weigh_nothing = any(work.rows.has_zero_weights for work in works)
        flats = [step.flat for step in self.steps]
        size = len(flats[0].vector)
        self.vector = flats[0].grad.new_empty(len(flats), size)
        self.grad = torch.empty_like(self.vector)
        self.total = self.vector.new_zeros(len(flats), 1, 1)
        self.buffers = [b.new_empty(len(flats), *b.shape) for b in flats[0].buffers]
        with torch.no_grad():
            for k, step in enumerate(self.steps):
                buffers = [buffer[k] for buffer in self.buffers]
                step.move_in(self.vector[k], self.grad[k], buffers, self.total[k])
            self.programs = {
                (first, last, n_rows): self._program(ordered[first:last], first, last, n_rows)
                for first, last, n_rows in {
                    which for _, which in self.turns if which[1] - which[0] > 1
                }
            }

    def run(self, works: Sequence[Pass]) -> list[int]:
        """Do a pass of every network; return after how many updates each would have ended alone."""
        by_step = {work.step: work for work in works}
        mine = [by_step[step] for step in self.steps]
        done = {work.step: len(work.batches) for work in works}
        totals = self.total.numpy() if self.total.is_cpu else None
        with self.steps[0].running():
            for turn, (first, last, n_rows) in self.turns:
                _prepare(mine[first:last], turn)
                if last - first == 1:
                    self.steps[first](mine[first].rows, mine[first].batches[turn])
                else:
                    self._update(turn, mine, first, last, n_rows)
                if totals is not None and not math.isfinite(totals.sum()):
                    for step in self.steps[first:last]:
                        if not step.loss_is_finite():  # it goes on, and disturbs nobody
                            done[step] = min(done[step], turn + 1)
        return [done[work.step] for work in works]

    def _update(self, turn: int, works: Sequence[Pass], first: int, last: int, n_rows: int) -> None:
        """Do one update of some of the networks."""
        program, fill = self.programs[first, last, n_rows]
        fill([work.batches[turn] for work in works[first:last]])
        if self.may_weigh_nothing and not program.weight.any(-2).all():
            # nothing in the batch of one counts: no update of that network
            for step, work in zip(self.steps[first:last], works[first:last], strict=True):
                step(work.rows, work.batches[turn])
            return
        program()
        steps = self.steps[first:last]
        rates = [step.net.rate for step in steps]
        for step, rate in zip(steps, rates, strict=True):
            step.prepare(rate)
        update_all([step.rule for step in steps], rates)

    def _program(
        self, works: Sequence[Pass], first: int, last: int, n_rows: int
    ) -> tuple[Program, Filling]:
        """Return the program of some of the networks, and what fills its buffers."""
        steps, some = self.steps[first:last], slice(first, last)
        memory = Memory(
            steps[0].net.module_,
            self.vector[some],
            self.grad[some],
            [buffer[some] for buffer in self.buffers],
            [step.net.module_ for step in steps],
        )
        program = Program(
            memory,
            steps[0].loss,
            Penalties(
                *[
                    self._factor([getattr(step.penalties, name) for step in steps])
                    for name in ("alpha", "l1", "activity_l1")
                ]
            ),
            n_rows,
            weighted=works[0].rows.weight is not None,
            total=self.total[some],
            smoothing=_smoothing([step.loss for step in steps], self.vector),
        )
        return program, Filling(program, [work.rows for work in works])

    def _factor(self, values: Sequence[float]) -> Factor:
        """Return one number if all are equal, else (K, 1, 1)."""
        if len(set(values)) == 1:
            return values[0]
        return self.vector.new_tensor(values).reshape(-1, 1, 1)


def _prepare(works: Sequence[Pass], turn: int) -> None:
    """Set the rates of an update, and let those look on whose last one it is."""
    for work in works:
        if turn and work.set_rate is not None:
            work.set_rate(turn)
        if work.watch is not None and turn == len(work.batches) - 1:
            work.watch()


def _turns(works: Sequence[Pass]) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Yield turn by turn who update together: the first, behind the last, rows of their batch."""
    sizes = [[size_of(index) for index in work.batches] for work in works]
    for turn in range(max(map(len, sizes))):
        at = 0
        for n_rows, same in groupby(sizes, key=lambda of: of[turn] if turn < len(of) else 0):
            first, at = at, at + len(list(same))
            if n_rows:
                yield turn, (first, at, n_rows)


def _smoothing(losses: Sequence[Loss], like: torch.Tensor) -> torch.Tensor | None:
    """Return the label smoothing of each network, where they differ."""
    values = [getattr(loss, "label_smoothing", 0.0) for loss in losses]
    if len(set(values)) == 1:
        return None
    # in float64, as one network's is computed with before it is rounded
    return torch.tensor(values, dtype=torch.float64, device=like.device).reshape(-1, 1, 1)


def _structure(network: Network) -> Network:
    """Return the network without what may differ within a stack: how much is dropped."""
    hidden = [replace(layer, dropout=float(layer.dropout > 0)) for layer in network.hidden]
    return replace(network, hidden=tuple(hidden), input_dropout=float(network.input_dropout > 0))
