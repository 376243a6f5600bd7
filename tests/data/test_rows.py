from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sknn_tips.data.rows import batch_bounds, make_rows


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


def test_a_batch_keeps_features_targets_and_weights_together():
    X, y, w = np.arange(10.0).reshape(5, 2), np.arange(5.0).reshape(5, 1), np.arange(5.0)
    found = make_rows(
        X, y, w, lambda y, dtype: y.astype(dtype), torch.zeros(1, dtype=torch.float32)
    )
    for batch in (found[torch.tensor([4, 1])], found[1:3]):
        assert batch.X.dtype == batch.target.dtype == batch.weight.dtype == torch.float32
        np.testing.assert_array_equal(batch.X[:, 0] / 2, batch.weight)
        np.testing.assert_array_equal(batch.target[:, 0], batch.weight)
    assert len(found) == 5


@pytest.mark.parametrize(("weight", "expected"), [(None, False), ([1, 2], False), ([1, 0], True)])
def test_zero_weights_are_known(weight, expected):
    weight = None if weight is None else np.array(weight, dtype=float)
    like = torch.zeros(1, dtype=torch.float64)
    found = make_rows(np.zeros((2, 1)), np.zeros((2, 1)), weight, lambda y, _: y, like)
    assert found.has_zero_weights is expected
