import pytest

from sknn_tips.datasets import _find
from sknn_tips.datasets._find import find_file, how_to_provide


def put(folder, relative):
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_users_folder_comes_before_debians(data_folder):
    debian = put(_find.DEBIAN_DATASETS, "fashion-mnist/file")
    assert find_file("fashion-mnist/file") == debian
    own = put(data_folder, "fashion-mnist/file")
    assert find_file("fashion-mnist/file") == own


def test_debians_folder_is_searched_without_the_variable(data_folder, monkeypatch):
    monkeypatch.delenv(_find.DATA_VARIABLE)
    debian = put(_find.DEBIAN_DATASETS, "fashion-mnist/file")
    assert find_file("fashion-mnist/file") == debian


def test_nothing_is_found_in_a_folder_that_is_not_there(data_folder, monkeypatch):
    monkeypatch.setenv(_find.DATA_VARIABLE, str(data_folder / "nowhere"))
    assert find_file("mnist/file") is None


def test_the_home_folder_may_be_a_tilde(data_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(data_folder))
    monkeypatch.setenv("USERPROFILE", str(data_folder))
    monkeypatch.setenv(_find.DATA_VARIABLE, "~/data")
    own = put(data_folder / "data", "mnist/file")
    assert find_file("mnist/file") == own


@pytest.mark.parametrize("unset", ["", None])
def test_the_remedy_names_the_variable(data_folder, monkeypatch, unset):
    assert str(data_folder) in how_to_provide("mnist/file")
    if unset is None:
        monkeypatch.delenv(_find.DATA_VARIABLE)
    else:
        monkeypatch.setenv(_find.DATA_VARIABLE, unset)
    assert how_to_provide("mnist/file").startswith("Set the environment variable SKNN_TIPS_DATA")
