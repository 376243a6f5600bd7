"""How many CPU threads a fit uses: decided by the size of a step, and put back after it.

A small step is slower with several threads than with one, and the number of threads can change the
last bits of a sum. So the choice looks at the arithmetic of one step and at the machine: the same
fit gives the same weights alone, in a thread and in a worker process. There is one exception. A
step so large that it takes several threads takes one where a search runs the fit in a thread, next
to other fits: threads that fight for the cores are slower than one. The weights of such a fit agree
with those of the fit alone to rounding.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import scipy.linalg.cython_blas  # noqa: F401 the limits below only reach libraries that are loaded
import torch
from threadpoolctl import ThreadpoolController

from sknn_tips._compat.threadpoolctl import let_any_thread_set
from sknn_tips.runtime.interrupts import called_directly

# Floating-point operations of a step for each further thread. A second thread makes steps of 65 to
# 500 MFLOP 1.3 to 1.6 times faster on two idle cores, and 3 to 4 times slower where one core is
# busy, as in a search of two processes (`benchmarks/threads.py`). So it takes large steps.
FLOP_PER_THREAD = 5e8

_lock = threading.Lock()
_active = 0
# What stood before the first fit: the threads of BLAS libraries that had several, and torch's.
_blas_outside: list[tuple[Any, int]] = []
_torch_outside = 1


def threads_for(flop: float) -> int:
    """Return the number of threads for a step of `flop` floating-point operations."""
    number = int(min(_cores(), max(1, flop // FLOP_PER_THREAD)))
    return 1 if number > 1 and _beside_others() else number


class torch_threads:  # noqa: N801 a context manager; not made of a generator, which is slower
    """Run torch with `n_threads`, and matrix products of BLAS libraries with one.

    Parameters
    ----------
    n_threads : int
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads

    def __enter__(self) -> None:
        self.before = torch.get_num_threads()
        _begin_one_blas_thread()
        _set_torch(self.n_threads)

    def __exit__(self, *_: object) -> None:
        _set_torch(self.before)
        _end_one_blas_thread()


@contextmanager
def one_thread_each() -> Iterator[Callable[[], None]]:
    """Let threads run side by side, one core each.

    Yields a function that each of the threads has to call first.
    """
    before = torch.get_num_threads()
    _begin_one_blas_thread()
    try:
        yield _use_one_thread
    finally:
        torch.set_num_threads(before)  # new threads begin with what any thread set last
        _end_one_blas_thread()


def _begin_one_blas_thread() -> None:
    """Run BLAS libraries with one thread, until `_end_one_blas_thread` was called as often.

    Their limit is one number a process, so the last to leave puts back what stood before the first.
    torch counts for each thread by itself, but a new thread begins with what was set last, be it by
    a fit that was running then; so the last one puts torch's number back, too.
    """
    global _active, _blas_outside, _torch_outside
    with _lock:
        if _active == 0:
            numbers = [(library, library.get_num_threads()) for library in _libraries("blas")]
            _blas_outside = [(library, number) for library, number in numbers if number != 1]
            _torch_outside = torch.get_num_threads()
            for library, _ in _blas_outside:
                _set_blas(library, 1)
        _active += 1


def _end_one_blas_thread() -> None:
    global _active
    with _lock:
        _active -= 1
        if _active == 0:
            for library, number in _blas_outside:
                _set_blas(library, number)
            _set_torch(_torch_outside)


def _use_one_thread() -> None:
    for library in _libraries("openmp"):  # OpenMP, too, counts for each thread by itself
        library.set_num_threads(1)
    torch.set_num_threads(1)


def _set_torch(number: int) -> None:
    if torch.get_num_threads() != number:
        torch.set_num_threads(number)


def _set_blas(library: Any, number: int) -> None:
    let_any_thread_set(library)  # we count fits in all threads, and the last puts the number back
    library.set_num_threads(number)
    let_any_thread_set(library)


@cache
def _libraries(kind: str) -> list[Any]:
    """Return the loaded libraries of a kind, found once a process: the search takes 3 to 10 ms."""
    found: list[Any] = ThreadpoolController().select(user_api=kind).lib_controllers
    return found


def _beside_others() -> bool:
    """Say whether a search runs this fit in a thread, where others run at the same time."""
    in_main = threading.current_thread() is threading.main_thread()
    return not in_main and not called_directly()


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
