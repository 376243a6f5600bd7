"""The joblib backend under which scikit-learn's own searches train their fits as stacks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import joblib
import numpy as np
from joblib.parallel import ParallelBackendBase, SequentialBackend

from sknn_tips.search.progress import Progress
from sknn_tips.search.sweep import Task
from sknn_tips.search.team import Team

NAME = "sknn_tips"

_IN_THIS_PROCESS = {NAME, "sequential", "threading"}

# Enough to fill stacks, and to leave something for the helpers.
TASKS_AT_HAND = 256


class StackedBackend(ParallelBackendBase):
    """Runs the tasks of a `joblib.Parallel` call in turns, and their fits side by side.

    joblib hands over a task by `submit`, and asks for its result by `get`. There, in the thread of
    whoever called the search, all work is done that no helper does.

    Parameters
    ----------
    engine : str, default="loky"
        The joblib backend of the helpers.
    progress : bool, default=False
        Whether it is shown how many tasks are done.
    """

    uses_threads = True
    supports_sharedmem = True
    default_n_jobs = -1

    def __init__(self, engine: str = "loky", progress: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.engine, self.progress = engine, progress

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        _processes(n_jobs)
        return TASKS_AT_HAND // 2  # joblib keeps twice as many tasks at hand

    def configure(self, n_jobs: int | None = 1, *args: Any, **options: Any) -> int:
        progress = Progress() if self.progress else None
        self.team = Team(self.engine, _processes(n_jobs) - 1, progress)
        return super().configure(n_jobs, *args, **options)

    def submit(self, func: Callable[[], Any], callback: Callable[..., Any] | None = None) -> Any:
        return _Job(self.team, self.team.submit(func, callback))

    def terminate(self) -> None:
        self.team.close()

    def abort_everything(self, ensure_ready: bool = True) -> None:
        self.team.cancel()

    def get_nested_backend(self) -> tuple[ParallelBackendBase, None]:
        return SequentialBackend(nesting_level=(self.nesting_level or 0) + 1), None


def _processes(n_jobs: Any) -> int:
    """Return what joblib understands by `n_jobs`."""
    if n_jobs is None:
        return 1
    if not isinstance(n_jobs, int | np.integer) or n_jobs == 0:
        raise ValueError(
            f"n_jobs={n_jobs!r} is no number of cores. Give one from 1 on, or -1 for all of them."
        )
    return int(n_jobs if n_jobs > 0 else max(1, joblib.cpu_count() + 1 + n_jobs))


class _Job:
    """What joblib holds of a task."""

    def __init__(self, team: Team, task: Task) -> None:
        self.team, self.task = team, task

    def get(self, timeout: float | None = None) -> Any:
        self.team.work_until(self.task)
        if self.task.error is not None:
            raise self.task.error
        return self.task.result


def _check_engine(engine: str) -> None:
    if engine in _IN_THIS_PROCESS:
        raise ValueError(
            f"engine={engine!r} runs in this process, which trains already. Give 'loky' or another"
            " joblib backend whose workers are processes."
        )
    try:
        with joblib.parallel_config(backend=engine):
            pass
    except ValueError as error:
        remedy = " Install it: pip install 'sknn_tips[dask]'." * (
            engine == "dask" and find_spec("distributed") is None
        )
        raise ValueError(f"engine={engine!r} cannot help: {error}{remedy}") from error


@contextmanager
def stacked(n_jobs: int = -1, engine: str = "loky", verbose: int = 0) -> Iterator[None]:
    """Train the networks of scikit-learn's searches together, as stacks.

    Within the context, whatever scikit-learn hands to joblib (`GridSearchCV`,
    `RandomizedSearchCV`, `HalvingGridSearchCV`, `cross_validate`, `BaggingClassifier`,
    `OneVsRestClassifier` and so on, with Pipelines and scorers as always) trains fits that are
    alike side by side. Results are those of the search without it, on a CPU to the last bit. Other
    estimators just run.

    Parameters
    ----------
    n_jobs : int, default=-1
        How many cores the search may use, counted as joblib does: -1 for all. A search's own
        `n_jobs` goes first. Short searches use them by threads; for long ones worker processes are
        started, which stay for the next search.
    engine : str, default="loky"
        The joblib backend whose workers take over chunks of a long search: loky are processes on
        this machine; "dask" are the workers of the Dask cluster that a `distributed.Client` is
        connected to; any other registered backend by its name.
    verbose : int, default=0
        1 shows how many fits are done, and the best mean score of a candidate so far: a bar on a
        terminal or in a notebook (rich), else a line now and then.

    Yields
    ------
    None

    Raises
    ------
    ValueError
        When `n_jobs` is no number of cores, or `engine` is none whose workers are processes.

    Notes
    -----
    Networks are alike if they have the same layers, loss, size of batches and dtype, and if each
    kind of penalty is used by all or none. Everything else may differ: optimizer, learning rate and
    its schedule, how large penalties, dropout and label smoothing are, seed, weights, rows,
    `max_iter`, early stopping. Fits that are equal so far train once, and a fold is sliced and
    transformed once, where nobody could change it. The times in ``cv_results_`` are each fit's
    share of its stack's.

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
    _processes(n_jobs)
    _check_engine(engine)
    with joblib.parallel_config(backend=NAME, n_jobs=n_jobs, engine=engine, progress=verbose > 0):
        yield


joblib.register_parallel_backend(NAME, StackedBackend)
