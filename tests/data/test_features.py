import numpy as np
import pytest
import torch
from scipy import sparse

from sknn_tips.data import features as module
from sknn_tips.data.features import (
    DenseFeatures,
    MappedFeatures,
    SomeFeatures,
    SparseFeatures,
    choose,
    features,
    numpy_dtype,
    to_tensor,
    torch_dtype,
)

CPU = torch.device("cpu")
RNG = np.random.RandomState(0)
DENSE = RNG.rand(20, 5) * (RNG.rand(20, 5) > 0.6)
INDICES = [torch.tensor([3, 3, 0, 19]), slice(5, 8)]


def in_a_file(X, path, mode="r"):
    X.tofile(path)
    return np.memmap(path, dtype=X.dtype, mode=mode, shape=X.shape)


def test_memory_is_shared_where_it_fits():
    X = np.ones((4, 3), dtype=np.float32)
    dense = features(X, torch.float32, CPU)
    assert isinstance(dense, DenseFeatures)
    X[0, 0] = 7
    assert dense[0:1][0, 0] == 7
    assert features(X, torch.float64, CPU)[0:1].dtype == torch.float64


def test_read_only_and_reversed_arrays_are_copied():
    X = np.arange(6.0).reshape(3, 2)
    X.flags.writeable = False
    assert to_tensor(X, CPU).tolist() == X.tolist()
    assert to_tensor(np.arange(4)[::-1], CPU).tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize("budget", [0, 2**28])
@pytest.mark.parametrize("kind", ["csr_array", "csc_array", "csr_matrix", "memmap", "ndarray"])
def test_rows_are_those_of_the_dense_array(kind, budget, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "DENSE_BUDGET_BYTES", budget)
    makers = {"memmap": lambda X: in_a_file(X, tmp_path / "X"), "ndarray": np.asarray}
    X = makers.get(kind, getattr(sparse, kind, None))(DENSE)
    found = features(X, torch.float32, CPU)
    late = {"memmap": MappedFeatures, "ndarray": DenseFeatures}.get(kind, SparseFeatures)
    assert isinstance(found, DenseFeatures if budget else late)
    assert len(found) == 20
    for index in INDICES:
        expected = torch.from_numpy(DENSE).float()[index]
        assert torch.equal(found[index], expected)
        out = torch.empty_like(expected)
        found.put(index, out)
        assert torch.equal(out, expected)


def test_a_view_of_a_mapped_file_is_mapped_too(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "DENSE_BUDGET_BYTES", 0)
    X = in_a_file(DENSE, tmp_path / "X")
    assert module.stays_in_its_file(np.asarray(X)[2:, ::2])
    assert not module.stays_in_its_file(DENSE)
    assert not module.stays_in_its_file(X + 0)


def test_chosen_rows_of_a_file_are_not_read(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "DENSE_BUDGET_BYTES", 0)
    X, rows = in_a_file(DENSE, tmp_path / "X"), RNG.permutation(20)[:7]
    found = features(choose(X, rows), torch.float64, CPU)
    assert isinstance(found, SomeFeatures)
    np.testing.assert_array_equal(found[0:7], DENSE[rows])
    np.testing.assert_array_equal(choose(DENSE, rows), DENSE[rows])


@pytest.mark.parametrize("index", INDICES)
def test_some_rows_of_others(index):
    chosen = RNG.permutation(20)
    found = SomeFeatures(DenseFeatures(torch.from_numpy(DENSE)), chosen, CPU)
    expected = torch.from_numpy(DENSE[chosen])
    assert len(found) == 20
    assert torch.equal(found.X, expected)
    assert torch.equal(found[index], expected[index])
    out = torch.empty_like(expected[index])
    found.put(index, out)
    assert torch.equal(out, expected[index])


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_names_of_dtypes(name):
    assert numpy_dtype(getattr(torch, name)) == np.dtype(name)
    assert torch_dtype(np.dtype(name)) == getattr(torch, name)
