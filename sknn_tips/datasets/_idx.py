"""The IDX file format of MNIST: a magic number, the sizes, then the bytes."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNSIGNED_BYTE = 0x08


def read_idx(path: Path, ndim: int) -> NDArray[np.uint8]:
    """Read a gzipped IDX file of unsigned bytes.

    Parameters
    ----------
    path : Path
        The file, such as ``train-images-idx3-ubyte.gz``.
    ndim : int
        The expected number of dimensions: 3 for images, 1 for labels.

    Returns
    -------
    ndarray of uint8
        A writable array with the shape stated in the file.
    """
    content = _unpack(path)
    n_header = 4 + 4 * ndim
    if len(content) < n_header:
        raise _damaged(path, f"it has {len(content)} bytes, its header alone needs {n_header}")
    magic, *shape = struct.unpack_from(f">{1 + ndim}I", content)
    expected_magic = UNSIGNED_BYTE << 8 | ndim  # 2051 for images, 2049 for labels
    if magic != expected_magic:
        raise _damaged(path, f"its magic number is {magic}, not {expected_magic}")
    n_values = len(content) - n_header
    if n_values != math.prod(shape):
        raise _damaged(path, f"it states the shape {tuple(shape)} but holds {n_values} values")
    # Copy, because an array from bytes is read-only, and torch warns about read-only arrays.
    return np.frombuffer(content, dtype=np.uint8, offset=n_header).reshape(shape).copy()


def _unpack(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _damaged(path, f"it cannot be unpacked: {error}") from error


def _damaged(path: Path, what: str) -> ValueError:
    return ValueError(
        f"{str(path)!r} is damaged: {what}. Delete it and copy it again from its source."
    )
