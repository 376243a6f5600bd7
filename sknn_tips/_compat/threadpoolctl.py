"""threadpoolctl."""

from typing import Any


def let_any_thread_set(library: Any) -> None:
    """Let every thread set a library's number of threads.

    From 3.7 on, threadpoolctl allows it only in the first thread that sets the number.
    """
    forget = getattr(library, "clear_controlling_thread", None)
    if forget is not None:
        forget(force=True)
