import threading
import time
import warnings

import pytest

from sknn_tips.runtime.interrupts import deferred
from sknn_tips.search.progress import Progress
from sknn_tips.search.workers import Workers


@pytest.fixture
def workers():
    """Two threads."""
    found = Workers(2, None)
    yield found
    found.close()


def submit(workers, task):
    return workers.submit(task, lambda result: None)


def forever():
    """Train, as it were, until somebody says that it is enough."""
    with deferred() as stops:
        while not stops():
            time.sleep(0.001)


def test_tasks_run_side_by_side(workers):
    together = threading.Barrier(2)
    futures = [submit(workers, lambda: together.wait(30)) for _ in range(2)]
    assert {workers.result(future) for future in futures} == {0, 1}


def test_the_callback_gets_the_result_and_may_submit_another_task(workers):
    found, last = [], threading.Event()

    def again(result):
        found.append(result)
        if result < 3:
            workers.submit(lambda: result + 1, again)
        else:
            last.set()

    workers.submit(lambda: 1, again)
    assert last.wait(30)
    assert found == [1, 2, 3]


def test_an_error_is_raised_whoever_is_waited_for(workers):
    calls = []
    waiting = submit(workers, forever)
    workers.submit(lambda: {}["missing"], calls.append)
    with pytest.raises(KeyError, match="missing"):
        workers.result(waiting)
    workers.cancel()
    assert calls == []


def test_cancelled_tasks_end_and_those_that_wait_never_begin(workers):
    before, begun = threading.active_count(), []
    futures = [submit(workers, forever) for _ in range(2)]
    waiting = submit(workers, lambda: begun.append(1))
    while not all(future.running() for future in futures):
        time.sleep(0.001)
    workers.cancel()
    assert [future.result() for future in futures] == [None] * 2
    assert waiting.cancelled()
    assert threading.active_count() <= before
    assert begun == []


def test_filters_of_warnings_are_put_back():
    """Two threads leave in the order in which they came: what one found first stays."""
    outside, before = warnings.filters, warnings.filters[:]
    workers, inside = Workers(2, None), [threading.Event(), threading.Event()]

    def ignore(k, until):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inside[k].set()
            assert until.wait(30)

    left = threading.Event()
    first = submit(workers, lambda: ignore(0, inside[1]))
    assert inside[0].wait(30)
    second = submit(workers, lambda: ignore(1, left))
    workers.result(first)
    left.set()
    workers.result(second)
    assert warnings.filters[0][0] == "ignore"
    workers.close()
    assert (warnings.filters, warnings.filters[:]) == (outside, before)


def test_progress_is_told(capsys):
    progress = Progress()
    workers = Workers(2, progress)
    futures = [submit(workers, lambda: None) for _ in range(3)]
    for future in futures:
        workers.result(future)
    workers.close()
    progress.close()
    assert capsys.readouterr().out.startswith("fit 3/3 ")
