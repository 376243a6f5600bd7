"""Reading and writing of files, with errors that name the path and the remedy."""

import errno
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

# Temporary files of this age are those of a process that was killed.
SECONDS_OF_A_SAVE = 3600
_PREFIX = ".sknn_tips-"


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file atomically: at any time, also after a crash, it has the old or new content.

    A file that exists keeps its permissions. A device or pipe is written to directly.

    Raises
    ------
    OSError
        If the folder does not exist or is not writable, or if the path is a folder.
    """
    target = Path(os.path.realpath(path))  # replace the target of a symbolic link, not the link
    if target.is_dir():
        raise IsADirectoryError(
            errno.EISDIR, "This is a folder. Add the name of a file to it", str(path)
        )
    if not target.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT,
            f"There is no folder {str(target.parent)!r}. Make it first, or correct the path",
            str(path),
        )
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(target, data)
    except OSError as error:
        raise OSError(
            error.errno,
            f"The file cannot be written: {error.strerror}. Check the folder's permissions and"
            " the free space, or choose another path",
            str(path),
        ) from error


def _replace(target: Path, data: bytes) -> None:
    """Write a temporary file, and put it in the place of `target`."""
    _remove_abandoned(target.parent)
    temporary = target.with_name(f"{_PREFIX}{uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove the temporary files of processes that were killed."""
    oldest = time.time() - SECONDS_OF_A_SAVE
    for path in folder.glob(f"{_PREFIX}*.tmp"):
        with suppress(OSError):  # another process may remove it, too
            if path.stat().st_mtime < oldest:
                path.unlink()


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Read a whole file.

    Raises
    ------
    OSError
        If the file does not exist, is a folder, or cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            errno.ENOENT,
            f"There is no such file. Check the path; the working folder is {os.getcwd()!r}",
            str(path),
        ) from error
    except IsADirectoryError as error:
        raise IsADirectoryError(
            errno.EISDIR, "This is a folder. Name the file in it", str(path)
        ) from error
