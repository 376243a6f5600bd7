import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from sknn_tips.runtime.files import read_bytes, replacing, write_bytes


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net"


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


@pytest.mark.skipif(os.name == "nt", reason="there is one bit of permissions there")
@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_keeps_its_permissions(path, mode):
    path.touch(mode)
    path.chmod(mode)
    write_bytes(path, b"ours")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_written_to(path):
    os.mkfifo(path)
    reader = ThreadPoolExecutor(1).submit(path.read_bytes)
    write_bytes(path, b"data")
    assert reader.result() == b"data"
    assert path.is_fifo()


def test_files_of_killed_processes_are_removed(path):
    old, recent, other = (
        path.with_name(name) for name in (".sknn_tips-1.tmp", ".sknn_tips-2.tmp", ".x.tmp")
    )
    for each in (old, recent, other):
        each.mkdir()
        (each / path.name).touch()
    for each in (old, other):
        os.utime(each, (0, 0))
    write_bytes(path, b"data")
    assert {each.name for each in path.parent.iterdir()} == {path.name, recent.name, other.name}


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

    monkeypatch.setattr(f"sknn_tips.runtime.files.os.{failing}", fail)
    with pytest.raises(PermissionError, match=r"cannot be written: Permission denied.*another"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("content", ["nothing", "half"])
def test_an_error_of_the_writer_leaves_the_old_file(path, content):
    write_bytes(path, b"old")

    def write():
        with replacing(path) as temporary:
            if content == "half":
                temporary.write_bytes(b"n")
            raise KeyError("its own")

    with pytest.raises(KeyError, match="its own"):
        write()
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
