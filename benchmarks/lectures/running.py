"""Train one fit for each system and seed, in parallel, and store each result immediately."""

import json
import os
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import sklearn
import torch
from sklearn.exceptions import ConvergenceWarning

import sknn_tips
from benchmarks.lectures.data import DATA, REAL_TARGET, Rows
from benchmarks.lectures.measures import MEASURES
from benchmarks.lectures.system import System
from benchmarks.lectures.systems import select
from sknn_tips.exceptions import NonFiniteWeightsError

# Results are valid for these versions only; with others, the models are trained again.
VERSIONS = {"torch": torch.__version__, "sklearn": sklearn.__version__}

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Result = dict[str, Any]


class Task(NamedTuple):
    """A fit of one system with one seed."""

    system: System
    seed: int

    @property
    def key(self) -> Result:
        """The key of a result: a stored result belongs to this task if its key is equal."""
        system = self.system
        params = json.loads(json.dumps(system.params))  # as they are read from a file
        measures = list(system.figures)
        key = {"id": system.id, "seed": self.seed, "params": params, "measures": measures}
        return key | {"data": system.data, "versions": VERSIONS}


def tasks(systems: Iterable[System], seeds: int | None) -> list[Task]:
    """Return the tasks, ordered by seed: the first seed of all systems, then the second."""
    found = [Task(system, seed) for system in systems for seed in range(seeds or system.seeds)]
    return sorted(found, key=lambda task: task.seed)


def train(id_: str, seed: int) -> dict[str, float]:
    """Fit one system with one thread, and return its measures and the seconds."""
    (system,) = (found for found in select(id_) if found.id == id_)
    rows = _rows(system.data)
    estimator = sknn_tips.MLPRegressor if system.data in REAL_TARGET else sknn_tips.MLPClassifier
    model = estimator(**system.params, n_threads=1, device="cpu", random_state=seed)
    own = {"X_val": rows.X_test, "y_val": rows.y_test} if system.validated else {}
    start = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the deck fixes the epochs
        try:
            model.fit(rows.X_train, rows.y_train, **own)
        except NonFiniteWeightsError as error:  # A7 without scaling diverges
            model.loss_curve_ = error.loss_curve
    seconds = perf_counter() - start
    values = {name: float(MEASURES[name].compute(model, rows)) for name in system.figures}
    return values | {"seconds": seconds}


@cache
def _rows(name: str) -> Rows:
    return DATA[name]()


def trained(todo: list[Task], cache_file: Path, jobs: int) -> Iterator[tuple[Task, Result]]:
    """Train the tasks, add each result to the file, and yield the task with its result."""
    for task, values in _trained(todo, jobs):
        result = {"key": task.key, "values": values}
        cache_file.parent.mkdir(parents=True, exist_ok=True)
        with cache_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
        yield task, result


def kept(todo: list[Task], cache_file: Path) -> list[tuple[Task, Result]]:
    """Return the tasks whose results are in the file, with their results."""
    found = {json.dumps(result["key"]): result for result in read(cache_file)}
    pairs = [(task, found.get(json.dumps(task.key))) for task in todo]
    return [(task, result) for task, result in pairs if result is not None]


def _trained(todo: list[Task], jobs: int) -> Iterator[tuple[Task, dict[str, float]]]:
    os.environ.update(dict.fromkeys(THREADS, "1"))  # inherited by the workers
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(train, task.system.id, task.seed): task for task in todo}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def read(cache_file: Path) -> list[Result]:
    """Return the results in the file; an incomplete last line (interruption) is ignored."""
    if not cache_file.exists():
        return []
    lines = cache_file.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]
