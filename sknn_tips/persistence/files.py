"""Reading and writing of files, with errors that name the path and the remedy."""

import errno
import os
from pathlib import Path
from uuid import uuid4


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file atomically: at any time, also after a crash, it has the old or new content.

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
    temporary = target.with_name(f".{uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise OSError(
            error.errno,
            f"The file cannot be written: {error.strerror}. Check the folder's permissions and"
            " the free space, or choose another path",
            str(path),
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


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
