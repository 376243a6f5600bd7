import os
import stat

import pytest

from sknn_tips.persistence.files import read_bytes, write_bytes


def test_what_is_written_is_read(path):
    write_bytes(path, b"first")
    write_bytes(str(path), b"second")
    assert read_bytes(path) == read_bytes(str(path)) == b"second"
    assert os.listdir(path.parent) == [path.name]


def test_a_new_file_has_the_permissions_of_any_new_file(path):
    write_bytes(path, b"ours")
    other = path.with_name("other")
    other.write_bytes(b"")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_stays_a_link(path):
    target = path.with_name("target")
    path.symlink_to(target)
    write_bytes(path, b"data")
    assert path.is_symlink()
    assert target.read_bytes() == b"data"


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_failure_leaves_the_old_file_and_nothing_else(path, monkeypatch, failing):
    write_bytes(path, b"old")

    def fail(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(f"sknn_tips.persistence.files.os.{failing}", fail)
    with pytest.raises(PermissionError, match=r"cannot be written: Permission denied.*another"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == [path.name]


def test_a_path_that_cannot_be_written_names_itself_and_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder '.*absent'. Make it first.*net"):
        write_bytes(tmp_path / "absent" / "net", b"")
    with pytest.raises(IsADirectoryError, match="Add the name of a file"):
        write_bytes(tmp_path, b"")
    (tmp_path / "file").touch()
    with pytest.raises(FileNotFoundError, match="no folder"):
        write_bytes(tmp_path / "file" / "net", b"")


def test_a_path_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file. Check the path.*absent"):
        read_bytes(tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match="Name the file in it"):
        read_bytes(tmp_path)
