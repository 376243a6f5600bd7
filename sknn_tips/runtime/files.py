"""Reading and writing of files, with errors that name the path and the remedy."""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

# Temporary folders of this age are those of processes that were killed.
SECONDS_OF_A_SAVE = 3600
_PREFIX = ".sknn_tips-"


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file atomically, as `replacing` does.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path to write to, and put that file in the place of `path` at the end of the block.

    At any time, also after a crash, `path` has the whole old or the whole new content. A file that
    exists keeps its permissions. Of a device or pipe, the path itself is yielded.

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
            yield target
        else:
            with _temporary_folder(target.parent) as folder:
                # torch.save writes the name of the file into it, so the name must be the same
                temporary = folder / target.name
                yield temporary
                _put(temporary, target)
    except OSError as error:
        raise OSError(
            error.errno,
            f"The file cannot be written: {error.strerror}. Check the folder's permissions and"
            " the free space, or choose another path",
            str(path),
        ) from error


@contextmanager
def _temporary_folder(parent: Path) -> Iterator[Path]:
    """Make a folder for the block, on the same disk as the target, which `os.replace` needs."""
    _remove_abandoned(parent)
    folder = parent / f"{_PREFIX}{uuid4().hex}.tmp"
    folder.mkdir(0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(temporary: Path, target: Path) -> None:
    """Write the data of a file to the disk, and move it to its place."""
    with open(temporary, "rb+") as file:
        os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, temporary)
    os.replace(temporary, target)


def _remove_abandoned(parent: Path) -> None:
    """Remove the temporary folders of processes that were killed."""
    oldest = time.time() - SECONDS_OF_A_SAVE
    for folder in parent.glob(f"{_PREFIX}*.tmp"):
        with suppress(OSError):  # another process may remove it, too
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder)


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
