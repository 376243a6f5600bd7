import gzip
import re

import numpy as np
import pytest

from sknn_tips.datasets._idx import read_idx

PICTURES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "train-images-idx3-ubyte.gz"


@pytest.mark.parametrize("array", [PICTURES, PICTURES[0, 0], PICTURES[:0]])
def test_an_array_comes_back_as_it_was_written(path, write_idx, array):
    read = read_idx(write_idx(path, array), ndim=array.ndim)
    np.testing.assert_array_equal(read, array)
    assert read.dtype == np.uint8
    assert read.flags.writeable


def assert_damaged(path, ndim, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        read_idx(path, ndim)
    assert str(path) in str(caught.value)
    assert "copy it again" in str(caught.value)


def test_labels_in_the_place_of_pictures_are_told_by_the_magic_number(path, write_idx):
    labels = np.arange(20, dtype=np.uint8)
    assert_damaged(write_idx(path, labels), 3, "magic number is 2049, not 2051")


def test_another_type_of_number_is_told_by_the_magic_number(path, write_idx):
    assert_damaged(write_idx(path, PICTURES, magic=0x0D03), 3, "3331, not 2051")


@pytest.mark.parametrize("change", [-1, 1])
def test_more_or_fewer_values_than_the_sizes_state(path, write_idx, change):
    content = gzip.decompress(write_idx(path, PICTURES).read_bytes())
    path.write_bytes(gzip.compress(content[:-1] if change < 0 else content + b"\0"))
    assert_damaged(path, 3, re.escape(f"shape (2, 3, 4) but holds {24 + change} values"))


def test_a_file_shorter_than_its_header(path):
    path.write_bytes(gzip.compress(b"\0\0\x08\x03"))
    assert_damaged(path, 3, "has 4 bytes, its header alone needs 16")


def test_a_file_cut_off_in_the_copying(path, write_idx):
    content = write_idx(path, PICTURES).read_bytes()
    path.write_bytes(content[:-12])
    assert_damaged(path, 3, "cannot be unpacked")


def test_flipped_bits(path, write_idx):
    content = bytearray(write_idx(path, PICTURES).read_bytes())
    content[15:20] = b"\xff" * 5
    path.write_bytes(content)
    assert_damaged(path, 3, "cannot be unpacked")


def test_a_file_that_was_never_gzipped(path):
    path.write_bytes(b"<html>404</html>")
    assert_damaged(path, 3, "cannot be unpacked")
