import joblib
import pytest
from sklearn.utils import parallel

from sknn_tips._compat.joblib import (
    ParallelBackendBase,
    SequentialBackend,
    calls_of,
    nesting_level,
    without_filters,
)


class Tasks(joblib.parallel.ThreadingBackend):
    """Keeps the tasks that joblib hands over."""

    seen: list = []

    def submit(self, func, callback=None):
        self.seen.append(func)
        return super().submit(func, callback)


@pytest.fixture
def tasks(monkeypatch):
    joblib.register_parallel_backend("tasks", Tasks)
    monkeypatch.setattr(Tasks, "seen", [])
    yield Tasks.seen
    joblib.parallel.BACKENDS.pop("tasks")


def test_a_backend_of_this_base_can_be_registered():
    class Backend(ParallelBackendBase):
        def effective_n_jobs(self, n_jobs):
            return 7

    with joblib.parallel_config(backend=Backend()):
        assert joblib.effective_n_jobs() == 7


def test_the_backend_in_a_worker_runs_calls_one_after_another():
    with joblib.parallel_config(backend=SequentialBackend(nesting_level=1), n_jobs=2):
        assert joblib.effective_n_jobs() == 1
        assert nesting_level() == 1


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_are_one_level_deep(backend):
    assert nesting_level() == 0
    run = joblib.Parallel(n_jobs=2, backend=backend)
    assert run(joblib.delayed(nesting_level)() for _ in range(2)) == [1, 1]


def test_calls_of_a_task_are_changed_in_place(tasks):
    with joblib.parallel_config(backend="tasks", n_jobs=2):
        joblib.Parallel()(joblib.delayed(divmod)(number, 2) for number in (5,))
    (task,) = tasks
    assert calls_of(task) == [(divmod, (5, 2), {})]
    calls_of(task)[:] = [(max, (5, 2), {})]
    assert task() == [5]


def test_another_callable_has_no_calls():
    assert calls_of(divmod) == []


def test_a_function_comes_out_of_what_scikit_learn_wraps_it_in(tasks):
    def own():
        return None

    with joblib.parallel_config(backend="tasks", n_jobs=2):
        parallel.Parallel()(parallel.delayed(own)() for _ in range(1))
    [(function, _, _)] = calls_of(tasks[0])
    assert without_filters(function) is own
    assert without_filters(own) is own
