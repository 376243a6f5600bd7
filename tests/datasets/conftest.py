import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from sknn_tips.datasets import _find

REAL_DATA = os.environ.get(_find.DATA_VARIABLE)


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """An empty data folder, and no other place that is searched."""
    monkeypatch.setenv(_find.DATA_VARIABLE, str(tmp_path))
    monkeypatch.setattr(_find, "DEBIAN_DATASETS", tmp_path / "no-debian-package")
    return tmp_path


@pytest.fixture
def real_data(monkeypatch):
    """The folder of the real files, as the user named it."""
    if not REAL_DATA:
        pytest.skip(f"{_find.DATA_VARIABLE} names no folder of real data")
    return Path(REAL_DATA)


@pytest.fixture
def no_download(monkeypatch):
    """OpenML as it is without a network."""

    def offline(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr("sknn_tips.datasets._openml.fetch_openml", offline)


def idx_bytes(array, magic=None):
    """An array of bytes in the IDX format, not yet gzipped."""
    magic = 0x0800 + array.ndim if magic is None else magic
    header = struct.pack(f">{1 + array.ndim}I", magic, *array.shape)
    return header + np.asarray(array, dtype=np.uint8).tobytes()


@pytest.fixture
def write_idx():
    """A function that writes an array as a gzipped IDX file, making its folder."""

    def write(path, array, magic=None):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(idx_bytes(array, magic)))
        return path

    return write
