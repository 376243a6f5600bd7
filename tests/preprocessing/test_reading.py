"""Tables of every kind are read as the same frame."""

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator

from sknn_tips.exceptions import DataError
from sknn_tips.preprocessing import TableCleaner
from sknn_tips.preprocessing.reading import read_table

FRAME = pd.DataFrame({"age": [1.0, 2.0], "color": ["red", None]})


def read(X):
    return read_table(BaseEstimator(), X, reset=True)


@pytest.mark.parametrize(
    "table",
    [FRAME.to_numpy(object), FRAME.to_numpy(object).tolist(), tuple(FRAME.to_numpy(object))],
    ids=["array", "list", "tuple of arrays"],
)
def test_arrays_and_lists_of_mixed_columns(table):
    clean = TableCleaner().fit_transform(FRAME)
    clean.columns = ["x0", "x1"]
    pd.testing.assert_frame_equal(TableCleaner().fit_transform(table), clean)


def test_numbers_in_a_list_stay_numbers_beside_text():
    assert read([[1, "a"], [2, "b"]])["x0"].tolist() == [1, 2]


def test_polars_does_not_need_pyarrow(monkeypatch):
    polars = pytest.importorskip("polars", reason="polars is optional")
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # an import of it raises ImportError
    largest = getattr(polars, "Int128", polars.Int64)  # older versions have no Int128
    table = polars.DataFrame(
        {
            "int": [1, None],
            "big": polars.Series([1, None], dtype=largest),
            "text": ["a", None],
            "bool": [True, None],
            "category": polars.Series(["a", None], dtype=polars.Categorical),
            "enum": polars.Series(["a", None], dtype=polars.Enum(["b", "a"])),
        }
    )
    frame = read(table)
    assert list(frame) == table.columns
    assert frame.dtypes[["category", "enum"]].tolist() == [pd.CategoricalDtype(["a"])] * 2
    assert [frame[name][0] for name in frame] == [1, 1, "a", True, "a", "a"]
    assert frame.iloc[1].isna().all()


def test_names_are_learned_and_compared_as_in_scikit_learn():
    estimator = BaseEstimator()
    read_table(estimator, FRAME, reset=True)
    assert list(estimator.feature_names_in_) == ["age", "color"]
    with pytest.raises(ValueError, match="must be in the same order"):
        read_table(estimator, FRAME[["color", "age"]], reset=False)
    with pytest.raises(ValueError, match="yet now missing:\n- color"):
        read_table(estimator, FRAME[["age"]], reset=False)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        frame = read_table(estimator, FRAME.to_numpy(object), reset=False)
    assert list(frame) == ["age", "color"]


def test_names_of_polars_are_compared_too():
    polars = pytest.importorskip("polars", reason="polars is optional")
    estimator = BaseEstimator()
    read_table(estimator, FRAME, reset=True)
    with pytest.raises(ValueError, match="must be in the same order"):
        read_table(estimator, polars.DataFrame({"color": ["red"], "age": [1]}), reset=False)


@pytest.mark.parametrize("names", [[0, 1], [("a", "b"), ("a", "c")]])
def test_names_that_are_not_strings_are_numbered(names):
    frame = read(FRAME.set_axis(pd.Index(names), axis=1))
    assert list(frame) == ["x0", "x1"]


def test_names_of_several_types_are_an_error():
    with pytest.raises(TypeError, match="only supported if all input features have string names"):
        read(FRAME.set_axis([0, "a"], axis=1))


NO_TABLES = {
    "list": ([1, 2], r"list of shape \(2,\).*2D array.*Reshape your data"),
    "series": (FRAME["age"], r"X is a Series.*X.iloc\[\[0\]\].*X\[\['name'\]\]"),
    "ragged": ([[1, 2], [3]], r"list of shape \(2,\)"),
    "three dimensions": (np.zeros((2, 3, 4)), r"ndarray of shape \(2, 3, 4\)"),
    "text": ("abc", r"str of shape \(\)"),
    "sparse matrix": (sparse.csr_matrix(np.eye(3)), r"sparse matrix.*X.toarray\(\)"),
    "sparse array": (sparse.coo_array(np.eye(3)), r"sparse matrix.*X.toarray\(\)"),
    "no rows": (FRAME[:0], r"0 sample\(s\) \(shape=\(0, 2\)\)"),
    "no columns": (FRAME[[]], r"0 feature\(s\) \(shape=\(2, 0\)\)"),
    "same names": (FRAME.set_axis(["a", "a"], axis=1), "the same name: 'a'. Rename them"),
}


@pytest.mark.parametrize(("table", "words"), NO_TABLES.values(), ids=list(NO_TABLES))
def test_what_is_no_table(table, words):
    with pytest.raises(DataError, match=words):
        read(table)
