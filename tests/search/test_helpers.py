import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

from sknn_tips.search.helpers import Helpers, run_chunk
from sknn_tips.search.sweep import Task


def tasks(functions):
    return [Task(function, lambda task: None) for function in functions]


def ended(chunks, n_workers=1):
    """Return what helpers make of some chunks."""
    waiting = list(chunks)
    helpers = Helpers("loky", n_workers, lambda: waiting.pop(0) if waiting else [])
    helpers.call()
    found = [helpers.ended.get(timeout=60) for _ in chunks]
    helpers.close()
    return found


def fail():
    raise KeyError("of the task")


def die_once(path):
    """End the process at the first call."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_chunk_in_a_worker():
    number, found = run_chunk((3, [partial(int, "7"), fail]))
    assert number == 3
    assert found[0] == (7, None)
    assert isinstance(found[1][1], KeyError)


def test_in_other_processes():
    chunks = [tasks([os.getpid, partial(int, "3")]), tasks([fail])]
    first, second = ended(chunks)
    assert first[0] is chunks[0]
    assert first[1][0][0] != os.getpid()
    assert first[1][1] == (3, None)
    assert isinstance(second[1][0][1], KeyError)


@pytest.mark.parametrize("function", [partial(id, threading.Lock()), threading.Lock])
def test_what_cannot_be_sent_either_way_comes_back(function):
    assert ended([tasks([function])])[0][1] is None


def test_a_lost_worker_costs_no_result(tmp_path):
    ((_, found),) = ended([tasks([partial(die_once, str(tmp_path / "once"))])])
    assert found == [("done", None)]


def test_two_lost_workers_are_an_error():
    ((_, found),) = ended([tasks([die, os.getpid])])
    for result, error in found:
        assert result is None
        assert "n_jobs" in str(error)
        assert isinstance(error.__cause__, TerminatedWorkerError)


def test_killed_in_the_middle(tmp_path):
    before = threading.active_count()
    waiting = [tasks([partial(time.sleep, 60)])]
    helpers = Helpers("loky", 1, lambda: waiting.pop(0) if waiting else [])
    helpers.call()
    while not helpers.at_work:
        time.sleep(0.01)
    start = time.perf_counter()
    helpers.kill()
    assert time.perf_counter() - start < 10
    while threading.active_count() > before:  # loky's own end a moment later
        assert time.perf_counter() - start < 10
        time.sleep(0.01)


@pytest.mark.parametrize("called", [False, True])
def test_closing_leaves_nothing_behind(called):
    helpers = Helpers("loky", 1, list)
    if called:
        helpers.call()
    helpers.close()
    assert not helpers._thread.is_alive()
