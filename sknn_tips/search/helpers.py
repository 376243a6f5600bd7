"""Other processes that take over chunks of a sweep.

Which processes: loky's, the ones that joblib starts by itself, or those of any joblib backend by
its name, such as a Dask cluster's. A chunk is as many tasks as are worth sending, and they are
trained as stacks over there. All talk with the processes is in a thread beside the sweep, which
goes on with its own stacks.
"""

import pickle
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import chain, islice
from time import sleep
from typing import Any

import joblib
from joblib.externals.loky import ProcessPoolExecutor

from sknn_tips.search.sweep import Sweep, Task

Job = tuple[int, list[Callable[[], Any]]]
"""The number of a chunk, and its tasks' functions."""

Found = tuple[int, list[tuple[Any, BaseException | None]]]
"""The number of a chunk, and the result or the error of each task."""

Ended = tuple[list[Task], list[tuple[Any, BaseException | None]] | None]
"""Tasks, and the result or the error of each; None if they have to be done here after all."""

# What cannot be sent to another process says so by one of these.
_NOT_SENT = (pickle.PicklingError, TypeError, AttributeError)
_LOST = (
    "Worker processes ended while they trained, twice with the same fits. Memory may be short: give"
    " fewer workers by n_jobs, or train here alone by n_jobs=1."
)


class Helpers:
    """Workers of a joblib backend.

    Parameters
    ----------
    engine : str
        The name of the backend.
    n_workers : int
    take : callable
        Returns the next chunk of tasks; empty when nobody needs help.

    Attributes
    ----------
    ended : queue.SimpleQueue
        What came of a chunk.
    at_work : bool
        Whether they have started, and have something to do.
    failure : Exception or None
        Why they cannot help at all.
    """

    def __init__(self, engine: str, n_workers: int, take: Callable[[], list[Task]]) -> None:
        self.engine, self.n_workers, self.take = engine, n_workers, take
        self.ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        self._wanted = threading.Event()
        self.failure: Exception | None = None
        self.at_work = self._busy = self._closed = self._forsaken = False
        self._killed: Future[Any] = Future()
        self._thread = threading.Thread(target=self._main, daemon=True)

    @property
    def have_started(self) -> bool:
        """Whether workers are there, of this search or of one before."""
        return self._thread.ident is not None or (
            self.engine == "loky" and self.n_workers in _executors
        )

    def call(self) -> None:
        """Have them look for work, and start them if need be."""
        if self._busy:
            return
        self._busy = True
        self._wanted.set()
        if self._thread.ident is None:
            self._thread.start()

    def close(self) -> None:
        """Let them finish what they have, and take nothing more."""
        self._closed = True
        self._wanted.set()
        if self._thread.ident is not None and not self._forsaken:
            self._thread.join()

    def kill(self) -> None:
        """End them now; where they are not ours to end, do not wait for what they are at."""
        self._closed = True
        if not self._killed.done():
            self._killed.set_result(None)
        self._forsaken = self.engine != "loky"
        self.close()

    def _main(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._closed:
                return
            lost = self._work([])
            while lost and not self._closed:
                lost = self._work(lost)
            self.at_work = self._busy = False

    def _work(self, again: list[list[Task]]) -> list[list[Task]]:
        """Have chunks done, first those to be done again; return those lost with a worker."""
        out: dict[int, list[Task]] = {}
        tried = {id(chunk) for chunk in again}
        chunks = chain(again, iter(self._next, []))

        def jobs() -> Iterator[Job]:
            # importing us takes the workers a second or two: a chunk is cut when one can take it
            yield from [(-1, [])] * self.n_workers
            for number, chunk in enumerate(chunks):
                self.at_work = True
                out[number] = chunk
                yield number, [task.function for task in chunk]

        if self.engine == "loky":
            results = _by_loky(jobs(), self.n_workers, self._killed)
        else:
            results = _by_joblib(jobs(), self.n_workers, self.engine)
        try:
            for number, found in results:
                if found:
                    self.ended.put((out.pop(number), found))
        except _NOT_SENT:
            self._closed = True
            for chunk in out.values():
                self.ended.put((chunk, None))
            return []
        except Exception as error:
            if not out:  # they cannot even begin
                self._closed, self.failure = True, error
            for chunk in [chunk for chunk in out.values() if id(chunk) in tried]:
                self.ended.put((chunk, [(None, _lost(error))] * len(chunk)))
        return [chunk for chunk in out.values() if id(chunk) not in tried]

    def _next(self) -> list[Task]:
        return [] if self._closed else self.take()


def _lost(error: Exception) -> RuntimeError:
    found = RuntimeError(_LOST)
    found.__cause__ = error
    return found


# -- where jobs are run ----------------------------------------------------------------------------

# One thread each: there are as many workers as cores. They stay for the next search.
_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_IDLE_SECONDS = 300


_executors: dict[int, ProcessPoolExecutor] = {}


def _executor(n_workers: int) -> ProcessPoolExecutor:
    """Return the workers, those of the search before if they are still there."""
    if n_workers not in _executors:
        _executors[n_workers] = ProcessPoolExecutor(
            n_workers, timeout=_IDLE_SECONDS, env=_ENVIRONMENT
        )
    return _executors[n_workers]


def _by_loky(jobs: Iterator[Job], n_workers: int, killed: Future[Any]) -> Iterator[Found]:
    """Yield what comes of the jobs, one at a time given to every worker, until `killed` is done."""
    # joblib.Parallel would not do: it has no single worker, and runs the job here instead
    executor = _executor(n_workers)
    running: set[Future[Any]] = set()
    try:
        while True:
            for job in islice(jobs, n_workers - len(running)):
                running.add(executor.submit(run_chunk, job))
            if not running:
                return
            done, running = wait(running | {killed}, return_when=FIRST_COMPLETED)
            if killed.done():
                _end_workers(n_workers, running)
                return
            running.discard(killed)
            for future in done:
                yield future.result()
    except BaseException:
        _end_workers(n_workers, running)
        raise


def _end_workers(n_workers: int, running: Iterable[Future[Any]]) -> None:
    """End the workers now; others are started when they are needed."""
    executor = _executors.pop(n_workers)
    # loky stumbles over a job that it has not yet passed on
    while any(not (future.running() or future.done()) for future in running):
        sleep(0.001)
    executor.shutdown(kill_workers=True)


def _by_joblib(jobs: Iterator[Job], n_workers: int, name: str) -> Iterator[Found]:
    """Yield what comes of the jobs from the workers of a joblib backend."""
    with joblib.parallel_config(backend=name, n_jobs=n_workers):
        parallel = joblib.Parallel(
            pre_dispatch="n_jobs", batch_size=1, return_as="generator_unordered"
        )
        yield from parallel(joblib.delayed(run_chunk)(job) for job in jobs)


def run_chunk(job: Job) -> Found:
    """Run tasks in a worker."""
    number, functions = job
    sweep = Sweep()
    tasks = [Task(function, lambda task: None) for function in functions]
    for task in tasks:
        sweep.submit(task)
    for task in tasks:
        sweep.work_until(task)
    return number, [(task.result, task.error) for task in tasks]
