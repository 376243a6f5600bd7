import pytest

from sknn_tips.datasets import is_available
from sknn_tips.datasets._tables import TABLES
from sknn_tips.exceptions import UnknownOptionError

FOUR_FILES = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
]


@pytest.mark.parametrize(
    ("name", "folder"), [("mnist", "mnist"), ("fashion_mnist", "fashion-mnist")]
)
def test_pictures_need_all_four_files(data_folder, no_download, name, folder):
    (data_folder / folder).mkdir()
    for file in FOUR_FILES:
        assert not is_available(name)
        (data_folder / folder / file).touch()
    assert is_available(name)


def test_a_table_needs_its_file(data_folder, no_download):
    assert not is_available("adult")
    (data_folder / "tabular").mkdir()
    (data_folder / "tabular/adult.parquet").touch()
    assert is_available("adult")


def test_an_unknown_name_suggests_and_lists():
    with pytest.raises(UnknownOptionError, match=r"name='minst' .*mean 'mnist'"):
        is_available("minst")


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", *TABLES])
def test_the_real_folder_has_everything(name, real_data):
    assert is_available(name)
