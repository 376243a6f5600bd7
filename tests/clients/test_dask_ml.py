"""dask-ml's wrappers, for data in blocks."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from sknn_tips import MLPClassifier

wrappers = pytest.importorskip("dask_ml.wrappers", reason="make test-clients installs it")
da = pytest.importorskip("dask.array")

X, Y = load_digits(return_X_y=True)
X = X / 16
BLOCK = 400


@pytest.fixture
def blocks():
    return da.from_array(X, chunks=(BLOCK, 64)), da.from_array(Y, chunks=BLOCK)


def test_incremental_is_partial_fit_on_each_block(blocks):
    net = MLPClassifier(32, random_state=0)
    wrapped = wrappers.Incremental(clone(net), shuffle_blocks=False)
    wrapped.fit(*blocks, classes=np.arange(10))
    for start in range(0, len(X), BLOCK):
        net.partial_fit(X[start : start + BLOCK], Y[start : start + BLOCK], classes=np.arange(10))
    for found, expected in zip(wrapped.estimator_.coefs_, net.coefs_, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(wrapped.predict(blocks[0]).compute(), net.predict(X))


def test_predictions_of_blocks(blocks):
    net = MLPClassifier(32, max_iter=5, tol=None, random_state=0)
    wrapped = wrappers.ParallelPostFit(net).fit(X, Y)
    found = wrapped.predict_proba(blocks[0])
    assert found.numblocks == (5, 1)
    np.testing.assert_allclose(found.compute(), wrapped.estimator.predict_proba(X), atol=1e-6)
