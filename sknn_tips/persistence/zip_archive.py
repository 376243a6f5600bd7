"""Reading of zip archives from unknown sources in bounded memory.

A small archive can expand to any size, its headers can state other sizes than its content has, and
so can those of the arrays in it. `expanded` checks all of that before memory is allocated.
"""

import io
import math
import re
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np

# The content may have 64 MiB, or this many times the size of the file. Trees have three times, the
# description of the objects fifty times the compressed size.
MOST_TIMES = 100
_ALWAYS_ALLOWED = 2**26
_NAME = re.compile(r"schema\.json|[0-9a-f-]+\.(npy|npz|bin)")
_ARRAY, _ZIP = b"\x93NUMPY", b"PK"
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_LONGEST_HEADER = 2**16


class TooLargeError(ValueError):
    """An archive contains more than it may."""


def largest_content(n_bytes: int) -> int:
    """Return how many bytes an archive of `n_bytes` may contain."""
    return max(_ALWAYS_ALLOWED, MOST_TIMES * n_bytes)


def expanded(data: bytes) -> dict[str, bytes]:
    """Return the content of the entries of an archive that skops wrote, by their names.

    Raises
    ------
    ValueError
        For other names than those that skops writes, names that occur twice, more content than
        allowed, and arrays with another size than their header states.
    Exception
        Errors of several types for other damage.
    """
    with ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        for name in names:
            if not _NAME.fullmatch(name):
                raise ValueError(f"it has an entry {name[:100]!r}, which save_model does not write")
        if len(set(names)) < len(names):
            raise ValueError("it has several entries of the same name")
        _check_sizes(entries, len(data))
        content = {entry.filename: _read(archive, entry) for entry in entries}
    for name, each in content.items():
        if name != "schema.json":
            _check_array(name, each)
    return content


def stored(content: dict[str, bytes]) -> bytes:
    """Return an archive with this content, without compression."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name, each in content.items():
            archive.writestr(name, each)
    return buffer.getvalue()


def shape_of(data: bytes) -> tuple[int, ...]:
    """Return the shape that the header of an array in numpy's format states."""
    shape: tuple[int, ...] = _header(io.BytesIO(data))[0]
    return shape


def _check_sizes(entries: list[ZipInfo], n_bytes: int) -> None:
    for entry in entries:
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ValueError(f"its entry {entry.filename!r} has an unusual compression")
    total, most = sum(entry.file_size for entry in entries), largest_content(n_bytes)
    if total > most:
        raise TooLargeError(
            f"its {n_bytes:,} bytes would expand to {total:,}, more than the {most:,} that are"
            " allowed"
        )


def _read(archive: ZipFile, entry: ZipInfo) -> bytes:
    """Return the content of an entry, which has the stated size.

    `ZipFile.read` decompresses everything before it compares the sizes.
    """
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise ValueError(f"its entry {entry.filename!r} has another size than stated")
    return content


def _check_array(name: str, data: bytes) -> None:
    """Raise an error if numpy would read an array that is larger than its bytes."""
    if data.startswith(_ARRAY):
        _check_header(name, io.BytesIO(data), len(data))
    elif data.startswith(_ZIP):  # a sparse matrix: again an archive, of arrays
        with ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, len(data))
            for entry in entries:
                with archive.open(entry) as file:
                    start = file.read(min(entry.file_size, _LONGEST_HEADER))
                _check_header(f"{name}/{entry.filename}", io.BytesIO(start), entry.file_size)


def _check_header(name: str, file: io.BytesIO, n_bytes: int) -> None:
    shape, _, dtype = _header(file)
    expected = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or expected != n_bytes - file.tell():
        raise ValueError(
            f"its array {name} of shape {shape} takes {expected:,} bytes, and has"
            f" {n_bytes - file.tell():,}"
        )


def _header(file: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    version = np.lib.format.read_magic(file)
    if version not in _READERS:
        raise ValueError(f"it has an array of version {version} of numpy's format")
    header: tuple[tuple[int, ...], bool, np.dtype] = _READERS[version](file)
    return header
