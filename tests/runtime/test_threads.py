import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_info, threadpool_limits

from sknn_tips import MLPClassifier
from sknn_tips.runtime import threads
from sknn_tips.runtime.threads import one_thread_each, threads_for, torch_threads


def in_thread(function):
    """Return what a function gives in a new thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


@pytest.fixture(autouse=True)
def cores(monkeypatch):
    monkeypatch.setattr(threads, "_cores", lambda: 8)


def test_small_steps_get_one_thread_and_large_ones_all_cores():
    assert threads_for(0) == threads_for(1e6) == 1
    assert threads_for(1e12) == 8
    assert 1 < threads_for(4 * threads.FLOP_PER_THREAD) < 8


def test_a_large_step_gets_one_thread_beside_others():
    def ask():
        return threads_for(1e12)

    for backend, expected in (("sequential", 8), ("threading", 1), ("sknn_tips", 1)):
        with parallel_config(backend, n_jobs=2):
            assert Parallel()(delayed(ask)() for _ in range(4)) == [expected] * 4
    assert in_thread(ask) == 8  # a fit that the user put there


def test_threads_are_put_back_also_after_an_error():
    before = torch.get_num_threads()
    with torch_threads(3):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == before
    with pytest.raises(ZeroDivisionError), torch_threads(2):
        raise ZeroDivisionError
    assert torch.get_num_threads() == before


def test_overlapping_fits_leave_the_count_as_it_was():
    before = torch.get_num_threads()
    first_in, second_out = threading.Event(), threading.Event()

    def long_fit():
        with torch_threads(2):
            first_in.set()
            second_out.wait(5)

    thread = threading.Thread(target=long_fit)
    thread.start()
    first_in.wait(5)
    with torch_threads(3):
        pass
    second_out.set()
    thread.join()
    assert torch.get_num_threads() == before
    assert in_thread(torch.get_num_threads) == before


def test_threads_that_begin_while_a_fit_runs_leave_the_count_as_it_was():
    """They begin with the fit's number, and it is not theirs to put that back."""
    before = torch.get_num_threads()
    first, second = torch_threads(before + 1), threading.Event()
    entered = threading.Event()

    def fit():
        with torch_threads(1):
            entered.set()
            second.wait(5)

    first.__enter__()
    thread = threading.Thread(target=fit)
    thread.start()
    assert entered.wait(5)
    first.__exit__(None, None, None)
    second.set()
    thread.join()
    assert in_thread(torch.get_num_threads) == before


def test_one_thread_each():
    before = torch.get_num_threads(), threadpool_info()

    def numbers():
        use_one_thread()
        return {torch.get_num_threads(), *(each["num_threads"] for each in threadpool_info())}

    with one_thread_each() as use_one_thread:
        assert in_thread(numbers) == {1}
        with torch_threads(2):
            pass
        assert in_thread(numbers) == {1}
    assert (torch.get_num_threads(), threadpool_info()) == before
    assert in_thread(torch.get_num_threads) == before[0]


def test_scipys_blas_is_among_those_that_are_limited():
    """Native steps call it; a limit only reaches libraries that are loaded when it is set."""
    code = (
        "import sys, sknn_tips\n"
        "from sknn_tips.runtime.threads import torch_threads\n"
        "assert 'scipy.linalg.cython_blas' in sys.modules\n"
        "from threadpoolctl import threadpool_info\n"
        "with torch_threads(1):\n"
        "    found = threadpool_info()\n"
        "print({each['num_threads'] for each in found if each['user_api'] == 'blas'})"
    )
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() in ("{1}", "set()")  # macOS has a library without such a limit


def blas_threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_numpys_products_get_one_thread(monkeypatch, n_threads):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # too late: the libraries read it when they load
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with torch_threads(n_threads):
            assert set(blas_threads()) == {1}
        assert blas_threads() == before


def test_who_ends_first_leaves_the_others_theirs():
    """In a search the first to begin may be the first to end."""
    before = blas_threads()
    first, second = torch_threads(1), torch_threads(1)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert set(blas_threads()) <= {1}
    second.__exit__(None, None, None)
    assert blas_threads() == before


def test_a_fit_in_any_thread_has_its_way():
    """threadpoolctl would listen to the first thread alone that ever set a number."""
    found = []

    def fit():
        with torch_threads(1):
            found.extend(blas_threads())

    before = blas_threads()
    for _ in range(2):
        with torch_threads(1):
            assert set(blas_threads()) <= {1}
        thread = threading.Thread(target=fit)
        thread.start()
        thread.join()
        assert blas_threads() == before
    assert set(found) <= {1}


@pytest.mark.parametrize("n_threads", [-1, 1025, 10**9, 1.5, "2"])
def test_numbers_that_openmp_does_not_survive(n_threads):
    clf = MLPClassifier(2, max_iter=1, tol=None).fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(ValueError, match=f"n_threads={n_threads!r} must be a whole number"):
        clf.set_params(n_threads=n_threads).predict([[0.0]])


# After OpenMP has started threads, here by a fit with two, a forked process cannot use them.
FORK = """
import multiprocessing, threading
import numpy as np
from sklearn.model_selection import cross_val_score
from sknn_tips import MLPClassifier, stacked

X, y = np.random.RandomState(0).normal(size=(2000, 400)), np.arange(2000) % 2
large = MLPClassifier("300x2", n_threads=2, batch_size=2000, max_iter=2, tol=None, tips="ignore")
small = MLPClassifier(8, max_iter=3, tol=None, tips="ignore", random_state=0)
large.fit(X, y)
expected = small.fit(X, y).predict_proba(X)

def child(queue):
    same = np.array_equal(small.fit(X, y).predict_proba(X), expected)
    large.fit(X, y).predict(X)
    with stacked(2):
        cross_val_score(small, X, y, cv=2)
    queue.put(bool(same))

def search():
    with stacked(2):
        while not stop.is_set():
            cross_val_score(small, X, y, cv=2)

context, stop = multiprocessing.get_context("fork"), threading.Event()
thread = threading.Thread(target=search)
thread.start()
for _ in range(5):
    queue = context.Queue()
    process = context.Process(target=child, args=[queue])
    process.start()
    print(queue.get(timeout=100))
    process.join()
stop.set()
thread.join()
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_forked_process_can_fit_and_predict():
    options = {"capture_output": True, "text": True, "timeout": 300}
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK]  # of Python 3.12
    found = subprocess.run(command, **options)
    assert found.stdout.split() == ["True"] * 5, found.stderr


# With little memory, OpenMP would end the process when it starts a thread.
LIMITED = """
import resource, sys
import numpy as np
from sknn_tips import MLPClassifier

X, y = np.random.RandomState(0).normal(size=(20000, 200)), np.arange(20000) % 3
common = {"max_iter": 1, "tol": None, "tips": "ignore", "n_threads": 2}
net = MLPClassifier(8, optimizer=sys.argv[1], **{**common, "n_threads": 1}).fit(X[:500], y[:500])
before = [each.copy() for each in net.coefs_]
net.set_params(hidden_layer_sizes="1000x3", batch_size=2000, **common)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
for extra in (0, 40, 80, 110, 130, 150):
    limit = used + extra * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    try:
        net.fit(X, y)
        break
    except MemoryError as error:
        print("smaller hidden_layer_sizes" in str(error))
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert all(map(np.array_equal, net.coefs_, before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures and limits memory as Linux does")
@pytest.mark.parametrize("optimizer", ["adam", "nadam"])
def test_a_limit_of_the_memory_is_an_error(optimizer):
    options = {"capture_output": True, "text": True, "timeout": 300}
    found = subprocess.run([sys.executable, "-c", LIMITED, optimizer], **options)
    assert found.returncode == 0, found.stderr
    assert set(found.stdout.split()) == {"True"}
