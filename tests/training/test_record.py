import numpy as np
import pytest

from sknn_tips.training.record import Columns


def test_columns_are_those_of_numpy(rng):
    values = rng.normal(3, 2, size=(50, 4)).astype(np.float32)
    columns = Columns.of(values)
    exact = values.astype(np.float64)
    np.testing.assert_array_equal(columns.minimum, values.min(axis=0))
    np.testing.assert_array_equal(columns.maximum, values.max(axis=0))
    np.testing.assert_allclose(columns.mean, exact.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(columns.deviation, exact.std(axis=0), rtol=1e-6)
    np.testing.assert_allclose(columns.size, np.sqrt((exact**2).mean(axis=0)), rtol=1e-6)


def test_values_near_the_end_of_float32_are_no_error():
    columns = Columns.of(np.array([[3e38], [-3e38], [3e38]], dtype=np.float32))
    assert not np.isfinite(columns.size).all()


def test_columns_have_names_or_numbers():
    values = np.eye(2)
    assert Columns.of(values).name(1) == "column 1"
    assert Columns.of(values, np.array(["age", "fare"])).name(1) == "'fare'"


@pytest.mark.parametrize(("restores", "best", "kept"), [(True, 2, 2), (False, 2, 3), (True, 0, 3)])
def test_the_epoch_that_is_kept(restores, best, kept, make_record):
    record = make_record(restores_best=restores)
    record.losses, record.best_epoch = [3.0, 1.0, 2.0], best
    assert record.kept_epoch == kept
