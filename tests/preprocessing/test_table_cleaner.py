import pickle

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline

from sknn_tips.exceptions import DataError, ModelFileError
from sknn_tips.preprocessing import TableCleaner

TABLE = pd.DataFrame(
    {
        "age": [20, 30, None, 40],
        "color": ["red", "blue", None, "red"],
        "member": [True, False, True, True],
        "size": pd.Categorical([1, 2, None, 2]),
        "empty": [None] * 4,
    },
    index=[7, 8, 9, 3],
)
CLEAN = pd.DataFrame(
    {
        "age": [20, 30, np.nan, 40],
        "color": pd.Categorical(["red", "blue", None, "red"]),
        "member": pd.Categorical(["True", "False", "True", "True"]),
        "size": pd.Categorical(["1", "2", None, "2"]),
        "empty": [0.0] * 4,
    },
    index=TABLE.index,
)


def assert_same(found, expected):
    """Compare frames, whatever the type of the levels' index is."""
    assert [str(dtype) for dtype in found.dtypes] == [str(dtype) for dtype in expected.dtypes]
    assert_frame_equal(found, expected, check_categorical=False)
    for name in expected.select_dtypes("category"):
        assert found[name].cat.categories.tolist() == expected[name].cat.categories.tolist()


def test_columns_become_float64_or_categories():
    before = TABLE.copy()
    cleaner = TableCleaner()
    assert_same(cleaner.fit_transform(TABLE), CLEAN)
    assert_frame_equal(TABLE, before)
    assert list(cleaner.get_feature_names_out()) == list(TABLE)


def test_types_hold_for_later_tables():
    cleaner = TableCleaner().fit(TABLE)
    new = pd.DataFrame(
        {"age": ["35"], "color": ["green"], "member": ["True"], "size": [1.0], "empty": ["x"]}
    )
    clean = cleaner.transform(new)
    assert clean.dtypes.tolist() == cleaner.transform(TABLE).dtypes.tolist()
    assert clean.loc[0, ["age", "member", "size"]].tolist() == [35, "True", "1"]
    assert clean.loc[0, ["color"]].isna().all()
    assert clean.loc[0, "empty"] == 0


def test_one_level_too_many_and_later_ones_are_infrequent():
    cleaner = TableCleaner(max_levels=2)
    clean = cleaner.fit_transform(pd.DataFrame({"a": list("xxyyzw"), "b": list("uuuvvv")}))
    assert clean["a"].tolist() == ["x", "x", "y", "y", "infrequent", "infrequent"]
    later = cleaner.transform(pd.DataFrame({"a": ["new", None], "b": ["new", None]}))
    assert later["a"].tolist()[0] == "infrequent"
    assert later.isna().sum().tolist() == [1, 2]


def test_the_clean_table_is_clean():
    clean = TableCleaner().fit_transform(TABLE)
    assert_frame_equal(TableCleaner().fit_transform(clean), clean)


def test_boosting_takes_the_clean_table(rng):
    X = pd.DataFrame({"a": rng.choice(["x", "y", None], 200), "b": rng.normal(size=200)})
    y = (X["a"] == "y") * 1.0
    trees = HistGradientBoostingRegressor(categorical_features="from_dtype", random_state=0)
    model = make_pipeline(TableCleaner(), trees).fit(X, y)
    assert model.score(X, y) > 0.99
    np.testing.assert_allclose(
        model.predict(pd.DataFrame({"a": ["y", "new"], "b": [0, 0]}))[0], 1, atol=0.05
    )


def test_boosting_takes_as_many_levels_as_are_kept(rng):
    X = pd.DataFrame({"shop": pd.Categorical(rng.permutation(np.arange(3000) % 300))})
    trees = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=2)
    clean = TableCleaner().fit_transform(X)
    assert len(clean["shop"].cat.categories) == 251  # with the infrequent level
    trees.fit(clean, rng.normal(size=3000))


def test_survives_pickle_and_clone():
    cleaner = TableCleaner(max_levels=1).fit(TABLE)
    copy = pickle.loads(pickle.dumps(cleaner))
    assert_frame_equal(copy.transform(TABLE), cleaner.transform(TABLE))
    assert clone(cleaner).max_levels == 1


def test_one_error_names_all_columns_that_cannot_be_used():
    days = pd.date_range("2026-01-01", periods=300)
    bad = {
        "day": days,
        "text": days.strftime("%Y-%m-%d"),
        "list": [[1]] * 300,
        "inf": [np.inf] * 300,
    }
    X = pd.DataFrame({"good": [1, 2, 3] * 100, **bad})
    with pytest.raises(DataError) as error:
        TableCleaner().fit(X)
    first, *lines = str(error.value).splitlines()
    assert first == "4 columns of X cannot be used:"
    assert [line.split("holds")[0] for line in lines] == [f"- Column {name!r} " for name in bad]
    TableCleaner().fit(X[["good"]])


@pytest.mark.parametrize("max_levels", [0, 1.5, None, "all"])
def test_impossible_max_levels(max_levels):
    with pytest.raises(ValueError, match="'max_levels' parameter"):
        TableCleaner(max_levels=max_levels).fit(TABLE)


def test_the_state_is_plain_and_a_damaged_one_is_a_clear_error():
    state = TableCleaner().fit(TABLE).__getstate__()
    assert all(type(column) is dict for column in state["columns_"])
    del state["columns_"][0]["type"]
    with pytest.raises(ModelFileError, match=r"stored TableCleaner is damaged.*lacks 'type'"):
        TableCleaner().__setstate__(state)
