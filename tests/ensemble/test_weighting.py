from itertools import product

import numpy as np
import pytest
from scipy.optimize import nnls

from sknn_tips.ensemble.weighting import N_ROUNDS, greedy_weights


def loss_of(weights, predictions, loss, sample_weight):
    return loss(weights @ predictions) @ sample_weight


def minus_log(average):
    return -np.log(average)


@pytest.mark.parametrize("loss", [np.square, minus_log])
def test_nearly_as_good_as_the_best_of_all_such_weights(rng, loss):
    predictions, sample_weight = rng.uniform(0.01, 1, size=(3, 200)), rng.rand(200)
    found = greedy_weights(predictions, loss, sample_weight)
    shares = np.arange(N_ROUNDS + 1) / N_ROUNDS
    candidates = [(a, b, 1 - a - b) for a, b in product(shares, shares) if a + b <= 1]
    losses = [loss_of(np.array(c), predictions, loss, sample_weight) for c in candidates]
    assert loss_of(found, predictions, loss, sample_weight) <= min(losses) * 1.001
    assert found.sum() == pytest.approx(1)


def test_squared_error_agrees_with_least_squares(rng):
    y = rng.normal(size=2000)
    predictions = y + rng.normal(size=(2, 2000)) * np.array([[1.0], [2.0]])
    found = greedy_weights(predictions - y, np.square, np.ones(2000))
    exact, _ = nnls(predictions.T, y)
    # independent errors of variance 1 and 4: 0.8 and 0.2
    np.testing.assert_allclose(found, [0.8, 0.2], atol=0.05)
    np.testing.assert_allclose(found, exact / exact.sum(), atol=0.1)


def test_the_better_one_takes_all_where_the_other_adds_nothing(rng):
    residuals = rng.normal(size=100)
    weights = greedy_weights(np.stack([3 * residuals, residuals]), np.square, np.ones(100))
    np.testing.assert_array_equal(weights, [0, 1])


def test_only_weighted_samples_count(rng):
    predictions = np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(
        greedy_weights(predictions, np.square, np.array([1.0, 0.0])), [0, 1]
    )


def test_one_estimator_and_no_samples():
    np.testing.assert_array_equal(greedy_weights(np.ones((1, 3)), np.square, np.ones(3)), [1])
    np.testing.assert_array_equal(
        greedy_weights(np.ones((2, 0)), np.square, np.ones(0)), [0.5, 0.5]
    )
