"""The engine on a CUDA device: many updates in one CUDA graph (tier T0).

A small step consists of some forty kernels of a few microseconds each, and launching them from
Python takes longer than running them. A graph is recorded once and launched as a whole: here up to
`UPDATES` updates, each on its own batch. The values that change between launches, the indices of
the samples and the learning rate, are read from buffers.
"""

from collections.abc import Callable
from itertools import takewhile
from threading import Lock

import torch

from sknn_tips.data.features import DenseFeatures
from sknn_tips.ops.bits import Bits
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step.engine_step import EngineStep
from sknn_tips.step.step import Pass

UPDATES = 32
# Recording a graph takes as long as a few epochs of plain calls, so shorter fits do not use one.
FEWEST_EPOCHS, FEWEST_UPDATES = 5, 4
_RECORDING = Lock()


class GraphStep(EngineStep):
    """Train on many batches with one launch.

    The first epoch uses plain calls, which allocate all buffers. Plain calls are also used for
    batches of another size, schedules that change the rate at every update, samples that are not on
    the device, zero sample weights, and momentum with dampening, whose first update differs.
    """

    def __init__(self, net: Net, plan: Plan) -> None:
        super().__init__(net, plan)
        self.numbers: torch.Tensor | None = None
        self.launch: Callable[[], None] | None = None
        self.n_passes = 0

    def run(self, work: Pass) -> int:
        self.n_passes += 1
        size = _size(work.bounds[0])
        n_full = len(list(takewhile(lambda bounds: _size(bounds) == size, work.bounds)))
        if self.n_passes == 1 or not self._suits(work, n_full):
            return super().run(work)
        done = 0
        with self.running():
            if self.launch is None:
                self._record(work, min(UPDATES, n_full))
            self.set_rate(self.net.rate)
            assert self.numbers is not None
            assert self.launch is not None
            n_updates = len(self.numbers)
            # the update that is watched, and those after it, are done by plain calls
            n_launched = n_full if work.watch is None else min(n_full, work.last_full)
            while done + n_updates <= n_launched and not (done and work.stops()):
                self.numbers.copy_(_numbers(work, done, n_updates))
                self.launch()
                done += n_updates
        rest = work.bounds[done:]
        if not rest or work.stops():
            return done
        return done + super().run(work._replace(bounds=rest))

    def _suits(self, work: Pass, n_full: int) -> bool:
        return (
            n_full >= FEWEST_UPDATES
            and self.plan.max_epochs >= FEWEST_EPOCHS
            and work.set_rate is None
            and isinstance(work.rows.X, DenseFeatures)
            and not work.rows.has_zero_weights
            and not self.plan.optimizer.options.get("dampening")
        )

    def _record(self, work: Pass, n_updates: int) -> None:
        """Record the graph of `n_updates` updates, without running them."""
        update = self.update_for(work.rows, _size(work.bounds[0]))
        numbers = _numbers(work, 0, n_updates)

        def updates() -> None:
            for index in numbers:
                for source, buffer in update.copies:
                    source.put(index, buffer)
                update.run()

        self.numbers = numbers
        self.launch = capture(updates, self.net.generator)


def capture(function: Callable[[], None], generator: Bits | None) -> Callable[[], None]:
    """Record the work of a function on the device; return a function that repeats it.

    Parameters
    ----------
    function : callable
        It must use fixed shapes and fixed buffers, and must not read any result on the host.
    generator : torch.Generator of the device, or None
        The generator that the function draws from; each launch continues its sequence.
    """
    graph = torch.cuda.CUDAGraph()
    if isinstance(generator, torch.Generator):
        graph.register_generator_state(generator)
    # Other threads may use the device meanwhile, but not record a graph.
    with _RECORDING, torch.cuda.graph(graph, capture_error_mode="thread_local"):
        function()
    launch: Callable[[], None] = graph.replay
    return launch


def _size(bounds: tuple[int, int]) -> int:
    return bounds[1] - bounds[0]


def _numbers(work: Pass, first: int, n_updates: int) -> torch.Tensor:
    """Return the indices of the samples of some updates, (n_updates, batch size)."""
    start, stop = work.bounds[first][0], work.bounds[first + n_updates - 1][1]
    if work.order is None:
        numbers = torch.arange(start, stop, device=work.rows.target.device)
    else:
        numbers = work.order[start:stop].clone()
    return numbers.view(n_updates, -1)
