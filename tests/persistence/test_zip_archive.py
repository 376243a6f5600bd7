"""Archives that would expand to more than they may, or are not what their headers say."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest

from sknn_tips.persistence import zip_archive
from sknn_tips.persistence.zip_archive import TooLargeError, expanded, shape_of, stored


def array_of(values):
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


CONTENT = {"1.npy": array_of(np.arange(6.0).reshape(2, 3)), "a-f.bin": b"", "schema.json": b"{}"}


def archive_of(entries, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def peak_of(call):
    """Return the most memory that a call took."""
    tracemalloc.start()
    try:
        call()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def test_content_comes_back():
    assert expanded(archive_of(CONTENT.items())) == CONTENT
    assert expanded(stored(CONTENT)) == CONTENT
    assert shape_of(CONTENT["1.npy"]) == (2, 3)


@pytest.mark.parametrize("name", ["../a.npy", "/etc/passwd", "a/1.npy", "C:\\1.npy", "1.npy\n"])
def test_names_that_skops_does_not_write(name):
    with pytest.raises(ValueError, match="which save_model does not write"):
        expanded(archive_of([*CONTENT.items(), (name, b"")]))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_name_that_occurs_twice():
    with pytest.raises(ValueError, match="several entries of the same name"):
        expanded(archive_of([*CONTENT.items(), ("1.npy", b"")]))


def test_an_unusual_compression():
    with pytest.raises(ValueError, match="unusual compression"):
        expanded(archive_of(CONTENT.items(), zipfile.ZIP_LZMA))


def test_a_bomb_is_refused_before_it_is_expanded():
    size = 2**28
    data = archive_of([("a.bin", bytes(size))])
    assert len(data) < size / 1000

    def call():
        with pytest.raises(TooLargeError, match=r"would expand to 268,435,456.*67,108,864"):
            expanded(data)

    assert peak_of(call) < 2**21


def test_many_entries_are_counted_together():
    data = archive_of([(f"{i}.bin", bytes(2**23)) for i in range(10)])
    with pytest.raises(TooLargeError):
        expanded(data)


def test_a_bomb_that_states_a_small_size():
    """`ZipFile.read` would expand it, and then notice."""
    size, stated = 2**28, 100
    data = bytearray(archive_of([("a.bin", bytes(size))]))
    checksum = struct.pack("<L", zlib.crc32(bytes(stated)))
    for start, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = data.index(start) + at
        data[place : place + 4] = checksum
        data[place + 8 : place + 12] = struct.pack("<L", stated)
    assert peak_of(lambda: expanded(bytes(data))) < 2**21
    assert expanded(bytes(data)) == {"a.bin": bytes(stated)}


@pytest.mark.parametrize("shape", [(2**40,), (2**32, 2**32), (3, 3), (1,), (-2, -3)])
def test_an_array_with_a_header_that_lies(shape):
    header = io.BytesIO()
    fields = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, fields)
    data = header.getvalue() + bytes(48)
    with pytest.raises(ValueError, match=r"array 1\.npy of shape"):
        expanded(archive_of([("1.npy", data)]))
    sparse = archive_of([("data.npy", data)])
    with pytest.raises(ValueError, match=r"array 1\.npz/data\.npy of shape"):
        expanded(archive_of([("1.npz", sparse)]))


def test_a_bomb_in_a_sparse_matrix():
    sparse = archive_of([("data.npy", array_of(np.zeros(2**24)))])
    with pytest.raises(TooLargeError):
        expanded(archive_of([("1.npz", sparse)]))


def test_a_version_of_the_format_that_is_not_written():
    data = bytearray(CONTENT["1.npy"])
    data[6] = 9
    with pytest.raises(ValueError, match="version"):
        expanded(archive_of([("1.npy", bytes(data))]))


def test_an_entry_that_is_shorter_than_stated(monkeypatch):
    data = bytearray(archive_of(CONTENT.items(), zipfile.ZIP_STORED))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<L", 3)
    with pytest.raises(ValueError, match="another size than stated"):
        expanded(bytes(data))


def test_larger_files_may_contain_more(monkeypatch):
    monkeypatch.setattr(zip_archive, "_ALWAYS_ALLOWED", 10)
    content = {"a.bin": np.random.RandomState(0).bytes(10_000)}
    assert expanded(archive_of(content.items())) == content
