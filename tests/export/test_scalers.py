"""Graphs of SquashingScaler and PiecewiseLinearEncoder."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline

from sknn_tips import MLPClassifier
from sknn_tips.preprocessing import PiecewiseLinearEncoder, SquashingScaler


@pytest.fixture(scope="module")
def numbers():
    """A normal, a skewed, a constant and a binary feature, with NaN and infinity in between."""
    rng = np.random.default_rng(0)
    X = np.c_[rng.normal(size=80), 1e6 * rng.exponential(size=80), np.ones(80), np.arange(80) % 2]
    X[3, 0], X[4, 1], X[5, 2], X[6, 3] = np.inf, -np.inf, np.inf, -np.inf
    X[7:11] = np.where(np.eye(4, dtype=bool), np.nan, X[7:11])
    return X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "transformer",
    [
        SquashingScaler(),
        SquashingScaler(2.0, quantile_range=(10, 80)),
        PiecewiseLinearEncoder(),
        PiecewiseLinearEncoder(5, strategy="tree", max_absolute_value=2.0),
    ],
)
def test_transformers_agree_with_nan_and_infinity(numbers, agree, run, transformer, dtype):
    X = numbers.astype(dtype)
    y = np.nan_to_num(numbers[:, 0]) > 0
    graph = agree(transformer.fit(X, y), X)
    [found] = run(graph, X)
    assert found.dtype == dtype
    assert np.isnan(found).any()


def test_an_encoder_of_binary_features_only_scales(agree):
    X = np.array([[0.0, 3.0], [1.0, 3.0], [1.0, 4.0]])
    encoder = PiecewiseLinearEncoder().fit(X)
    assert encoder.transform(X).shape == (3, 2)
    agree(encoder, X)


@pytest.mark.parametrize("transformer", [SquashingScaler(), PiecewiseLinearEncoder()])
def test_a_pipeline_with_a_network_is_one_graph(agree, transformer):
    X, y = load_iris(return_X_y=True)
    net = MLPClassifier(16, max_iter=8, tol=None, random_state=0)
    agree(make_pipeline(transformer, net).fit(X, y), X, X + 0.3)
