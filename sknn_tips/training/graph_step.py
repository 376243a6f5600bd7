"""The engine on a CUDA device: many updates in one CUDA graph (tier T0).

A small step is some forty kernels of a few microseconds, and to launch them from Python takes
longer than they run. A graph is recorded once and launched as a whole: here up to `UPDATES`
updates, each taking its own rows. What changes from one launch to the next lies in buffers: the
numbers of the rows, and the learning rate.
"""

from collections.abc import Callable, Sequence
from itertools import takewhile

import torch

from sknn_tips.engine.rules import RMSprop
from sknn_tips.training.engine_step import EngineStep, size_of
from sknn_tips.training.features import DenseFeatures, Index
from sknn_tips.training.net import Net
from sknn_tips.training.plan import Plan
from sknn_tips.training.step import Pass

UPDATES = 32
# To record one takes as long as some epochs of plain calls.
FEWEST_EPOCHS, FEWEST_UPDATES = 5, 4


class GraphStep(EngineStep):
    """Train on many batches by one launch.

    The first epoch goes by plain calls, which makes every buffer; so do batches of another size,
    schedules that change the rate at every update, rows that are not on the device, and RMSprop.
    """

    def __init__(self, net: Net, plan: Plan) -> None:
        super().__init__(net, plan)
        self.device_rate = torch.zeros((), device=self.flat.vector.device)
        self.numbers: torch.Tensor | None = None
        self.launch: Callable[[], None] | None = None
        self.n_passes = 0

    def run(self, work: Pass) -> int:
        self.n_passes += 1
        n_rows = size_of(work.batches[0])
        n_full = len(list(takewhile(lambda index: size_of(index) == n_rows, work.batches)))
        if self.n_passes == 1 or not self._suits(work, n_full):
            return super().run(work)
        done = 0
        with self.running():
            if self.launch is None:
                self._record(work, min(UPDATES, n_full))
            self.device_rate.fill_(self.net.rate)
            assert self.numbers is not None
            assert self.launch is not None
            n_updates = len(self.numbers)
            # who looks on before the last update gets it by a plain call
            n_launched = min(n_full, len(work.batches) - (work.watch is not None))
            while done + n_updates <= n_launched and not (done and work.stops()):
                batches = work.batches[done : done + n_updates]
                self.numbers.copy_(_numbers(batches, self.numbers.device))
                self.launch()
                done += n_updates
        rest = work.batches[done:]
        if not rest or work.stops():
            return done
        return done + super().run(work._replace(batches=rest))

    def _suits(self, work: Pass, n_full: int) -> bool:
        return (
            n_full >= FEWEST_UPDATES
            and self.plan.max_epochs >= FEWEST_EPOCHS
            and work.set_rate is None
            and isinstance(work.rows.X, DenseFeatures)
            and not work.rows.has_zero_weights
            and not isinstance(self.rule, RMSprop)
        )

    def _record(self, work: Pass, n_updates: int) -> None:
        """Make the graph of so many updates; nothing is trained by that."""
        n_rows = size_of(work.batches[0])
        program, copies = self.programs[n_rows]
        numbers = _numbers(work.batches[:n_updates], self.flat.vector.device)

        def updates() -> None:
            for index in numbers:
                for source, buffer in copies:
                    source.put(index, buffer)
                program()
                self.update(self.device_rate)

        self.numbers = numbers
        self.launch = capture(updates, self.net.generator)

    def _moved(self, total: torch.Tensor) -> None:
        super()._moved(total)
        self.launch, self.n_passes = None, 0  # it writes to where the parameters were


def capture(function: Callable[[], None], generator: torch.Generator | None) -> Callable[[], None]:
    """Record what a function does on the device; return what does it again.

    Parameters
    ----------
    function : callable
        Of fixed shapes, on buffers that stay, without a look at any result.
    generator : torch.Generator or None
        What it draws from, which every launch goes on with.
    """
    graph = torch.cuda.CUDAGraph()
    if generator is not None:
        graph.register_generator_state(generator)
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        function()
    launch: Callable[[], None] = graph.replay
    return launch


def _numbers(batches: Sequence[Index], device: torch.device) -> torch.Tensor:
    """Return the rows' numbers, (updates, rows of a batch)."""
    return torch.stack(
        [
            torch.arange(index.start, index.stop, device=device)
            if isinstance(index, slice)
            else index
            for index in batches
        ]
    )
