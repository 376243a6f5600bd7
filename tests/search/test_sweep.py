from time import sleep

import numpy as np
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.search import sweep
from sknn_tips.search.sweep import Sweep, Task

RNG = np.random.RandomState(0)
X, Y = RNG.normal(size=(60, 4)), RNG.randint(0, 3, 60)


def fit(k, **changed):
    return MLPClassifier(6, max_iter=4, tol=None, random_state=k, **changed).fit(X, Y)


def run(functions, n_threads=1):
    work, ended = Sweep(n_threads), []
    tasks = [Task(function, ended.append) for function in functions]
    for task in tasks:
        work.submit(task)
    for task in tasks:
        work.work_until(task)
    work.close()
    assert work.is_idle
    assert set(ended) == set(tasks)
    return tasks


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_fits_of_several_shapes(n_threads):
    options = [{}, {"activation": "tanh"}, {"early_stopping": True}, {"callbacks": ()}] * 8
    functions = [lambda k=k, o=o: fit(k, **o) for k, o in enumerate(options)]
    for task, alone in zip(run(functions, n_threads), functions, strict=True):
        np.testing.assert_array_equal(task.result.coefs_[0], alone().coefs_[0])
        assert task.result.loss_curve_ == alone().loss_curve_


def test_several_fits_in_one_task():
    def two(k):
        return [fit(k).loss_, fit(k + 1).loss_]

    found = run([lambda k=k: two(k) for k in range(3)])
    assert [task.result for task in found] == [two(k) for k in range(3)]


def test_errors_stay_with_their_task():
    found = run([lambda: fit(0), lambda: 1 / 0, lambda: fit(1, alpha=-1.0)])
    assert found[0].error is None
    assert isinstance(found[1].error, ZeroDivisionError)
    assert "alpha" in str(found[2].error)


def test_rows_in_the_middle_of_training_have_a_budget(monkeypatch):
    most = []
    original = Sweep._train

    def train(self):
        most.append(len(self._tasks))
        original(self)

    monkeypatch.setattr(Sweep, "_train", train)
    monkeypatch.setattr(sweep, "WAVE_BYTES", 2 * X.size * 4)
    run([lambda k=k: fit(k) for k in range(6)])
    assert max(most) == 2


def test_who_finishes_makes_room_for_others():
    """Fits of many lengths: stacks shrink, are filled up, and change nothing."""
    lengths = [1, 9, 3, 7, 2, 8, 5, 4] * 6
    functions = [
        lambda k=k, n=n: MLPClassifier(6, max_iter=n, tol=None, random_state=k).fit(X, Y)
        for k, n in enumerate(lengths)
    ]
    for task, alone in zip(run(functions), functions, strict=True):
        np.testing.assert_array_equal(task.result.coefs_[1], alone().coefs_[1])
        assert task.result.n_iter_ == alone().n_iter_


def test_an_epoch_lasts_as_long_as_its_own_share():
    found = run([lambda k=k: fit(k) for k in range(12)])
    seconds = [task.result.history_["seconds"].sum() for task in found]
    assert max(seconds) < 4 * fit(0).history_["seconds"].sum() + 0.05


def test_taken_tasks_are_the_last_ones():
    work = Sweep()
    tasks = [Task(lambda: None, lambda task: None) for _ in range(5)]
    for task in tasks:
        work.submit(task)
    assert work.take(2) == tasks[3:]
    assert work.n_waiting == 3
    assert work.take(9) == tasks[:3]
    assert work.take(1) == []


def test_how_long_a_task_takes():
    work = Sweep()
    tasks = [Task(lambda: sleep(0.05), lambda task: None) for _ in range(12)]
    for task in tasks:
        work.submit(task)
    assert work.seconds_a_task == 0
    work.work_until(tasks[9])
    assert 0.05 < work.seconds_a_task < 0.2
