from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Perceptron

from sknn_tips import MLPClassifier, MLPRegressor, datasets
from sknn_tips.exceptions import UnknownOptionError


class Expected(NamedTuple):
    shape: tuple[int, int]
    dtype: type
    feature_names: list[str]
    target_names: list[str]


LOADERS = {
    "load_xor": Expected((4, 2), np.int64, ["x1", "x2"], ["0", "1"]),
    "load_softmax_toy": Expected((8, 4), np.int64, ["x1", "x2", "x3", "x4"], ["0", "1", "2"]),
    "load_learning_rate_toy": Expected((8, 3), np.int64, ["x1", "x2", "x3"], ["0", "1", "2"]),
    "load_stock_prices": Expected((8, 4), np.float64, ["open", "high", "volume", "low"], ["close"]),
    "load_grades": Expected((5, 2), np.str_, ["hours", "attendance"], ["A", "B", "C"]),
    "load_house_sizes": Expected((10, 1), np.float64, ["square_feet"], ["price"]),
}
each_loader = pytest.mark.parametrize("name", LOADERS)


@each_loader
def test_a_bunch_has_what_its_docstring_says(name):
    expected, bunch = LOADERS[name], getattr(datasets, name)()
    assert bunch.data.shape == expected.shape
    assert bunch.data.dtype == np.float64
    assert bunch.target.shape == expected.shape[:1]
    assert bunch.target.dtype.type is expected.dtype
    assert bunch.feature_names == expected.feature_names
    assert bunch.target_names == expected.target_names
    assert bunch.frame is None
    assert "lecture" in bunch.DESCR


@each_loader
def test_frames_and_pairs_hold_the_same(name):
    load = getattr(datasets, name)
    X, y = load(return_X_y=True)
    bunch = load(as_frame=True)
    assert isinstance(bunch.data, pd.DataFrame)
    assert isinstance(bunch.target, pd.Series)
    np.testing.assert_array_equal(bunch.data, X)
    np.testing.assert_array_equal(bunch.target, y)
    assert bunch.frame.columns.tolist() == [*bunch.feature_names, bunch.target.name]
    X_frame, y_series = load(return_X_y=True, as_frame=True)
    assert X_frame.equals(bunch.data)
    assert y_series.equals(bunch.target)


@each_loader
def test_no_file_and_no_network_is_needed(name, data_folder, no_download):
    assert len(getattr(datasets, name)().data)


@each_loader
def test_what_a_caller_writes_into_is_its_own(name):
    load = getattr(datasets, name)
    bunch, before = load(), load().data
    bunch.data[:] = -1
    bunch.feature_names.clear()
    np.testing.assert_array_equal(load().data, before)
    assert load().feature_names == LOADERS[name].feature_names


@each_loader
def test_our_estimators_take_it_as_it_is(name):
    X, y = getattr(datasets, name)(return_X_y=True)
    estimator = MLPRegressor if y.dtype == np.float64 else MLPClassifier
    predicted = estimator(max_iter=2, tol=None, random_state=0).fit(X, y).predict(X)
    assert predicted.shape == y.shape
    assert predicted.dtype.kind == y.dtype.kind


def test_no_line_separates_xor():
    X, y = datasets.load_xor(return_X_y=True)
    assert Perceptron(max_iter=1000, tol=None).fit(X, y).score(X, y) <= 0.75


@pytest.mark.parametrize("load", [datasets.load_softmax_toy, datasets.load_learning_rate_toy])
def test_softmax_regression_separates_the_toys(load):
    X, y = load(return_X_y=True)
    assert LogisticRegression(C=1e4, max_iter=10_000).fit(X, y).score(X, y) == 1


def test_the_learning_rate_toy_has_rows_to_test_on():
    load = datasets.load_learning_rate_toy
    train, test, both = (load(subset=subset) for subset in ("train", "test", "all"))
    assert train.target.tolist() == [2, 2, 2, 1, 1, 1, 0, 0]
    assert test.data.tolist() == [[2, 1, 1], [3, 1, 2], [3, 3, 4]]
    assert test.target.tolist() == [2, 2, 2]
    np.testing.assert_array_equal(both.data, np.concatenate([train.data, test.data]))
    assert test.target_names == ["0", "1", "2"]  # though class 2 alone is there
    assert load(subset="test", as_frame=True).frame.index.tolist() == [0, 1, 2]


def test_an_unknown_subset_lists_the_subsets():
    with pytest.raises(UnknownOptionError, match=r"subset='tets'.*mean 'test'.*'all', 'test'"):
        datasets.load_learning_rate_toy(subset="tets")
