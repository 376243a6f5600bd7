"""The engine's updates, many at a time, by the compiled executor (tier T0)."""

import math

import numpy as np
from numpy.typing import NDArray

from sknn_tips.data.features import DenseFeatures
from sknn_tips.data.rows import Rows
from sknn_tips.ops.native import NativeProgram
from sknn_tips.ops.operation import operation
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step.engine_step import EngineStep
from sknn_tips.step.step import Pass


class NativeStep(EngineStep):
    """Train on many batches per call, without the interpreter and its lock (GIL).

    A call returns after a few hundredths of a second, so that Ctrl-C is handled and other threads
    can run. Samples that are not in memory are trained on batch by batch, as in `EngineStep`.
    """

    def __init__(self, net: Net, plan: Plan) -> None:
        super().__init__(net, plan)
        self.programs: dict[int, NativeProgram] = {}

    def run(self, work: Pass) -> int:
        if not isinstance(work.rows.X, DenseFeatures):
            return super().run(work)
        rates = self._rates(work)
        done = 0
        with self.running():
            for stop in _stops(work):
                while done < stop:
                    done += self._run(work, done, stop, rates)
                    if not math.isfinite(self.total.item()) or work.stops():
                        return done
                if work.watch is not None and done == work.last_full:
                    work.watch.before()
                elif work.watch is not None and done == work.last_full + 1:
                    work.watch.after()
        return done

    def _run(self, work: Pass, first: int, stop: int, rates: NDArray[np.float64] | None) -> int:
        """Do updates `first` to ``stop - 1``, or only the first of them; return how many."""
        start, end = work.bounds[first]
        return self._program(work.rows, end - start).run(
            stop - first,
            batch=end - start,
            order=work.order,
            start=start,
            rate=self.rate,
            rates=None if rates is None else rates[first:],
            total=self.total,
        )

    def _rates(self, work: Pass) -> NDArray[np.float64] | None:
        """Return the learning rate of each update; if it is the same for all, set it instead."""
        if work.set_rate is None:
            self.set_rate(self.net.rate)
            return None
        rates = np.empty(len(work.bounds))
        rates[0] = self.net.rate
        for i in range(1, len(rates)):
            work.set_rate(i)
            rates[i] = self.net.rate
        self._rate = math.nan  # unknown afterwards: the executor overwrites `self.rate`
        return rates

    def _program(self, rows: Rows, n_rows: int) -> NativeProgram:
        """Return a program that also gathers the samples of each batch."""
        if n_rows not in self.programs:
            update = self.update_for(rows, n_rows)
            operations = [
                operation("gather", source.X, out=buffer) for source, buffer in update.copies
            ]
            if rows.has_zero_weights:
                weight = update.program.weight
                operations.append(operation("skip_if_zero", weight, out=weight))
            operations += update.operations
            self.programs[n_rows] = NativeProgram(operations, self.flat.memory.vector.dtype)
        return self.programs[n_rows]


def _stops(work: Pass) -> list[int]:
    """Return the ends of runs of updates that need no return to Python.

    The last update is a run of its own if its batch has another size, and so is one with a `watch`.
    """
    n_updates = len(work.bounds)
    stops = {n_updates}
    (first_start, first_stop), (last_start, last_stop) = work.bounds[0], work.bounds[-1]
    if last_stop - last_start != first_stop - first_start:
        stops.add(n_updates - 1)
    if work.watch is not None:
        stops |= {work.last_full, work.last_full + 1}
    return sorted(stops)
