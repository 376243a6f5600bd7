"""Set the number of CPU threads during a fit, depending on the size of a step.

A small step is slower with several threads than with one, and the number of threads can change the
last bits of a sum. Therefore the number depends only on the floating-point operations of one step
and on the machine: the same fit gives the same weights alone, in a thread and in a worker process.
There is one exception. If a search runs fits in several threads at the same time, a step that is
large enough for several threads uses only one, because threads that compete for the cores are
slower. The weights of such a fit equal those of the fit alone up to rounding.

A process that was forked uses one thread, too, because OpenMP's threads do not exist there, and
waiting for them would never end.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from mmap import mmap
from numbers import Integral
from typing import Any

import scipy.linalg.cython_blas  # noqa: F401 the limits below only affect libraries that are loaded
import torch
from threadpoolctl import ThreadpoolController

from sknn_tips._compat.threadpoolctl import let_any_thread_set
from sknn_tips.runtime.interrupts import called_directly

# Floating-point operations of a step for each additional thread. A second thread makes steps of 65
# to 500 MFLOP 1.3 to 1.6 times faster on two idle cores, but 3 to 4 times slower if one core is
# busy, as in a search with two processes (`benchmarks/threads.py`). So only large steps use it.
FLOP_PER_THREAD = 5e8
MOST_THREADS = 1024

# Twice the usual size of a thread's stack on Linux.
STACK_BYTES = 2**24

_lock = threading.Lock()
_active = 0
# The settings before the first fit: the threads of BLAS libraries with more than one, and torch's.
_blas_outside: list[tuple[Any, int]] = []
_torch_outside = 1
_is_fork = _started_threads = False


def threads_for(flop: float) -> int:
    """Return the number of threads for a step of `flop` floating-point operations."""
    number = int(min(_cores(), max(1, flop // FLOP_PER_THREAD)))
    return 1 if number > 1 and _beside_others() else number


def in_range(n_threads: Any) -> bool:
    """Return whether torch can be asked for this number of threads."""
    return isinstance(n_threads, Integral) and 1 <= int(n_threads) <= MOST_THREADS


class torch_threads:  # noqa: N801 a context manager; as a class it is faster than a generator
    """Run torch with `n_threads`, and the matrix products of BLAS libraries with one thread.

    Parameters
    ----------
    n_threads : int
    """

    def __init__(self, n_threads: int) -> None:
        # the parameter may have been set after the fit; OpenMP ends the process if it has too many
        if not in_range(n_threads):
            raise ValueError(
                f"n_threads={n_threads!r} must be a whole number from 1 to {MOST_THREADS}, or None."
            )
        self.n_threads = n_threads

    def __enter__(self) -> None:
        self.before = torch.get_num_threads()
        _begin_one_blas_thread()
        _use_threads(self.n_threads if _are_possible(self.n_threads) else 1)

    def __exit__(self, *_: object) -> None:
        _set_torch(self.before)
        _end_one_blas_thread()


@contextmanager
def one_thread_each() -> Iterator[Callable[[], None]]:
    """Let several threads run at the same time, each on one core.

    Yield a function that each of these threads has to call first.
    """
    before = torch.get_num_threads()
    _begin_one_blas_thread()
    try:
        yield _use_one_thread
    finally:
        torch.set_num_threads(before)  # new threads inherit the number that was set last
        _end_one_blas_thread()


def _begin_one_blas_thread() -> None:
    """Run BLAS libraries with one thread until `_end_one_blas_thread` has been called as often.

    The limit of a BLAS library applies to the whole process, so the last fit to end restores the
    number from before the first. torch has a number per thread, but a new thread inherits the one
    that was set last, possibly by a fit that was running then. So torch's number is restored, too.
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
    for library in _libraries("openmp"):  # OpenMP also has a number per thread
        library.set_num_threads(1)
    torch.set_num_threads(1)


def _set_torch(number: int) -> None:
    if torch.get_num_threads() != number:
        torch.set_num_threads(number)


def _set_blas(library: Any, number: int) -> None:
    let_any_thread_set(library)  # fits of all threads are counted, and the last restores the number
    library.set_num_threads(number)
    let_any_thread_set(library)


@cache
def _libraries(kind: str) -> list[Any]:
    """Return the loaded libraries of a kind; cached, since the search takes 3 to 10 ms."""
    found: list[Any] = ThreadpoolController().select(user_api=kind).lib_controllers
    return found


def _are_possible(number: int) -> bool:
    """Return whether OpenMP can run this number of threads.

    If OpenMP cannot start a thread, it ends the process. Usually memory is limited (``ulimit -v``),
    and there is not enough for the stack of a thread. So it is reserved here first.
    """
    if number == 1 or _is_fork:
        return number == 1
    try:
        mmap(-1, (number - 1) * STACK_BYTES).close()
    except (OSError, MemoryError):
        return False
    return True


def _use_threads(number: int) -> None:
    global _started_threads
    _started_threads = _started_threads or number > 1
    _set_torch(number)


def _begin_fork() -> None:
    """Use one thread in a forked process, which has only the thread that called fork."""
    global _lock, _active, _is_fork
    _lock, _active, _is_fork = threading.Lock(), 0, True
    if _started_threads:  # then torch itself would wait for them, also outside of a fit
        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_begin_fork)


def _beside_others() -> bool:
    """Return whether a search runs this fit in a thread, at the same time as other fits."""
    in_main = threading.current_thread() is threading.main_thread()
    return not in_main and not called_directly()


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
