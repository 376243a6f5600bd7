import numpy as np
import pytest
from sklearn.utils import Bunch

from sknn_tips.datasets import CLASS_NAMES, load_fashion_mnist, load_mnist
from sknn_tips.exceptions import UnknownOptionError

LOADERS = [
    pytest.param(load_mnist, "mnist", id="mnist"),
    pytest.param(load_fashion_mnist, "fashion-mnist", id="fashion"),
]
each_loader = pytest.mark.parametrize(("load", "folder"), LOADERS)

N_TRAIN, N_TEST = 6, 3


def pictures(n, seed):
    return np.random.default_rng(seed).integers(0, 256, size=(n, 28, 28), dtype=np.uint8)


def write_part(write_idx, folder, part, n, n_labels=None):
    write_idx(folder / f"{part}-images-idx3-ubyte.gz", pictures(n, seed=n))
    write_idx(folder / f"{part}-labels-idx1-ubyte.gz", np.arange(n_labels or n) % 10)


@pytest.fixture
def small_files(data_folder, write_idx):
    for folder in ("mnist", "fashion-mnist"):
        write_part(write_idx, data_folder / folder, "train", N_TRAIN)
        write_part(write_idx, data_folder / folder, "t10k", N_TEST)


@each_loader
def test_the_default_is_the_training_pictures_as_raw_pixels(load, folder, small_files):
    bunch = load()
    np.testing.assert_array_equal(bunch.data, pictures(N_TRAIN, N_TRAIN).reshape(N_TRAIN, 784))
    np.testing.assert_array_equal(bunch.target, np.arange(N_TRAIN))
    assert bunch.data.dtype == np.uint8
    assert bunch.target.dtype == np.int64
    assert bunch.feature_names[0] == "pixel1"
    assert len(bunch.feature_names) == 784
    assert len(bunch.target_names) == 10
    assert "28 x 28" in bunch.DESCR


def test_target_names(small_files):
    assert load_mnist().target_names[3] == "3"
    assert load_fashion_mnist().target_names == list(CLASS_NAMES)
    assert CLASS_NAMES[9] == "Ankle boot"


@each_loader
def test_all_is_train_and_then_test(load, folder, small_files):
    train, test, both = (load(subset=subset).data for subset in ("train", "test", "all"))
    assert len(test) == N_TEST
    np.testing.assert_array_equal(both, np.concatenate([train, test]))


@each_loader
def test_a_frame_holds_the_same_pixels(load, folder, small_files):
    X, y = load(return_X_y=True)
    bunch = load(as_frame=True)
    np.testing.assert_array_equal(bunch.data.to_numpy(), X)
    assert set(bunch.data.dtypes) == {np.dtype(np.uint8)}
    assert bunch.target.tolist() == y.tolist()
    assert bunch.frame.shape == (N_TRAIN, 785)
    assert load().frame is None


def test_an_unknown_subset_lists_the_subsets(small_files):
    with pytest.raises(UnknownOptionError, match=r"subset='tets'.*mean 'test'.*'all', 'test'"):
        load_mnist(subset="tets")


def test_pictures_and_labels_of_different_number(data_folder, write_idx):
    write_part(write_idx, data_folder / "mnist", "train", n=4, n_labels=5)
    with pytest.raises(ValueError, match=r"holds 4 pictures but .* 5 labels"):
        load_mnist()


def test_pictures_of_another_size(data_folder, write_idx):
    write_part(write_idx, data_folder / "mnist", "train", n=4)
    write_idx(data_folder / "mnist/train-images-idx3-ubyte.gz", np.zeros((4, 32, 32)))
    with pytest.raises(ValueError, match=r"shape \(32, 32\), not \(28, 28\)"):
        load_mnist()


@each_loader
def test_without_files_openml_is_asked(load, folder, data_folder, monkeypatch):
    """OpenML's copies are one table of 70,000 rows, its labels strings."""
    wide = np.zeros((70_000, 784), dtype=np.int64)
    wide[60_000:] = 7

    def fetch_openml(name, *, version, as_frame):
        assert (name, version) == (
            {"mnist": "mnist_784", "fashion-mnist": "Fashion-MNIST"}[folder],
            1,
        )
        assert not as_frame
        return Bunch(data=wide, target=np.array(["0"] * 60_000 + ["7"] * 10_000, dtype=object))

    monkeypatch.setattr("sknn_tips.datasets._openml.fetch_openml", fetch_openml)
    X, y = load(subset="test", return_X_y=True)
    assert X.shape == (10_000, 784)
    assert X.dtype == np.uint8
    assert y.dtype == np.int64
    assert set(y) == {7}
    assert len(load(subset="train").data) == 60_000


@each_loader
def test_one_missing_file_sends_both_parts_to_openml(
    load, folder, small_files, data_folder, no_download
):
    (data_folder / folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert len(load(subset="train").data) == N_TRAIN
    with pytest.raises(FileNotFoundError, match=f"put '{folder}/t10k-labels-idx1-ubyte.gz' in"):
        load(subset="all")


@each_loader
def test_the_real_files(load, folder, real_data):
    X, y = load(subset="test", return_X_y=True)
    assert X.shape == (10_000, 784)
    assert X.max() == 255
    assert np.bincount(y).sum() == 10_000
    if folder == "fashion-mnist":
        np.testing.assert_array_equal(np.bincount(y), 1000)
    train = load(subset="train")
    assert train.data.shape == (60_000, 784)
    assert set(train.target) == set(range(10))
