from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from sknn_tips.training import rows
from sknn_tips.training.rows import (
    DenseFeatures,
    SparseFeatures,
    batch_bounds,
    features,
    make_rows,
    to_tensor,
)

CPU = torch.device("cpu")


@given(n=st.integers(1, 300), size=st.integers(1, 300), merge=st.booleans())
def test_batches_cover_every_row_once(n, size, merge):
    bounds = batch_bounds(n, size, merge_single=merge)
    assert bounds[0][0] == 0
    assert bounds[-1][1] == n
    assert all(a[1] == b[0] for a, b in pairwise(bounds))
    lengths = [stop - start for start, stop in bounds]
    assert all(length == size for length in lengths[:-1])
    if merge and n > 1 and size > 1:
        assert min(lengths) > 1
        assert max(lengths) <= size + 1
    else:
        assert lengths[-1] <= size or merge


def test_features_share_memory_where_they_fit():
    X = np.ones((4, 3), dtype=np.float32)
    dense = features(X, torch.float32, CPU)
    assert isinstance(dense, DenseFeatures)
    X[0, 0] = 7
    assert dense.part(0, 1)[0, 0] == 7
    assert features(X, torch.float64, CPU).part(0, 1).dtype == torch.float64


def test_read_only_and_reversed_arrays_are_copied():
    X = np.arange(6.0).reshape(3, 2)
    X.flags.writeable = False
    assert to_tensor(X, CPU).tolist() == X.tolist()
    assert to_tensor(np.arange(4)[::-1], CPU).tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
@pytest.mark.parametrize("budget", [0, 2**28])
def test_sparse_rows_equal_dense_rows(kind, budget, monkeypatch):
    monkeypatch.setattr(rows, "DENSE_BUDGET_BYTES", budget)
    X = np.random.RandomState(0).rand(20, 5) * (np.random.RandomState(1).rand(20, 5) > 0.6)
    found = features(kind(X), torch.float64, CPU)
    assert isinstance(found, DenseFeatures if budget else SparseFeatures)
    index = torch.tensor([3, 3, 0, 19])
    assert len(found) == 20
    np.testing.assert_array_equal(found.take(index), X[index])
    np.testing.assert_array_equal(found.part(5, 8), X[5:8])


def test_rows_take_and_part_keep_features_targets_and_weights_together():
    X, y, w = np.arange(10.0).reshape(5, 2), np.arange(5.0).reshape(5, 1), np.arange(5.0)
    found = make_rows(
        X, y, w, lambda y, dtype: y.astype(dtype), torch.zeros(1, dtype=torch.float32)
    )
    for batch in (found.take(torch.tensor([4, 1])), found.part(1, 3)):
        assert batch.X.dtype == batch.target.dtype == batch.weight.dtype == torch.float32
        np.testing.assert_array_equal(batch.X[:, 0] / 2, batch.weight)
        np.testing.assert_array_equal(batch.target[:, 0], batch.weight)
    assert len(found) == 5
