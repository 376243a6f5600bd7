"""What is learned about one column, and how later values are converted."""

import decimal

import numpy as np
import pandas as pd
import pytest

from sknn_tips.exceptions import DataError, HintWarning
from sknn_tips.preprocessing import columns
from sknn_tips.preprocessing.columns import (
    CategoryColumn,
    EmptyColumn,
    NumberColumn,
    column_of,
    learn_column,
    plain_column,
)


def learn(values, max_levels=50, **options):
    return learn_column(pd.Series(values, **options), "a", max_levels)


def levels(values, max_levels=50, **options):
    return learn(values, max_levels, **options).dtype.categories.tolist()


def convert(fitted_on, new, **options):
    learned = learn(fitted_on)
    return learned.convert(pd.Series(new, **options), "a")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, decimal.Decimal(3), np.float32(4), None], NumberColumn),
        ([1, True], CategoryColumn),
        ([True, None], CategoryColumn),
        ([1, "1"], CategoryColumn),
        (["1", "2"], CategoryColumn),
        ([(1, 2), (3,)], CategoryColumn),
        ([None, np.nan, pd.NA, pd.NaT], EmptyColumn),
    ],
)
def test_kind_of_objects(values, kind):
    assert type(learn(values, dtype=object)) is kind


def test_levels_are_text_in_sorted_order():
    assert levels(["b", None, "a", "b", "C"]) == ["C", "a", "b"]
    assert levels(pd.Categorical([3, 1, None], categories=[3, 2, 1])) == ["1", "3"]
    assert levels([False, True]) == ["False", "True"]
    assert levels(pd.Categorical([0.5, 2.0])) == ["0.5", "2"]


@pytest.mark.parametrize(
    ("n_levels", "n_samples", "n_kept"),
    [(60, 9, 50), (60, 10, 60), (300, 12, 250), (30, 1, 30)],
)
def test_levels_of_enough_samples_are_kept_beyond_fifty(n_levels, n_samples, n_kept):
    values = [f"level {i:03}" for i in range(n_levels)] * n_samples
    kept = levels(pd.Categorical(values), max_levels="auto")
    expected = [f"level {i:03}" for i in range(n_kept)]
    assert kept == expected + ["infrequent"] * (n_kept < n_levels)


def test_many_samples_have_fewer_levels(monkeypatch):
    values = pd.Categorical([f"level {i}" for i in range(80)] * 10)
    monkeypatch.setattr(columns, "MOST_CELLS", 20 * 800)
    assert len(levels(values, max_levels="auto")) == 50 + 20 + 1
    monkeypatch.setattr(columns, "MOST_CELLS", 0)
    assert len(levels(values, max_levels="auto")) == 50 + 1


def test_fifty_levels_are_kept_beside_frequent_ones():
    values = ["a"] * 20 + ["b"] * 20 + [f"rare {i:02}" for i in range(70)]
    kept = levels(pd.Categorical(values), max_levels="auto")
    assert kept == ["a", "b", *(f"rare {i:02}" for i in range(48)), "infrequent"]


@pytest.mark.parametrize(
    "new",
    [
        [2, 1],
        np.array([2, 1], dtype=np.int8),
        [2.0, 1.0],
        ["2", "1"],
        [decimal.Decimal(2), np.float32(1)],
        pd.Categorical([2, 1]),
        pd.Categorical(["2", "1"], categories=["2", "x", "1"]),
        pd.array([2, 1], dtype="Int64"),
        pd.arrays.SparseArray([2, 1]),
    ],
)
def test_integers_are_the_same_level_whatever_their_type(new):
    converted = convert(pd.Categorical([1, 1, 2]), new)
    assert converted.tolist() == ["2", "1"]
    assert converted.categories.tolist() == ["1", "2"]


def test_levels_of_the_same_text_are_one():
    assert levels(["1", 1, 1.0, 2], dtype=object) == ["1", "2"]


def test_missing_stays_missing_and_unseen_becomes_missing():
    converted = convert(["a", "b"], ["b", None, "c", pd.NA, np.nan], dtype=object)
    assert converted.codes.tolist() == [1, -1, -1, -1, -1]


def test_the_most_frequent_levels_are_kept_and_ties_are_sorted():
    values = list("zzzyyxxwwv")
    assert levels(values, 2) == ["w", "z", "infrequent"]
    assert levels(values, 5) == ["v", "w", "x", "y", "z"]
    learned = learn(values, 3)
    later = pd.Series(["z", "y", "v", "new", None])
    assert learned.convert(later, "a").tolist()[:-1] == ["z", "infrequent"] + ["infrequent"] * 2


def test_the_order_of_the_rows_does_not_matter():
    values = list("zzzyyxxwwv")
    assert levels(values, 3) == levels(values[::-1], 3)


def test_the_name_of_the_infrequent_level_is_never_that_of_a_kept_one():
    values = ["infrequent"] * 3 + ["infrequent_"] * 2 + ["a"]
    assert levels(values, 2) == ["infrequent", "infrequent_", "infrequent__"]
    converted = learn(values, 2).convert(pd.Series(["infrequent", "a", "b"]), "a")
    assert converted.tolist() == ["infrequent", "infrequent__", "infrequent__"]


@pytest.mark.parametrize(
    "new",
    [["3", None], [3, None], pd.Categorical(["3", None]), pd.array([3, None], dtype="Float64")],
)
def test_later_numbers_may_have_another_type(new):
    np.testing.assert_array_equal(convert([1, 2], new), [3, np.nan])


@pytest.mark.parametrize(
    ("new", "example"),
    [
        (["1", "many"], "'many'"),
        (["1", ""], "''"),
        (pd.to_datetime(["2020-01-01"]), "Timestamp"),
        (pd.to_timedelta(["1s"]), "Timedelta"),
        ([1j], "1j"),
        ([[1]], r"\[1\]"),
        (pd.Series([10**400], dtype=object), "1000"),
    ],
)
def test_later_values_that_are_no_numbers(new, example):
    with pytest.raises(DataError, match=rf"'a' held numbers in fit and now holds {example}.*pd.to"):
        convert([1, 2], new)


def test_nothing_is_learned_of_an_empty_column():
    for empty in ([None, None], pd.Categorical([None], categories=["x"]), [np.nan]):
        assert convert(empty, ["x", 1, None], dtype=object).tolist() == [0, 0, 0]


def test_an_error_shows_a_part_of_a_long_value():
    with pytest.raises(DataError) as error:
        convert([1.0], ["x" * 1000])
    assert "'" + "x" * 56 + "..." in str(error.value)


def test_text_whose_values_do_not_repeat_is_no_category():
    texts = [f"text {i}" for i in range(400)]
    assert len(levels(texts[:360] + texts[:40], 999)) == 360
    assert len(levels(pd.Categorical(texts), 999)) == 400
    for dtype in (object, "str"):
        with pytest.raises(DataError, match="361 different values among 400, such as 'text 0'"):
            learn(texts[:361] + texts[:39] + [None] * 900, dtype=dtype)


def test_dates_as_text_are_no_category():
    days = pd.date_range("2026-01-01", periods=30).strftime("%Y-%m-%d").tolist() * 9
    assert len(levels(pd.Categorical(days))) == 30
    with pytest.raises(DataError, match=r"'a' holds dates as text, such as '2026-01-01'.*datetime"):
        learn(days)


@pytest.mark.parametrize(
    "numbers",
    [
        np.arange(200),
        np.random.default_rng(0).permutation(1000)[:250] + 1_000_000,
        np.arange(200.0) * 3,
        pd.array(range(200), dtype="Int64"),
    ],
)
def test_integers_that_number_the_rows_are_hinted_at(numbers):
    with pytest.warns(HintWarning, match=r"'a' looks like an identifier.*X.drop\(columns=\['a'\]"):
        learn(numbers)


@pytest.mark.parametrize(
    "numbers",
    [
        np.arange(199),  # few
        np.r_[np.arange(250), 0],  # one occurs again
        [*range(250), None],
        np.arange(250) + 0.5,
        np.arange(250) * 3600 + 1_700_000_000,  # sorted time stamps
        np.random.default_rng(0).choice(10**6, 250, replace=False),
    ],
)
def test_of_other_numbers_there_is_no_hint(numbers):
    assert type(learn(numbers)) is NumberColumn  # a warning would be an error


def test_many_numbers_as_text_are_no_category():
    texts = [f"{i}.5" for i in range(60)] * 3
    assert len(levels(texts, 60)) == 60
    assert len(levels(pd.Categorical(texts), 50)) == 51
    assert len(levels([*texts, "none"], 50)) == 51
    with pytest.raises(DataError, match=r"60 different numbers written as text, such as '0.5'"):
        levels(texts, 50)


@pytest.mark.parametrize("values", [[1, 2], [None, None], ["a", "b", "b"]])
def test_a_learnt_type_is_stored_as_plain_values(values):
    column = learn(values)
    stored = plain_column(column)
    assert {type(value) for value in stored.values()} <= {str, list, int}
    for given in (stored, column):  # files of earlier versions hold the object
        found = column_of(given)
        assert (type(found), vars(found)) == (type(column), vars(column))


def test_another_stored_type_is_an_error():
    with pytest.raises(ValueError, match="'print', which is none of EmptyColumn, NumberColumn"):
        column_of({"type": "print"})
