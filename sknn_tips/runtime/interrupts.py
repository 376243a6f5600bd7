"""Handle Ctrl-C: it ends a fit that the user called directly, but not one inside a search."""

import dis
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

# Modules that run a single fit for the user. Any other caller in scikit-learn or joblib (a search,
# cross-validation, an ensemble) must handle the interrupt itself: if the fit caught it, the search
# would continue.
_DIRECT = (
    "sklearn.base",
    "sklearn.compose",
    "sklearn.pipeline",
    "sklearn.utils",
)

CANCELLED: ContextVar[threading.Event | None] = ContextVar("CANCELLED", default=None)
"""Set when the search that runs this fit in a thread is cancelled; None outside such a search."""


class Cancelled(BaseException):
    """End a fit whose search was cancelled; ``except Exception`` does not catch it."""


def check_cancelled() -> bool:
    """Raise Cancelled if the search that runs this fit was cancelled; otherwise return False."""
    cancelled = CANCELLED.get()
    if cancelled is not None and cancelled.is_set():
        raise Cancelled
    return False


def called_directly() -> bool:
    """Inspect the call stack: return True if no search, ensemble or worker runs this fit."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("joblib."):
            return False
        if module.startswith("sklearn.") and not module.startswith(_DIRECT):
            return False
        frame = frame.f_back
    return True


def raised_in_code(error: KeyboardInterrupt) -> bool:
    """Distinguish a ``raise KeyboardInterrupt``, with which skorch ends training, from Ctrl-C.

    Ctrl-C raises the exception at an arbitrary instruction, not at a raise statement.
    """
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return True
    instruction = traceback.tb_frame.f_code.co_code[traceback.tb_lasti]
    return dis.opname[instruction] == "RAISE_VARARGS"


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C to the end of the block, which must be short.

    A module whose import is interrupted may stay half imported, and fail from then on.
    """
    in_main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT) if in_main else None
    if not callable(handler):
        yield
        return
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if pressed:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def noted() -> Iterator[Callable[[], bool]]:
    """Note Ctrl-C instead of raising KeyboardInterrupt in any line of the block.

    Python drops a KeyboardInterrupt that is raised in a destructor or in the callback of a weak
    reference, and one in the middle of a wait can leave a lock in a wrong state. Yield a function
    that returns whether Ctrl-C was pressed; whoever gets True must end the block. If nobody has
    asked since, Ctrl-C takes effect at the end of the block. A second Ctrl-C takes effect at once.
    In a thread, or if the user installed a signal handler, Ctrl-C is not changed.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    pressed = told = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def was_pressed() -> bool:
        nonlocal told
        told = pressed
        return told

    signal.signal(signal.SIGINT, note)
    try:
        yield was_pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if pressed and not told:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def deferred() -> Iterator[Callable[[], bool]]:
    """Defer Ctrl-C to the end of the batch.

    In the middle of a batch, Ctrl-C could leave autograd switched off. Yield a function that the
    loop calls between two updates. In a fit that was called directly, it returns whether Ctrl-C was
    pressed, as `noted` does, so that weights, history and scores are consistent. In a search, it
    raises KeyboardInterrupt. If `stacked` runs the fit in a thread, it raises Cancelled when the
    search is cancelled.
    """
    if CANCELLED.get() is not None:
        yield check_cancelled
        return
    direct = called_directly()
    with noted() as pressed:

        def interrupted() -> bool:
            if pressed() and not direct:
                raise KeyboardInterrupt
            return pressed()

        yield interrupted
