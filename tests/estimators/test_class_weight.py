import numpy as np
import pytest
from sklearn.utils import compute_class_weight, compute_sample_weight

from sknn_tips.estimators.class_weight import balanced, of_dict, of_indicator

CODES = np.array([0, 0, 0, 1, 2, 2])


def test_balanced_is_scikit_learns():
    expected = compute_class_weight("balanced", classes=np.arange(3), y=CODES)
    np.testing.assert_allclose(balanced(np.bincount(CODES).astype(float)), expected)


def test_balanced_gives_equal_totals_and_keeps_their_sum(rng):
    totals = np.bincount(CODES, weights=rng.rand(6))
    np.testing.assert_allclose(balanced(totals) * totals, np.full(3, totals.sum() / 3))


def test_a_class_not_seen_has_factor_one():
    np.testing.assert_allclose(balanced(np.array([2.0, 0.0, 6.0])), [2.0, 1.0, 2 / 3])


def test_dict():
    classes = np.array(["a", "b", "c"])
    np.testing.assert_array_equal(of_dict({"b": 3}, classes), [1, 3, 1])
    with pytest.raises(
        ValueError, match=r"not in y: \['z'\]. The classes of y are \['a', 'b', 'c'\]"
    ):
        of_dict({"z": 3}, classes)
    with pytest.raises(ValueError, match="a list is for multilabel"):
        of_dict([{0: 1}], classes)


@pytest.mark.parametrize("weights", ["balanced", [{0: 1, 1: 3}, {0: 2, 1: 1}]])
def test_indicator_is_scikit_learns(rng, weights):
    Y = rng.randint(0, 2, (20, 2))
    expected = compute_sample_weight(weights, Y)
    np.testing.assert_allclose(of_indicator(weights, Y, np.ones(20)), expected)
