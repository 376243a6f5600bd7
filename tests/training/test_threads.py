import threading

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from sknn_tips.training import threads
from sknn_tips.training.threads import threads_for, torch_threads


@pytest.fixture(autouse=True)
def cores(monkeypatch):
    monkeypatch.setattr(threads, "_cores", lambda: 8)


def test_small_steps_get_one_thread_and_large_ones_all_cores():
    assert threads_for(0) == threads_for(1e6) == 1
    assert threads_for(1e12) == 8
    assert 1 < threads_for(4 * threads.FLOP_PER_THREAD) < 8


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
    found = []
    late = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    late.start()
    late.join()
    assert torch.get_num_threads() == before
    assert found == [before]


def blas_threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_numpys_products_get_one_thread(monkeypatch, n_threads):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    threads._blas.cache_clear()
    try:
        with threadpool_limits(2, user_api="blas"):
            before = blas_threads()
            with torch_threads(n_threads):
                assert set(blas_threads()) == {1}
            assert blas_threads() == before
    finally:
        threads._blas.cache_clear()


def test_with_one_thread_from_the_start_nothing_is_looked_for(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(threads, "ThreadpoolController", None)
    threads._blas.cache_clear()
    with torch_threads(1):
        pass
    threads._blas.cache_clear()


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
