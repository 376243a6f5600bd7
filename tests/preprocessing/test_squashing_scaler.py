import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import RobustScaler

from sknn_tips.preprocessing import SquashingScaler


def squash(z, bound=3.0):
    return z / np.sqrt(1 + (z / bound) ** 2)


def test_is_robust_scaling_then_the_closed_form(rng):
    X = rng.standard_t(1, size=(200, 4)) * [1, 10, 0.1, 1e6] + [0, 5, 5, 5]
    assert_allclose(SquashingScaler().fit_transform(X), squash(RobustScaler().fit_transform(X)))
    scaler = SquashingScaler(max_absolute_value=1.5, quantile_range=(10, 90))
    expected = squash(RobustScaler(quantile_range=(10, 90)).fit_transform(X), 1.5)
    assert_allclose(scaler.fit_transform(X), expected)


def test_values_near_the_median_hardly_change_and_outliers_stay_below_the_bound(rng):
    X = np.r_[rng.uniform(-1, 1, 1000), 1e6, -1e300][:, None]
    scaled = SquashingScaler().fit_transform(X).ravel()
    assert_allclose(scaled[:1000], X[:1000, 0], atol=0.12)
    assert_allclose(scaled[1000:], [3, -3])
    assert np.abs(scaled).max() <= 3


def test_zero_interquartile_range_takes_half_the_range():
    X = np.array([[0.0]] * 8 + [[10.0], [-2.0]])
    scaler = SquashingScaler().fit(X)
    assert_array_equal(scaler.scale_, [6])
    assert_allclose(scaler.transform([[0.0], [6.0], [12.0]]).ravel(), squash(np.array([0, 1, 2])))


def test_constant_features_become_zero():
    scaler = SquashingScaler().fit([[7.0], [7.0], [np.nan]])
    assert_array_equal(
        scaler.transform([[7.0], [8.0], [np.nan], [np.inf]]), [[0], [0], [np.nan], [3]]
    )


def test_infinity_is_the_bound_and_not_part_of_the_statistics():
    X = np.array([[1.0, 2.0, 3.0, 4.0, np.inf, -np.inf, np.nan]]).T
    scaler = SquashingScaler().fit(X)
    assert_array_equal(scaler.center_, SquashingScaler().fit(X[:4]).center_)
    assert_array_equal(scaler.scale_, SquashingScaler().fit(X[:4]).scale_)
    assert_array_equal(scaler.transform(X)[4:], [[3], [-3], [np.nan]])


def test_an_all_missing_feature_stays_missing():
    X = [[np.nan, 1.0], [np.nan, 2.0]]
    scaler = SquashingScaler().fit(X)
    assert np.isnan(scaler.transform(X)[:, 0]).all()
    assert_array_equal(scaler.transform([[5.0, 1.5]]), [[0, 0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_float32_stays_and_all_else_becomes_float64(rng, dtype):
    X = (rng.normal(size=(50, 2)) * 3).astype(dtype)
    scaler = SquashingScaler().fit(X)
    expected = np.float32 if dtype == np.float32 else np.float64
    assert scaler.transform(X).dtype == expected
    assert scaler.scale_.dtype == np.float64
    assert_allclose(
        scaler.transform(X), SquashingScaler().fit_transform(X.astype(float)), atol=1e-6
    )


def test_x_is_not_changed(rng):
    X = rng.normal(size=(20, 2))
    before = X.copy()
    SquashingScaler().fit_transform(X)
    assert_array_equal(X, before)


@pytest.mark.parametrize("quantile_range", [(75, 25), (25, 25), (-1, 50), (50, 101)])
def test_impossible_quantile_range(quantile_range):
    with pytest.raises(ValueError, match=r"quantile_range=.* two percentages in increasing order"):
        SquashingScaler(quantile_range=quantile_range).fit([[1.0], [2.0]])


@pytest.mark.parametrize("bound", [0, -1, np.inf, "3"])
def test_impossible_bound(bound):
    with pytest.raises(ValueError, match="'max_absolute_value' parameter"):
        SquashingScaler(max_absolute_value=bound).fit([[1.0], [2.0]])


def test_names_and_output_container(rng):
    scaler = SquashingScaler().set_output(transform="pandas")
    assert list(scaler.fit_transform(rng.normal(size=(5, 2)))) == ["x0", "x1"]
