"""The joblib backend that runs the fits of scikit-learn's searches in threads."""

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

# The number of workers that is reported to joblib. joblib submits twice as many tasks in advance,
# so the number of fits is usually known early. With one reported worker, joblib would run the tasks
# itself, without progress.
WORKERS_FOR_JOBLIB = 128


class ThreadBackend(ParallelBackendBase):
    """Runs the tasks of a `joblib.Parallel` call in threads that use one core each.

    Unlike joblib's own threads, these threads end soon after Ctrl-C or an error, and do not change
    the warning filters of other threads.

    Parameters
    ----------
    progress : bool, default=False
        Whether to show the number of completed tasks.
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
        if self._workers is None:
            return
        try:  # a thread that submits another task meanwhile must not start workers anew
            self._workers.cancel()
        finally:
            self._workers = None

    def terminate(self) -> None:
        if self._workers is not None:
            workers, self._workers = self._workers, None
            workers.close()
        if self._progress is not None:
            self._progress.close()

    def get_nested_backend(self) -> tuple[ParallelBackendBase, None]:
        return SequentialBackend(nesting_level=(self.nesting_level or 0) + 1), None


def number_of_threads(n_jobs: Any) -> int:
    """Return the number of threads for `n_jobs`, with the convention of joblib."""
    if n_jobs is None:
        return 1
    if not isinstance(n_jobs, int | np.integer) or n_jobs == 0:
        raise ValueError(
            f"n_jobs={n_jobs!r} is no number of cores. Give one from 1 on, or -1 for all of them."
        )
    return int(n_jobs if n_jobs > 0 else max(1, joblib.cpu_count() + 1 + n_jobs))


def _with_filters_as_they_are(task: Task) -> Task:
    """Return the task without the wrapper that sets the warning filters.

    From version 1.7 on, scikit-learn wraps its tasks to set the filters of the search in worker
    processes. Threads have these filters already, and setting them would interfere with those of
    other threads.
    """
    calls = calls_of(task)
    calls[:] = [(without_filters(each), *given) for each, *given in calls]
    return task


@contextmanager
def stacked(n_jobs: int = -1, verbose: int = 0, *, engine: None = None) -> Iterator[None]:
    """Run the fits of scikit-learn's searches in threads, one core each.

    Within the context, everything that scikit-learn runs with joblib (`GridSearchCV`,
    `RandomizedSearchCV`, `HalvingGridSearchCV`, `cross_validate`, `BaggingClassifier`,
    `OneVsRestClassifier` and so on, with any Pipelines and scorers) runs in threads of this
    process. Networks are trained without Python's interpreter lock (GIL), so all threads train at
    the same time; no processes are started, and no data are copied. Results are the same as without
    the context. Other estimators can be used as well.

    Parameters
    ----------
    n_jobs : int, default=-1
        The number of threads, with the convention of joblib: -1 is one per core. The `n_jobs` of a
        search takes precedence.
    verbose : int, default=0
        If 1, show the number of completed fits and the best mean score of a candidate so far, as a
        bar on a terminal or in a notebook (with rich), and else by occasional lines.
    engine : None
        Not used any more. For workers on other machines, use
        ``joblib.parallel_config(backend="dask")`` instead of this context.

    Yields
    ------
    None

    Raises
    ------
    ValueError
        If `n_jobs` is invalid, or if `engine` is not None.

    Notes
    -----
    A network with a GFLOP or more per training step uses several threads when it is fitted
    without the context, and one thread within it, so its results agree up to rounding. On a CPU,
    the results of all other networks are identical.

    After Ctrl-C, networks stop after the current batch. Estimators of other libraries cannot be
    interrupted in fit, so the search waits for them.

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
