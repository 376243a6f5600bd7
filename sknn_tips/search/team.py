"""A sweep, with helpers where it is long enough to be worth their start."""

from collections.abc import Callable
from contextlib import suppress
from queue import Empty
from time import perf_counter
from typing import Any

from sknn_tips import exceptions
from sknn_tips.exceptions import HintWarning
from sknn_tips.search.helpers import Ended, Helpers
from sknn_tips.search.progress import Progress
from sknn_tips.search.sweep import Sweep, Task

# What helpers need to start, in seconds: to import everything, on a core that one of our threads
# had. How much faster than one thread several are (`benchmarks/stacks.py`). And from which rest of
# a search on those are asked who are there already.
START = 2.5
GAIN_OF_THREADS = 1.5
WORTH_ASKING = 0.3

_spent = 0.0
"""Seconds that searches in this process took without helpers."""


class Team:
    """Who works at the tasks of one search: the thread that asked for it, and helpers.

    Parameters
    ----------
    engine : str
        The joblib backend of the helpers.
    n_helpers : int
    progress : Progress or None
        Who is told of every task that is submitted or done.
    """

    def __init__(self, engine: str, n_helpers: int, progress: Progress | None = None) -> None:
        self.sweep = Sweep(n_helpers + 1)
        self.n_helpers = n_helpers
        self.helpers = Helpers(engine, n_helpers, self._chunk) if n_helpers > 0 else None
        self.progress = progress
        self._start: float | None = None

    def submit(
        self, function: Callable[[], Any], callback: Callable[..., Any] | None = None
    ) -> Task:
        """Add a task to those that wait; `callback` gets it when it is done."""

        def done(task: Task) -> None:
            if self.progress is not None:
                self.progress.done(task)
            if callback is not None:
                callback(task)

        task = Task(function, done)
        self.sweep.submit(task)
        if self.progress is not None:
            self.progress.submitted()
        return task

    def work_until(self, task: Task) -> None:
        """Go on with all tasks until one of them is done."""
        if self._start is None:
            self._start = perf_counter()
        while not task.done:
            self._take_in()
            if self.sweep.is_idle:
                self._wait()
            else:
                self.sweep.work()
                self._call_for_help()

    def close(self) -> None:
        """Let go of threads and helpers."""
        global _spent
        if self._start is not None and not (self.helpers and self.helpers.have_started):
            _spent += perf_counter() - self._start
        self._start = None
        self.sweep.close()
        if self.progress is not None:
            self.progress.close()
        if self.helpers is not None:
            self.helpers.close()

    def cancel(self) -> None:
        """End all that is going on."""
        self.sweep.cancel()
        if self.helpers is not None:
            self.helpers.kill()
        self.close()

    def _chunk(self) -> list[Task]:
        """Return what the next helper gets: half of its share of the tasks that wait."""
        n_waiting = self.sweep.n_waiting
        return self.sweep.take(-(-n_waiting // (2 * (self.n_helpers + 1))))

    def _call_for_help(self) -> None:
        if self.helpers is None:
            return
        n_waiting = self.sweep.n_waiting
        if n_waiting and self._is_worth_help(n_waiting * self.sweep.seconds_a_task):
            self.helpers.call()
        # a core for each: where helpers work, no thread does
        n_workers = 1 + self.n_helpers
        self.sweep.n_threads = 1 if self.helpers.at_work else n_workers
        self.sweep.part = 1 / n_workers if self.helpers.at_work else 1.0

    def _is_worth_help(self, remaining: float) -> bool:
        """Say whether helpers would save more than their start costs.

        It counts what they would have saved in earlier searches, too: who searches often shall not
        go without for ever because each search is short.
        """
        assert self.helpers is not None
        if self.helpers.have_started:
            return remaining > WORTH_ASKING
        saved = 1 - GAIN_OF_THREADS / (1 + self.n_helpers)
        lost = START * (1 - 1 / GAIN_OF_THREADS)
        return (remaining - START) * saved + _spent * saved > lost and remaining > START

    def _take_in(self) -> None:
        """Report the tasks that helpers ended, or that they cannot help."""
        if self.helpers is not None and self.helpers.failure is not None:
            failure, self.helpers.failure = self.helpers.failure, None
            exceptions.warn(
                f"stacked(engine={self.helpers.engine!r}): its workers do not help, so this process"
                f" trains alone: {failure}",
                HintWarning,
            )
        while self.helpers is not None:
            try:
                self._report(self.helpers.ended.get_nowait())
            except Empty:
                return

    def _wait(self) -> None:
        """Wait for a helper, all else being done."""
        assert self.helpers is not None
        with suppress(Empty):
            self._report(self.helpers.ended.get(timeout=0.1))  # Ctrl-C is heard in between

    def _report(self, ended: Ended) -> None:
        tasks, found = ended
        if found is None:
            for task in tasks:
                self.sweep.submit(task)
            return
        for task, (result, error) in zip(tasks, found, strict=True):
            task.finish(result, error)
