import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss

from sknn_tips.ensemble.temperature import LARGEST, SMALLEST, fit_temperature, rescale


@pytest.fixture
def logits(rng):
    return rng.normal(size=(4000, 3))


def drawn(rng, proba):
    """Draw a class from each row."""
    return (rng.rand(len(proba), 1) > proba.cumsum(axis=1)).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_rescale_is_softmax_of_scaled_logits(logits, temperature):
    expected = softmax(logits / temperature, axis=1)
    np.testing.assert_allclose(rescale(softmax(logits, axis=1), temperature), expected, rtol=1e-10)


def test_zeros_stay_zeros_and_rows_sum_to_one():
    proba = np.array([[0, 0.25, 0.75], [1, 0, 0], [1e-38, 1e-38, 1]], dtype=np.float32)
    rescaled = rescale(proba, 0.2)
    assert rescaled.dtype == np.float64
    np.testing.assert_array_equal((proba == 0) | (rescaled > 0), True)
    np.testing.assert_array_equal(rescaled[proba == 0], 0)
    np.testing.assert_allclose(rescaled.sum(axis=1), 1, rtol=1e-15)


def test_finds_the_temperature_that_the_logits_were_spoilt_by(rng, logits):
    codes = drawn(rng, softmax(logits, axis=1))
    found = fit_temperature(softmax(2 * logits, axis=1), codes, np.ones(4000))
    assert found == pytest.approx(2, rel=0.1)


def test_is_the_minimum_of_the_log_loss(rng, logits):
    proba, weight = softmax(logits, axis=1), rng.rand(4000)
    codes = drawn(rng, proba)

    def loss(temperature):
        return log_loss(codes, rescale(proba, temperature), sample_weight=weight)

    found = fit_temperature(proba, codes, weight)
    assert loss(found) <= min(loss(found * 1.01), loss(found / 1.01))


def test_weights_are_repetitions(rng, logits):
    proba, codes, times = (
        softmax(logits, axis=1),
        rng.randint(3, size=4000),
        rng.randint(3, size=4000),
    )
    repeated = fit_temperature(proba.repeat(times, 0), codes.repeat(times), np.ones(times.sum()))
    assert fit_temperature(proba, codes, times.astype(float)) == pytest.approx(repeated, rel=1e-4)


def test_classes_that_a_member_could_not_know_have_no_say(rng, logits):
    proba = softmax(logits, axis=1)
    codes = drawn(rng, proba)
    unknown = np.zeros((50, 3))
    unknown[:, 0] = 1
    with_unknown = fit_temperature(
        np.vstack([proba, unknown]), np.append(codes, np.ones(50, dtype=int)), np.ones(4050)
    )
    assert with_unknown == pytest.approx(fit_temperature(proba, codes, np.ones(4000)))


def test_stays_in_its_bounds(rng, logits):
    proba = softmax(logits, axis=1)
    sharper = fit_temperature(proba, proba.argmax(axis=1), np.ones(4000))
    flatter = fit_temperature(proba, rng.randint(3, size=4000), np.ones(4000))
    assert SMALLEST <= sharper < 0.21
    assert 4.9 < flatter <= LARGEST


def test_nothing_to_learn_from():
    assert fit_temperature(np.empty((0, 2)), np.empty(0, dtype=int), np.empty(0)) == 1
    assert fit_temperature(np.array([[0.5, 0.5]]), np.array([1]), np.zeros(1)) == 1
