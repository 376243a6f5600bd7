"""How many CPU threads a fit uses: decided by the size of a step alone, and put back after it.

A small step is slower with several threads than with one, and the number of threads can change
the last bit of a sum. So the choice looks at the arithmetic of one step and at the machine,
never at who calls: the same fit gives the same weights alone, in a thread and in a worker.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from threadpoolctl import ThreadpoolController

# Floating-point operations of a step for each further thread. A second thread makes steps of 65 to
# 500 MFLOP 1.3 to 1.6 times faster on two idle cores, and 3 to 4 times slower where one core is
# busy, as in a search of two processes (`benchmarks/threads.py`). So it takes large steps.
FLOP_PER_THREAD = 5e8

_lock = threading.Lock()
_active = 0
_outside: list[int] = []  # of each library of products


def threads_for(flop: float) -> int:
    """Return the number of threads for a step of `flop` floating-point operations."""
    return int(min(_cores(), max(1, flop // FLOP_PER_THREAD)))


@contextmanager
def torch_threads(n_threads: int) -> Iterator[None]:
    """Run torch with `n_threads`, and numpy's products with one, which `engine.calls` counts on.

    torch counts for each thread of Python by itself. The libraries of products count for all, so
    the last fit to end puts back what stood before the first.
    """
    global _active, _outside
    before = torch.get_num_threads()
    with _lock:
        if _active == 0:
            _outside = [library.get_num_threads() for library in _blas()]
            _set_blas([1] * len(_outside))
        _active += 1
    _set_torch(n_threads)
    try:
        yield
    finally:
        _set_torch(before)
        with _lock:
            _active -= 1
            if _active == 0:
                _set_blas(_outside)


def _set_torch(number: int) -> None:
    if torch.get_num_threads() != number:
        torch.set_num_threads(number)


def _set_blas(numbers: list[int]) -> None:
    for library, number in zip(_blas(), numbers, strict=True):
        if library.get_num_threads() != number:
            _let_any_thread_set(library)
            library.set_num_threads(number)
            _let_any_thread_set(library)


def _let_any_thread_set(library: Any) -> None:
    """Undo that threadpoolctl, from 3.7 on, listens to the first thread alone that sets a number.

    We count fits in all threads, and the last one puts the number back.
    """
    forget = getattr(library, "clear_controlling_thread", None)
    if forget is not None:
        forget(force=True)


@cache
def _blas() -> list[Any]:
    """Return the libraries, found once a process: the search takes 3 to 10 ms."""
    if "1" in (os.environ.get("OPENBLAS_NUM_THREADS"), os.environ.get("OMP_NUM_THREADS")):
        return []  # one thread since the start, as in joblib's workers
    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
