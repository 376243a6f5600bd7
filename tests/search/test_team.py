import os
from functools import partial
from time import sleep

import pytest

from sknn_tips.search import team
from sknn_tips.search.sweep import Task
from sknn_tips.search.team import Team


def pid(seconds):
    sleep(seconds)
    return os.getpid()


def run(seconds, n, n_helpers):
    members = Team("loky", n_helpers)
    tasks = [Task(partial(pid, seconds), lambda task: None) for _ in range(n)]
    for task in tasks:
        members.sweep.submit(task)
    for task in tasks:
        members.work_until(task)
    members.close()
    return {task.result for task in tasks}


def test_short_work_is_done_here():
    assert run(0.01, 30, n_helpers=1) == {os.getpid()}


def test_long_work_is_shared(monkeypatch):
    monkeypatch.setattr(team, "WORTH_HELP", 0.5)
    found = run(0.1, 60, n_helpers=1)
    assert len(found) == 2
    assert os.getpid() in found


@pytest.mark.parametrize(("n_helpers", "expected"), [(1, 3), (3, 2)])
def test_a_chunk_is_half_of_a_helpers_share(n_helpers, expected):
    members = Team("loky", n_helpers)
    for _ in range(12):
        members.sweep.submit(Task(int, lambda task: None))
    assert len(members._chunk()) == expected
