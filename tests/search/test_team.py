import os
from functools import partial
from time import perf_counter, sleep

import pytest

from sknn_tips.exceptions import HintWarning
from sknn_tips.search import team
from sknn_tips.search.helpers import Helpers
from sknn_tips.search.team import Team


def pid(seconds):
    sleep(seconds)
    return os.getpid()


def done_by(members, seconds, n):
    tasks = [members.submit(partial(pid, seconds)) for _ in range(n)]
    for task in tasks:
        members.work_until(task)
    return {task.result for task in tasks}


def test_short_work_is_done_here():
    members = Team("loky", 1)
    assert done_by(members, 0.01, 30) == {os.getpid()}
    members.close()


def test_long_work_is_shared(monkeypatch):
    monkeypatch.setattr(team, "START", 0.5)
    members, found, start = Team("loky", 1), set(), perf_counter()
    while len(found) < 2 and perf_counter() - start < 60:  # a busy machine takes its time
        found |= done_by(members, 0.05, 80)
    members.close()
    assert len(found) == 2
    assert os.getpid() in found


def test_helpers_that_cannot_begin(monkeypatch):
    """No backend of joblib has this name; `stacked` would have said so."""
    monkeypatch.setattr(team, "START", 0.1)
    members = Team("nobody", 3)
    with pytest.warns(HintWarning, match=r"engine='nobody'.*trains alone.*Invalid backend"):
        assert done_by(members, 0.02, 60) == {os.getpid()}
    members.close()


@pytest.mark.parametrize(("n_helpers", "expected"), [(1, 3), (3, 2)])
def test_a_chunk_is_half_of_a_helpers_share(n_helpers, expected):
    members = Team("loky", n_helpers)
    for _ in range(12):
        members.submit(int)
    assert len(members._chunk()) == expected


@pytest.mark.parametrize(
    ("remaining", "spent", "n_helpers", "expected"),
    [
        (4, 0, 1, False),  # it would save less than it costs
        (30, 0, 1, True),
        (5, 0, 7, True),  # many save more
        (4, 10, 1, True),  # and so they would have before
        (1, 100, 1, False),  # over before they are there
    ],
)
def test_help_that_is_worth_its_start(monkeypatch, remaining, spent, n_helpers, expected):
    monkeypatch.setattr(team, "_spent", spent)
    monkeypatch.setattr(Helpers, "have_started", False)
    members = Team("loky", n_helpers)
    assert members._is_worth_help(remaining) is expected
    monkeypatch.setattr(Helpers, "have_started", True)
    assert members._is_worth_help(remaining)
