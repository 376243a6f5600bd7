import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from sknn_tips.ensemble.empty_columns import without_empty_columns


def nullable_frame(values):
    return pd.DataFrame(values).astype("Float64")


@pytest.mark.parametrize("make", [np.asarray, pd.DataFrame, nullable_frame])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_column_without_any_value_has_no_effect_on_boosting(make, weighted):
    rng = np.random.RandomState(0)
    y, weight = rng.normal(size=60), np.r_[0.0, np.ones(59)] if weighted else None
    both = np.stack([y + rng.normal(size=60), np.full(60, np.nan)], axis=1)
    both[0, 1] = 5.0 if weighted else np.nan
    X = make(both)
    filled = without_empty_columns(X, weight)
    assert type(filled) is type(X)
    pd.testing.assert_frame_equal(pd.DataFrame(X), pd.DataFrame(make(both)))  # as it was
    model = HistGradientBoostingRegressor().fit(filled, y, weight)
    alone = HistGradientBoostingRegressor().fit(both[:, :1], y, weight)
    for value in (np.nan, -3.0, 1e9):
        X_new = make(np.stack([both[:, 0], np.full(60, value)], axis=1))
        np.testing.assert_array_equal(model.predict(X_new), alone.predict(both[:, :1]))


@pytest.mark.parametrize("X", [np.arange(4).reshape(2, 2), np.ones((2, 2)), [[np.nan], [1.0]]])
def test_a_table_that_boosting_can_use_is_returned_as_it_is(X):
    assert without_empty_columns(X, None) is X
