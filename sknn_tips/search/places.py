"""Trainings that wait for their next pass, and the places where stacks of them do it."""

from collections.abc import Hashable
from time import perf_counter

from sknn_tips.search.fibers import Fiber
from sknn_tips.search.twins import state_of
from sknn_tips.training.engine_step import EngineStep
from sknn_tips.training.features import Features
from sknn_tips.training.stack import Stack, largest_stack, stack_key
from sknn_tips.training.step import Pass, Passes
from sknn_tips.training.threads import torch_threads


class Training:
    """One network's training, of which the next pass waits to be done.

    Attributes
    ----------
    work : Pass
    key : Hashable or None
        The pass's `stack_key`.
    largest : int
        How many like it may be in a stack.
    waited : float
        Seconds that went to others since it began.
    lineage : Hashable or None
        Equal for those whose passes were all the same so far; None if there is nobody.
    """

    def __init__(self, passes: Passes) -> None:
        self.passes = passes
        self.work = next(passes)
        self.lineage = state_of(self.work)
        self._look_at_step()
        self.waited = 0.0
        self.n_passes = 0
        self._last = perf_counter()

    @property
    def share_done(self) -> float:
        """The passes done, as a share of the most that there may be."""
        return self.n_passes / self.work.step.plan.max_epochs

    def passed(self, share: float, done: int) -> None:
        """Go on after a pass of `done` updates that took `share` seconds, up to the next one.

        Raises
        ------
        StopIteration
            After the last one, with what came of the training.
        """
        step = self.work.step
        step.waited = perf_counter() - self._last - share
        self.waited += step.waited
        self.n_passes += 1
        try:
            self.work = self.passes.send(done)
        except BaseException:
            if isinstance(step, EngineStep):
                step.move_out()
            raise
        if self.work.step is not step:
            self._look_at_step()
        self._last = perf_counter()

    def _look_at_step(self) -> None:
        """Find what follows from who trains; a callback may have changed that."""
        self.key = stack_key(self.work)
        self.largest = 1 if self.key is None else largest_stack(self.work)

    @property
    def twin_key(self) -> Hashable:
        """Equal for those whose next pass will be the same."""
        return (self.lineage, self.work.step.net.rate) if self.lineage is not None else self

    @property
    def rows(self) -> Features:
        return self.work.rows.X


Passed = tuple[float, list[int | Exception]]
"""The seconds of a pass, and for each of those who did it how many updates, or what went wrong."""


class Place:
    """Where a stack trains.

    Attributes
    ----------
    members : list of Fiber
        Whose requests are trainings, of one kind.
    stack : Stack or None
        The memory that they are in, if they are several.
    """

    def __init__(self) -> None:
        self.members: list[Fiber] = []
        self.stack: Stack | None = None

    def run(self) -> Passed:
        """Do a pass of every member."""
        start = perf_counter()
        works = [fiber.request.work for fiber in self.members]
        with torch_threads(1):
            found = self._together(works) if len(works) > 1 else _apart(works)
        return perf_counter() - start, found

    def _together(self, works: list[Pass]) -> list[int | Exception]:
        if self.stack is None or {work.step for work in works} != set(self.stack.steps):
            try:
                self.stack = Stack(works)
            except Exception:  # such as too little memory for all: whose fault it is shows apart
                return _apart(works)
        try:
            return [*self.stack.run(works)]
        except Exception as error:
            return [error] * len(works)


def _apart(works: list[Pass]) -> list[int | Exception]:
    """Do one pass after the other."""
    found: list[int | Exception] = []
    for work in works:
        try:
            found.append(work.step.run(work))
        except Exception as error:
            found.append(error)
    return found
