"""Ctrl-C: it ends a fit that was called directly, and else belongs to whoever runs the fit."""

import dis
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

# Callers that run one fit for the user. Under anything else of scikit-learn or joblib (a search,
# cross-validation, an ensemble) the interrupt is theirs: swallowed here, the search would go on.
_DIRECT = (
    "sklearn.base",
    "sklearn.compose",
    "sklearn.pipeline",
    "sklearn.utils",
)

CANCELLED: ContextVar[threading.Event | None] = ContextVar("CANCELLED", default=None)
"""Set when the search that runs this fit in a thread was ended; None where no search does."""


class Cancelled(BaseException):
    """Ends a fit whose search was ended; no ``except Exception`` stops it."""


def check_cancelled() -> bool:
    """Raise Cancelled where the search that runs this fit was ended; else return False."""
    cancelled = CANCELLED.get()
    if cancelled is not None and cancelled.is_set():
        raise Cancelled
    return False


def called_directly() -> bool:
    """Look at the call stack: True when no search, ensemble or worker runs this fit."""
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
    """Tell skorch's way to end training, a ``raise KeyboardInterrupt``, from Ctrl-C itself.

    Ctrl-C surfaces wherever the interpreter happens to be, not at a raise statement.
    """
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return True
    instruction = traceback.tb_frame.f_code.co_code[traceback.tb_lasti]
    return dis.opname[instruction] == "RAISE_VARARGS"


@contextmanager
def deferred() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C wait for the end of the batch in a fit that was called directly.

    Yields a function that says whether Ctrl-C was pressed, so that the loop ends between two
    updates, with weights, history and scores that belong together. A second Ctrl-C is immediate.
    Elsewhere (in a search, in a thread, under somebody's own handler) Ctrl-C is not touched; where
    `stacked` runs the fit in a thread, the function raises Cancelled when the search was ended.
    """
    if CANCELLED.get() is not None:
        yield check_cancelled
        return
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    if not called_directly():
        yield lambda: False
        return
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
