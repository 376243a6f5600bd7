"""Frames as they come from files and data bases: each is encoded right, or says what to do."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from sknn_tips.exceptions import DataError
from sknn_tips.preprocessing import TableCleaner, TableEncoder

NUMBERS = {
    "integers": ([1, 2, 4], [1, 2, 4]),
    "nullable integers": (pd.array([1, None, 4], dtype="Int64"), [1, np.nan, 4]),
    "nullable floats": (pd.array([1, None, 0.5], dtype="Float64"), [1, np.nan, 0.5]),
    "pd.NA among objects": (pd.Series([1, pd.NA, 0.5], dtype=object), [1, np.nan, 0.5]),
    "None among objects": (pd.Series([1, None], dtype=object), [1, np.nan]),
    "decimals": ([Decimal("1.5"), None, Decimal("NaN")], [1.5, np.nan, np.nan]),
    "fractions": ([Fraction(1, 2), 3], [0.5, 3]),
    "numpy scalars": (pd.Series([np.float32(0.5), np.int8(2)], dtype=object), [0.5, 2]),
    "sparse": (pd.arrays.SparseArray([0, 0, 1.5]), [0, 0, 1.5]),
    "half precision": (np.array([1, 2], dtype=np.float16), [1, 2]),
    "unsigned": (np.array([1, 255], dtype=np.uint8), [1, 255]),
    "large integers": ([10**17, 10**18], [1e17, 1e18]),
    "all missing": ([np.nan, np.nan], [0.0, 0.0]),
    "all None": ([None, None], [0.0, 0.0]),
    "all missing dates": (pd.to_datetime([None, None]), [0.0, 0.0]),
}
CATEGORIES = {
    "text": (["b", None, "a"], ["b", None, "a"]),
    "python strings": (pd.array(["b", None], dtype="string[python]"), ["b", None]),
    "bools": ([True, False], ["True", "False"]),
    "nullable bools": (pd.array([True, None], dtype="boolean"), ["True", None]),
    "bools and None": ([True, None, False], ["True", None, "False"]),
    "mixed types": ([1, "a", None, 2.5], ["1", "a", None, "2.5"]),
    "category of text": (pd.Categorical(["b", None]), ["b", None]),
    "category of integers": (pd.Categorical([3, None, 1]), ["3", None, "1"]),
    "ordered category": (pd.cut([1, 5], [0, 2, 8]), ["(0, 2]", "(2, 8]"]),
    "intervals": (pd.arrays.IntervalArray.from_breaks([0, 1, 2]), ["(0, 1]", "(1, 2]"]),
    "sparse bools": (pd.arrays.SparseArray([True, False]), ["True", "False"]),
    "tuples": ([(1, 2), (1, 2)], ["(1, 2)", "(1, 2)"]),
    "empty text": (["", "a"], ["", "a"]),
    "the word nan": (["nan", None], ["nan", None]),
    "one level": (["a", "a"], ["a", "a"]),
}
DAY = datetime.datetime(2020, 5, 1)
ERRORS = {
    "dates": (pd.date_range(DAY, periods=2), r"dates or times.*2020-05-01.*X\['odd'\].dt.year"),
    "dates with zone": (pd.date_range(DAY, periods=2, tz="UTC"), "dates or times.*DatetimeEncod"),
    "date objects": ([DAY.date(), None], r"dates or times.*date\(2020, 5, 1\)"),
    "times": ([DAY.time()], "times, such as.*total_seconds"),
    "time spans": (pd.to_timedelta([1, 2], unit="s"), "time spans.*total_seconds"),
    "periods": (pd.period_range(DAY, periods=2, freq="M"), "dates or times"),
    "dates among text": ([DAY, "unknown"], "dates or times"),
    "infinity": ([1, np.inf, -np.inf], "infinity in 2 of 3 rows. Replace it by NaN"),
    "infinite decimals": ([Decimal("Infinity")], "infinity in 1 of 1 rows"),
    "complex": ([1j, 2], "Complex data not supported.*two columns"),
    "complex objects": (pd.Series([1j, None], dtype=object), "Complex data not supported"),
    "lists": ([[1], [2]], r"holds \[1\], which is neither"),
    "dicts": ([{"a": 1}], r"holds \{'a': 1\}, which is neither"),
    "arrays": (pd.Series([np.zeros(1), None]), "neither a number nor a category.*drop it"),
    "identifiers": ([f"id{i}" for i in range(300)], "300 different values among 300.*astype"),
    "numbers as text": ([f"{i}.5" for i in range(60)], r"pd.to_numeric\(X\['odd'\]\)"),
}
PYARROW = {
    "int64[pyarrow]": ([1, None], "float64"),
    "bool[pyarrow]": ([True, None], "category"),
    "string[pyarrow]": (["a", None], "category"),
    "timestamp[ns][pyarrow]": ([DAY, None], "dates or times"),
    "date32[day][pyarrow]": ([DAY.date(), None], "dates or times"),
}


def frame(values):
    """Return a frame of the odd column beside a plain one."""
    return pd.DataFrame({"odd": values, "plain": np.arange(len(values)) % 100})


@pytest.mark.parametrize(("values", "expected"), NUMBERS.values(), ids=list(NUMBERS))
def test_numbers(values, expected):
    X = frame(values)
    clean = TableCleaner().fit_transform(X)
    assert clean["odd"].dtype == np.float64
    np.testing.assert_array_equal(clean["odd"], expected)
    encoded = TableEncoder("passthrough").fit_transform(X)
    missing = np.isnan(expected)
    fill = 0 if missing.all() else np.nanmedian(expected)
    np.testing.assert_array_equal(encoded[:, 0], np.float32(np.where(missing, fill, expected)))
    assert encoded.shape[1] == 2 + missing.any()
    assert np.isfinite(TableEncoder().fit_transform(X)).all()


@pytest.mark.parametrize(("values", "expected"), CATEGORIES.values(), ids=list(CATEGORIES))
def test_categories(values, expected):
    X = frame(values)
    clean = TableCleaner().fit_transform(X)
    assert isinstance(clean["odd"].dtype, pd.CategoricalDtype)
    assert [None if pd.isna(value) else value for value in clean["odd"]] == expected
    encoded = TableEncoder("passthrough").fit_transform(X)[:, 1:]
    rows = {level: row.tolist() for level, row in zip(expected, encoded, strict=True)}
    assert len(set(map(tuple, rows.values()))) == len(rows)  # one row a level


@pytest.mark.parametrize(("values", "words"), ERRORS.values(), ids=list(ERRORS))
@pytest.mark.parametrize("transformer", [TableCleaner(), TableEncoder()])
def test_errors_name_the_column_and_the_remedy(transformer, values, words):
    with pytest.raises(DataError, match=f"olumn 'odd' holds {words}|{words}") as error:
        transformer.fit(frame(values))
    assert "olumn 'odd' holds" in str(error.value)


@pytest.mark.parametrize("dtype", PYARROW)
def test_pyarrow(dtype):
    pytest.importorskip("pyarrow", reason="pyarrow is optional")
    values, expected = PYARROW[dtype]
    X = frame(pd.array(values, dtype=dtype))
    if " " in expected:
        with pytest.raises(DataError, match=expected):
            TableCleaner().fit(X)
    else:
        clean = TableCleaner().fit_transform(X)
        assert str(clean["odd"].dtype) == expected
        assert clean["odd"].isna().tolist() == [False, True]


def test_lists_of_pyarrow():
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is optional")
    dtype = pd.ArrowDtype(pyarrow.list_(pyarrow.int64()))
    with pytest.raises(DataError, match="which is neither a number nor a category"):
        TableCleaner().fit(frame(pd.array([[1], [2]], dtype=dtype)))


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (
            ["12", "many"],
            r"'odd' held numbers in fit and now holds 'many'. Convert it by pd.to_num",
        ),
        ([np.inf, 1], "'odd' holds infinity in 1 of 2 rows"),
    ],
)
def test_numbers_that_go_wrong_later(later, words):
    encoder = TableEncoder().fit(frame([1, 2, 3]))
    with pytest.raises(DataError, match=words):
        encoder.transform(frame(later))


def test_a_column_of_text_that_was_empty_in_one_fold():
    encoder = TableEncoder().fit(frame([None, None]))
    np.testing.assert_array_equal(
        encoder.transform(frame(["a", "b"])), encoder.transform(frame([None, None]))
    )


def test_a_sparse_matrix_is_an_error_of_the_table():
    with pytest.raises(DataError, match="pass X to the estimators themselves"):
        TableEncoder().fit(sparse.csr_matrix(np.eye(3)))


def test_polars_dates_and_lists():
    polars = pytest.importorskip("polars", reason="polars is optional")
    for values, words in (
        ([DAY.date()], "dates or times"),
        ([DAY - DAY], "time spans"),
        ([[1]], "neither a number nor a category"),
        ([{"a": 1}], "neither a number nor a category"),
    ):
        with pytest.raises(DataError, match=words):
            TableEncoder().fit(polars.DataFrame({"odd": values}))
