"""Limits of memory and time while a file is loaded, and a record of what it makes Python do."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

# A forged file has at most some 100 kB, and may ask for that many bytes more.
MOST_BYTES = 2**30
MOST_SECONDS = 20
_FORBIDDEN = (
    "ctypes.",
    "ftplib.",
    "os.chmod",
    "os.exec",
    "os.fork",
    "os.link",
    "os.mkdir",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.spawn",
    "os.symlink",
    "os.system",
    "os.truncate",
    "pickle.find_class",
    "shutil.",
    "socket.",
    "subprocess.",
    "urllib.",
    "webbrowser.",
)
_watching = threading.local()
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    found = getattr(_watching, "found", None)
    if found is None:
        return
    if (
        event.startswith(_FORBIDDEN)
        or (event == "open" and arguments[2] and arguments[2] & _WRITING)
        or (event == "import" and arguments[0].partition(".")[0] not in sys.modules)
    ):
        found.append((event, arguments))


sys.addaudithook(_hook)


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Fail if the code in the context runs programs, writes files, or imports other libraries.

    It has to end in time. On Linux, memory beyond the limit is refused, and an error for that
    reason fails, too, also if another error was raised from it.
    """
    _watching.found, start = [], monotonic()
    try:
        with _limited_memory():
            yield
    except Exception as error:
        _check_memory(error)
        raise
    finally:
        found, _watching.found = _watching.found, None
        seconds = monotonic() - start
    assert not found, found
    assert seconds < MOST_SECONDS


def _check_memory(error: BaseException | None) -> None:
    while error is not None:
        lacks = isinstance(error, MemoryError) or "allocate memory" in str(error)
        assert not lacks, f"asked for too much memory: {error!r}"
        error = error.__cause__ or error.__context__


@contextlib.contextmanager
def _limited_memory() -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    import resource

    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
