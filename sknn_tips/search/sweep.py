"""Many fits, trained as stacks: who waits, who trains together, and who goes on.

Every task runs in a fiber, up to where `fit` has its network trained; there the fiber parks until
that is done. The passes over the rows of all that are parked, if of one `stack_key`, are done side
by side. What comes after an epoch, such as history, validation, stopping rule, is each fit's own.
"""

from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import nullcontext
from itertools import chain
from time import perf_counter
from typing import Any

import torch

from sknn_tips.search.fibers import Fiber
from sknn_tips.search.places import Passed, Place, Training
from sknn_tips.search.shared import may_share, shared_work, unshared_work
from sknn_tips.search.twins import take_over
from sknn_tips.training.sharing import SHARE, Share, no_entries
from sknn_tips.training.step import DRIVER, Passes, drive
from sknn_tips.training.threads import torch_threads

# Fits in the middle of training at a time, at most: enough to fill stacks where candidates of
# several shapes alternate. And what their rows may take before no further one is begun.
LARGEST_WAVE = 32
WAVE_BYTES = 2**30

# Two threads train two stacks of 8 to 16 networks 1.2 to 1.5 times as fast as one, and smaller ones
# hardly faster (`benchmarks/stacks.py`); networks so large that they train alone gain most.
FEWEST_BESIDE = 6


class Task:
    """A function to be run, and what becomes of it."""

    def __init__(self, function: Callable[[], Any], callback: Callable[["Task"], Any]) -> None:
        self.function, self.callback = function, callback
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None

    def finish(self, result: Any, error: BaseException | None) -> None:
        self.result, self.error, self.done = result, error, True
        self.callback(self)


class Sweep:
    """Runs tasks, and trains the fits in them as stacks.

    Parameters
    ----------
    n_threads : int
        How many stacks train side by side, at most.

    Attributes
    ----------
    part : float
        The part of the tasks that is to be done here; others take the rest.
    """

    def __init__(self, n_threads: int = 1) -> None:
        self.n_threads, self.part = n_threads, 1.0
        self.places = [Place() for _ in range(n_threads)]
        self._waiting: deque[Task] = deque()
        self._tasks: dict[Fiber, Task] = {}
        self._threads: ThreadPoolExecutor | None = None
        # torch counts in every thread of Python by itself; a new one begins with what was set last
        self._torch_threads = torch.get_num_threads()
        self._entries = no_entries()
        self._n_ended = 0
        self._seconds_beginning = self._seconds_training = 0.0

    def submit(self, task: Task) -> None:
        self._waiting.append(task)

    def take(self, n: int) -> list[Task]:
        """Give some of the tasks that wait to somebody else; any thread may ask."""
        taken = []
        try:
            for _ in range(n):
                taken.append(self._waiting.pop())
        except IndexError:  # no more
            pass
        return taken[::-1]

    @property
    def n_waiting(self) -> int:
        return len(self._waiting)

    @property
    def seconds_a_task(self) -> float:
        """Estimate how long a task takes here; 0 as long as nobody can know."""
        in_the_middle = sum(fiber.request.share_done for fiber in self._tasks)
        done = self._n_ended + in_the_middle
        if not done or self._seconds_training + self._seconds_beginning < 0.3:
            return 0.0
        n_begun = self._n_ended + len(self._tasks)
        return self._seconds_beginning / n_begun + self._seconds_training / done

    @property
    def is_idle(self) -> bool:
        return not (self._waiting or self._tasks)

    def work(self) -> None:
        """Begin a task, or do one pass of a stack."""
        start, task = perf_counter(), self._next_task()
        if task is not None:
            self._begin(task)
            self._seconds_beginning += perf_counter() - start
        elif self._tasks:
            self._train()
            self._seconds_training += perf_counter() - start

    def work_until(self, task: Task) -> None:
        """Go on with all tasks until one of them is done."""
        while not task.done:
            self.work()

    def cancel(self) -> None:
        """Drop the tasks that wait, and end those in the middle."""
        fibers = list(self._tasks)
        self._waiting.clear()
        self._tasks = {}
        for fiber in fibers:
            fiber.cancel()
        self.close()

    def close(self) -> None:
        """End the threads."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None

    def _next_task(self) -> Task | None:
        if self._are_enough():
            return None
        try:
            return self._waiting.popleft()
        except IndexError:  # none, or somebody else took it just now
            return None

    def _are_enough(self) -> bool:
        """Say whether those in the middle fill all stacks, or no more of them are affordable."""
        requests = [fiber.request for fiber in self._tasks]
        rows = {request.rows.identity: request.rows.nbytes for request in requests}
        if len(requests) >= LARGEST_WAVE or sum(rows.values()) >= WAVE_BYTES:
            return True
        leaders = [fiber.request for fiber in self._twins()]
        alike = Counter((leader.key, leader.largest) for leader in leaders).most_common(1)
        # a stack in the middle cannot be given away: near the end a full one is more than our part
        due = self.part * (len(requests) + len(self._waiting))
        return any(n >= min(due, largest * self.n_threads) for (_, largest), n in alike)

    # -- one task --------------------------------------------------------------------------------

    def _begin(self, task: Task) -> None:
        share = Share(self._entries) if may_share(task.function) else None
        fiber = Fiber(lambda: _in_fiber(fiber, task.function, self._torch_threads, share))
        self._tasks[fiber] = task
        self._go_on(fiber)

    def _go_on(self, fiber: Fiber, answer: Any = None, error: BaseException | None = None) -> None:
        """Let a fiber run until it parks, or its task is done."""
        fiber.resume(answer, error)
        if fiber.done:
            self._n_ended += 1
            self._tasks.pop(fiber).finish(fiber.result, fiber.error)

    # -- all parked trainings ----------------------------------------------------------------------

    def _train(self) -> None:
        """Do the next pass of those that can train together, and what comes after it."""
        twins = self._twins()
        at_work = self.places[: self._choose(list(twins))]
        found = self._side_by_side([place.run for place in at_work])
        for place, (seconds, results) in zip(at_work, found, strict=True):
            for fiber, done in zip(place.members, results, strict=True):
                if isinstance(done, Exception):  # its twins have done nothing yet
                    self._go_on(fiber, error=done)
                else:
                    self._after_passes(fiber, twins[fiber], seconds / len(results), done)

    def _after_passes(self, leader: Fiber, others: list[Fiber], seconds: float, done: int) -> None:
        """Do what follows for who did a pass of so many updates, and for its twins."""
        for fiber in others:
            take_over(fiber.request.work, leader.request.work)
        lineage = object() if others else None
        for fiber in (leader, *others):
            fiber.request.lineage = lineage
            self._after_pass(fiber, seconds / (1 + len(others)), done)

    def _twins(self) -> dict[Fiber, list[Fiber]]:
        """Return who trains for whom, besides for itself."""
        equal: dict[Hashable, list[Fiber]] = {}
        for fiber in self._tasks:
            equal.setdefault(fiber.request.twin_key, []).append(fiber)
        return {first: others for first, *others in equal.values()}

    def _after_pass(self, fiber: Fiber, seconds: float, done: int) -> None:
        """Do what the fit does after its epoch; its fiber goes on where training is over."""
        try:
            with torch_threads(1):  # as the fit would
                fiber.request.passed(seconds, done)
        except StopIteration as end:
            self._go_on(fiber, end.value)
        except Exception as error:
            self._go_on(fiber, error=error)

    def _choose(self, fibers: Sequence[Fiber]) -> int:
        """Put those of some who train next at the first places, and return at how many.

        Whoever was at a place stays there; it is filled up from those that wait.
        """
        by_key: dict[Hashable, list[Fiber]] = {}
        for fiber in fibers:
            by_key.setdefault(fiber.request.key, []).append(fiber)
        those = set(fibers)
        going_on = [[f for f in place.members if f in those] for place in self.places]
        first = next(chain(*going_on), None)
        key = max(by_key, key=lambda k: len(by_key[k])) if first is None else first.request.key
        waiting = by_key[key]
        size, n_places = self._sizes(waiting)
        groups = [
            [f for f in members if f.request.key == key][:size] for members in going_on[:n_places]
        ]
        taken = set(chain(*groups))
        rest = [fiber for fiber in waiting if fiber not in taken]
        for group in groups:
            n_missing = size - len(group)
            group += rest[:n_missing]
            rest = rest[n_missing:]
        for place, group in zip(self.places, groups, strict=False):
            place.members = group
        return n_places

    def _sizes(self, waiting: list[Fiber]) -> tuple[int, int]:
        """Return how many shall be in a stack, and how many stacks train side by side."""
        largest = waiting[0].request.largest
        # a call for few small networks is so short that threads only wait for Python's lock
        n_places = max(1, min(self.n_threads, len(waiting) // min(largest, FEWEST_BESIDE)))
        return min(largest, -(-len(waiting) // n_places)), n_places

    def _side_by_side(self, passes: Sequence[Callable[[], Passed]]) -> list[Passed]:
        """Call the first here and the others in threads; return what each returns."""
        others = []
        if len(passes) > 1:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(
                    len(self.places) - 1,
                    "sknn_tips",
                    torch.set_num_threads,
                    (self._torch_threads,),
                )
            others = [self._threads.submit(each) for each in passes[1:]]
        try:
            return [passes[0](), *(other.result() for other in others)]
        finally:
            wait(others)  # after Ctrl-C too: nothing goes on behind our back


def _in_fiber(
    fiber: Fiber, function: Callable[[], Any], torch_threads: int, share: Share | None
) -> Any:
    """Run a task, with its fits parked while their networks train next to others."""
    torch.set_num_threads(torch_threads)
    waited = 0.0

    def park(passes: Passes) -> Any:
        nonlocal waited
        training = Training(passes)
        if training.key is None:
            return drive(passes, training.work)
        with unshared_work() if share else nullcontext():
            outcome = fiber.park(training)
        waited += training.waited
        return outcome

    DRIVER.set(park)
    SHARE.set(share)
    try:
        with shared_work() if share else nullcontext():
            return _without_waiting(function(), waited)
    finally:
        if share is not None:
            share.held.clear()


def _without_waiting(result: Any, waited: float) -> Any:
    """Take from the times that scikit-learn measured what other fits took meanwhile."""
    for each in result if isinstance(result, list) else []:
        if isinstance(each, dict) and "fit_time" in each:
            each["fit_time"] = max(0.0, each["fit_time"] - waited)
    return result
