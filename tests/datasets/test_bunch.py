import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris

from sknn_tips.datasets._bunch import bundle

IRIS = load_iris()


def bundled_iris(return_X_y=False, as_frame=False):
    return bundle(
        IRIS.data,
        IRIS.target,
        feature_names=IRIS.feature_names,
        description="Iris",
        class_names=IRIS.target_names,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def test_arrays_stay_as_they_are():
    bunch = bundled_iris()
    assert bunch.data is IRIS.data
    assert bunch.target is IRIS.target
    assert bunch.frame is None
    assert bunch.feature_names == IRIS.feature_names
    assert bunch.target_names == ["setosa", "versicolor", "virginica"]
    assert bunch.DESCR == "Iris"


def test_frames_are_scikit_learns():
    ours, theirs = bundled_iris(as_frame=True), load_iris(as_frame=True)
    pd.testing.assert_frame_equal(ours.data, theirs.data)
    pd.testing.assert_series_equal(ours.target, theirs.target)
    pd.testing.assert_frame_equal(ours.frame, theirs.frame)


@pytest.mark.parametrize("as_frame", [False, True])
def test_a_pair_is_data_and_target(as_frame):
    X, y = bundled_iris(return_X_y=True, as_frame=as_frame)
    X_sklearn, y_sklearn = load_iris(return_X_y=True, as_frame=as_frame)
    np.testing.assert_array_equal(X, X_sklearn)
    np.testing.assert_array_equal(y, y_sklearn)
    assert (type(X), type(y)) == (type(X_sklearn), type(y_sklearn))


def test_a_number_to_predict_has_a_name_and_no_classes():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    bunch = bundle(
        X,
        y,
        feature_names=X.columns,
        description="Diabetes",
        target_name="progression",
        return_X_y=False,
        as_frame=True,
    )
    assert bunch.target_names == ["progression"]
    assert bunch.target.name == "progression"
    assert bunch.frame.columns.tolist() == [*X.columns, "progression"]
    assert y.name == "target"  # the caller's own
