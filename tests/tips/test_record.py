import numpy as np
import pytest

from sknn_tips.tips.record import Columns


def test_columns_are_those_of_numpy(rng):
    values = rng.normal(3, 2, size=(50, 4)).astype(np.float32)
    columns = Columns.of(values)
    exact = values.astype(np.float64)
    np.testing.assert_array_equal(columns.minimum, values.min(axis=0))
    np.testing.assert_array_equal(columns.maximum, values.max(axis=0))
    np.testing.assert_allclose(columns.mean, exact.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(columns.deviation, exact.std(axis=0), rtol=1e-6)
    np.testing.assert_allclose(columns.size, np.sqrt((exact**2).mean(axis=0)), rtol=1e-6)


@pytest.mark.parametrize("largest", [3e38, 1e300])
def test_values_near_the_end_of_the_numbers_are_no_error(largest):
    columns = Columns.of(np.array([[largest], [-largest], [largest]]))
    assert np.isfinite(columns.size).all() == (largest < 1e100)


def test_float32_is_no_obstacle_to_means_and_deviations(rng):
    values = (1.7e9 + 1000 * rng.normal(size=(2000, 1))).astype(np.float32)
    columns = Columns.of(values)
    assert columns.deviation == pytest.approx(1000, rel=0.05)
    constant = Columns.of(np.full((2000, 3), 0.3, dtype=np.float32))
    assert constant.is_constant.all()
    assert constant.mean == pytest.approx(np.float32(0.3), rel=1e-12)


def test_the_interquartile_range_is_that_of_columns_with_far_values(rng):
    values = rng.normal(size=(401, 3)).astype(np.float32)
    values[7, 1] = 50
    iqr = Columns.of(values).iqr
    quartiles = np.quantile(values[:, 1], [0.25, 0.75])
    assert np.isnan(iqr).tolist() == [True, False, True]
    assert iqr[1] == pytest.approx(np.diff(quartiles).item(), rel=1e-6)


def test_columns_have_names_or_numbers():
    values = np.eye(2)
    assert Columns.of(values).name(1) == "column 1"
    assert Columns.of(values, np.array(["age", "fare"])).name(1) == "'fare'"


@pytest.mark.parametrize(("restores", "best", "kept"), [(True, 2, 2), (False, 2, 3), (True, 0, 3)])
def test_the_epoch_that_is_kept(restores, best, kept, make_record):
    record = make_record(restores_best=restores)
    record.losses, record.best_epoch = [3.0, 1.0, 2.0], best
    assert record.kept_epoch == kept
