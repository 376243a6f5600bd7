import numpy as np

from sknn_tips.ensemble.out_of_fold import mean_of_samples


def test_mean_where_there_are_several_and_nan_where_there_is_none():
    found = mean_of_samples(np.array([1.0, 2.0, 4.0]), np.array([2, 0, 2]), 4)
    np.testing.assert_array_equal(found, [2, np.nan, 2.5, np.nan])


def test_columns(rng):
    predictions = rng.rand(3, 2)
    found = mean_of_samples(predictions, np.array([1, 1, 0]), 2)
    np.testing.assert_allclose(found, [predictions[2], predictions[:2].mean(axis=0)])


def test_no_prediction():
    np.testing.assert_array_equal(
        mean_of_samples(np.empty((0, 2)), np.empty(0, dtype=int), 1), [[np.nan, np.nan]]
    )
