"""How many CPU threads a fit uses: decided by the size of a step alone, and put back after it.

A small step is slower with several threads than with one, and the number of threads can change
the last bit of a sum. So the choice looks at the arithmetic of one step and at the machine,
never at who calls: the same fit gives the same weights alone, in a thread and in a worker.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

# Floating-point operations of a step for each further thread. A second thread makes steps of 65 to
# 500 MFLOP 1.3 to 1.6 times faster on two idle cores, and 3 to 4 times slower where one core is
# busy, as in a search of two processes (`benchmarks/threads.py`). So it takes large steps.
FLOP_PER_THREAD = 5e8

_lock = threading.Lock()
_active = 0
_outside = 1


def threads_for(flop: float) -> int:
    """Return the number of threads for a step of `flop` floating-point operations."""
    return int(min(_cores(), max(1, flop // FLOP_PER_THREAD)))


@contextmanager
def torch_threads(n_threads: int) -> Iterator[None]:
    """Run torch with `n_threads`; the last fit to end puts back what stood before the first."""
    global _active, _outside
    with _lock:
        if _active == 0:
            _outside = torch.get_num_threads()
        _active += 1
    before = torch.get_num_threads()
    _set(n_threads)
    try:
        yield
    finally:
        with _lock:
            _active -= 1
            _set(_outside if _active == 0 else before)


def _set(n_threads: int) -> None:
    if torch.get_num_threads() != n_threads:
        torch.set_num_threads(n_threads)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
