"""The joblib backend under which the fits of scikit-learn's searches run in threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import joblib
import numpy as np

from sknn_tips._compat.joblib import (
    ParallelBackendBase,
    SequentialBackend,
    calls_of,
    without_filters,
)
from sknn_tips.search.progress import Progress
from sknn_tips.search.workers import Task, Workers

NAME = "sknn_tips"

# joblib takes it for the number of workers, and hands over twice as many tasks: enough to know
# early how many fits there are. And one thread is a worker as any other; joblib would run its tasks
# by itself, without progress.
WORKERS_FOR_JOBLIB = 128


class ThreadBackend(ParallelBackendBase):
    """Runs the tasks of a `joblib.Parallel` call in threads of one core each.

    Unlike joblib's own threads, they end soon after Ctrl-C or an error, and no other thread is left
    with their filters of warnings.

    Parameters
    ----------
    progress : bool, default=False
        Whether it is shown how many tasks are done.
    """

    uses_threads = True
    supports_sharedmem = True
    default_n_jobs = -1

    def __init__(self, progress: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._shows = progress
        self._n_threads = 1
        self._progress: Progress | None = None
        self._workers: Workers | None = None

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        number_of_threads(n_jobs)
        return WORKERS_FOR_JOBLIB

    def configure(self, n_jobs: int | None = 1, *args: Any, **options: Any) -> int:
        self._n_threads = number_of_threads(n_jobs)
        self._progress = Progress() if self._shows else None
        return super().configure(n_jobs, *args, **options)

    def submit(self, func: Task, callback: Callable[[Any], Any]) -> Future[Any]:
        if self._workers is None:
            self._workers = Workers(self._n_threads, self._progress)
        return self._workers.submit(_with_filters_as_they_are(func), callback)

    def retrieve_result(self, out: Future[Any], timeout: float | None = None) -> Any:
        assert self._workers is not None
        return self._workers.result(out)

    def abort_everything(self, ensure_ready: bool = True) -> None:
        if self._workers is not None:
            workers, self._workers = self._workers, None
            workers.cancel()

    def terminate(self) -> None:
        if self._workers is not None:
            workers, self._workers = self._workers, None
            workers.close()
        if self._progress is not None:
            self._progress.close()

    def get_nested_backend(self) -> tuple[ParallelBackendBase, None]:
        return SequentialBackend(nesting_level=(self.nesting_level or 0) + 1), None


def number_of_threads(n_jobs: Any) -> int:
    """Return what joblib understands by `n_jobs`."""
    if n_jobs is None:
        return 1
    if not isinstance(n_jobs, int | np.integer) or n_jobs == 0:
        raise ValueError(
            f"n_jobs={n_jobs!r} is no number of cores. Give one from 1 on, or -1 for all of them."
        )
    return int(n_jobs if n_jobs > 0 else max(1, joblib.cpu_count() + 1 + n_jobs))


def _with_filters_as_they_are(task: Task) -> Task:
    """Take from a task what sets the filters of warnings anew.

    scikit-learn wraps the functions of its tasks in it (from 1.7 on): worker processes need the
    filters of the search, but threads have them, and would only put away those of each other.
    """
    calls = calls_of(task)
    calls[:] = [(without_filters(each), *given) for each, *given in calls]
    return task


@contextmanager
def stacked(n_jobs: int = -1, verbose: int = 0, *, engine: None = None) -> Iterator[None]:
    """Run the fits of scikit-learn's searches in threads, one core each.

    Within the context, whatever scikit-learn hands to joblib (`GridSearchCV`,
    `RandomizedSearchCV`, `HalvingGridSearchCV`, `cross_validate`, `BaggingClassifier`,
    `OneVsRestClassifier` and so on, with Pipelines and scorers as always) runs in threads of this
    process. Networks train without Python's lock, so as many of them train at a time as there are
    threads; no process has to start, and no data are copied. Results are those of the search
    without it. Other estimators just run.

    Parameters
    ----------
    n_jobs : int, default=-1
        How many threads the search uses, counted as joblib does: -1 for one a core. A search's own
        `n_jobs` goes first.
    verbose : int, default=0
        1 shows how many fits are done, and the best mean score of a candidate so far: a bar on a
        terminal or in a notebook (rich), else a line now and then.
    engine : None
        Not used any more. For workers on other machines, give
        ``joblib.parallel_config(backend="dask")`` in place of this context.

    Yields
    ------
    None

    Raises
    ------
    ValueError
        When `n_jobs` is no number of cores, or an `engine` is given.

    Notes
    -----
    A network whose single step has a GFLOP or more takes several threads when it is fitted alone
    and one within the context, so its results agree to rounding; all others, on a CPU, to the last
    bit.

    Ctrl-C ends the networks after the batch that they are at. Estimators of other libraries cannot
    be stopped in the middle of fit; they are waited for.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknn_tips import MLPClassifier, stacked
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier(16, max_iter=20, tol=None, random_state=0)
    >>> grid = {"learning_rate_init": [0.001, 0.01], "alpha": [0.0001, 0.01]}
    >>> with stacked():
    ...     search = GridSearchCV(net, grid).fit(X, y)
    >>> search.best_params_["learning_rate_init"]
    0.01
    """
    number_of_threads(n_jobs)
    if engine is not None:
        raise ValueError(
            f"stacked(engine={engine!r}): fits run in threads of this process, and no other workers"
            " help. For those of a joblib backend, write joblib.parallel_config(backend="
            f"{engine!r}) in place of stacked()."
        )
    with joblib.parallel_config(backend=NAME, n_jobs=n_jobs, progress=verbose > 0):
        yield


joblib.register_parallel_backend(NAME, ThreadBackend)
