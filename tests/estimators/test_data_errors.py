import textwrap

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from sknn_tips import MLPClassifier, MLPRegressor, evaluate
from sknn_tips.exceptions import DataError

RNG = np.random.RandomState(0)
X, Y = RNG.rand(20, 2), np.tile([0, 1], 10)
LETTERS = np.array([["a", "b"]] * 20)
DAYS = pd.date_range("2020-01-01", periods=20)
QUICK = {"hidden_layer_sizes": 3, "max_iter": 2, "tol": None}
each = pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])

TEXT = [
    (LETTERS, r"column 0 holds 'a', column 1 holds 'b'.*OneHotEncoder"),
    (LETTERS.tolist(), "column 0 holds 'a', column 1 holds 'b'"),
    (LETTERS.astype(object), "column 0 holds 'a', column 1 holds 'b'"),
    (LETTERS.astype(bytes), "column 0 holds b'a'"),
    (
        np.array([[1.5, "a"]] * 20, dtype=object),
        "numbers: column 1 holds 'a'. Use .*tabular_pipeline.* Or encode",
    ),
    ([["1.5", "a"]] * 20, "numbers: column 1 holds 'a'. Use .*tabular_pipeline.* Or encode"),
    (["a"] * 20, "must be a table of numbers.*holds the text 'a'"),
    ("abc", "must be a table of numbers, one row per sample, and holds the text 'abc': X='abc'"),
]


@pytest.mark.parametrize(("bad", "words"), TEXT, ids=[str(i) for i in range(len(TEXT))])
@each
def test_text_in_x_is_an_error_about_x(kind, bad, words):
    est = kind(**QUICK)
    with pytest.raises(DataError, match=f"(?s)^Input X .*{words}"):
        est.fit(bad, Y)
    est.fit(X, Y)
    with pytest.raises(DataError, match=f"(?s)^Input X .*{words}"):
        est.predict(bad)
    if np.ndim(bad) == 2:
        with pytest.raises(DataError, match=r"^Input X contains text"):
            evaluate(est, bad, Y)
        with pytest.raises(DataError, match=r"^X_val or y_val: Input X contains text"):
            est.fit(X, Y, X_val=bad, y_val=Y)


def test_the_lines_in_the_error_about_text_work():
    data = np.array([["f", 1.0, "x"], ["m", 2.0, "x"]] * 10, dtype=object)
    with pytest.raises(DataError) as error:
        MLPClassifier().fit(data, Y)
    names = {"MLPClassifier": lambda: MLPClassifier(learning_rate_init=0.1, random_state=0)}
    exec(textwrap.dedent(str(error.value).split("an order:\n")[1]), names)
    assert names["model"].fit(data, Y).score(data, Y) == 1


def test_numbers_that_are_written_as_text_are_numbers():
    clf = MLPClassifier(**QUICK, random_state=0)
    expected = clf.fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(
        clf.fit(X.astype(str), Y).predict_proba(X.astype(object)), expected
    )


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (DAYS, r"Input y holds dates or times.*\(y - y.min\(\)\) / np.timedelta64"),
        (DAYS.to_numpy(), "Input y holds dates"),
        (pd.Series(DAYS.tz_localize("UTC")), "Input y holds dates"),
        (DAYS - DAYS[0], r"Input y holds dates or times.* y / np.timedelta64"),
        (pd.DataFrame({"a": Y, "day": DAYS}), "Input y holds dates"),
        (pd.Series(DAYS).astype(object), "y holds text or other values that are no.*Timestamp"),
    ],
    ids=["index", "array", "with zone", "spans", "frame", "objects"],
)
def test_a_regressor_does_not_learn_dates(y, words):
    with pytest.raises(DataError, match=words):
        MLPRegressor().fit(X, y)


def test_a_regressor_does_not_learn_dates_of_polars():
    polars = pytest.importorskip("polars", reason="polars is an optional input")
    y = polars.Series(DAYS.to_pydatetime().tolist())
    with pytest.raises(DataError, match="Input y holds dates"):
        MLPRegressor().fit(X, y)


def test_a_classifier_learns_dates_as_labels_as_scikit_learn_does():
    days = DAYS[:2].to_numpy()[Y]
    assert MLPClassifier(**QUICK).fit(X, days).classes_.tolist() == DAYS[:2].to_numpy().tolist()


@each
def test_dates_in_x_are_no_numbers(kind):
    days = np.c_[DAYS, DAYS]
    with pytest.raises(DataError, match="Input X holds dates or times"):
        kind().fit(days, Y)
    with pytest.raises(DataError, match=r"0 holds datetime64.*1 holds datetime64"):
        kind().fit(pd.DataFrame(days), Y)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT], ids=str)
@pytest.mark.parametrize("form", [np.array, list, pd.Series], ids=["array", "list", "series"])
def test_missing_labels_are_named(missing, form):
    labels = np.array(["no", "yes"], dtype=object)[Y]
    labels[[3, 5]] = missing
    y = form(labels)
    words = "Input y contains None or NaN: 2 of 20 rows, the first at position 3. Drop these rows"
    with pytest.raises(DataError, match=words):
        MLPClassifier().fit(X, y)
    with pytest.raises(DataError, match=words):
        MLPClassifier().partial_fit(X, y, classes=["no", "yes"])
    with pytest.raises(DataError, match=f"^X_val or y_val: {words}"):
        MLPClassifier().fit(X, np.array(["no", "yes"])[Y], X_val=X, y_val=y)


@pytest.mark.parametrize("dtype", ["category", "string"])
def test_missing_labels_in_columns_of_pandas(dtype):
    y = pd.Series(np.array(["no", "yes"], dtype=object)[Y], dtype=dtype)
    y[3] = None
    with pytest.raises(DataError, match="Input y contains None or NaN: 1 of 20 rows"):
        MLPClassifier().fit(X, y)


@pytest.mark.parametrize(
    ("missing", "what"), [(None, "None or NaN"), (np.nan, "None or NaN"), (np.inf, "NaN or infin")]
)
def test_objects_that_are_numbers_for_a_regressor(missing, what):
    y = Y.astype(object)
    y[3] = missing
    with pytest.raises(DataError, match=f"Input y contains {what}.*1 of 20 rows.*position 3"):
        MLPRegressor().fit(X, y)


def test_sparse_targets_are_left_alone():
    y = np.c_[Y, 1 - Y]
    assert MLPClassifier(**QUICK).fit(X, sparse.csr_array(y)).predict(X).shape == (20, 2)


def test_predicting_is_not_training():
    clf = MLPClassifier(**QUICK).fit(X, Y)
    with pytest.raises(DataError, match=r"MLPClassifier cannot work with: column 0 \(20 NaN\)"):
        clf.predict(np.c_[np.full(20, np.nan), X[:, 1]])


@each
def test_numbers_too_large_for_float32_set_off_no_warning_of_numpys(kind):
    data = (X - X.mean(axis=0)) * 1e39  # both signs: their sum in float32 is no number
    with pytest.raises(DataError, match="too large"):
        kind().fit(data, Y)


@each
def test_of_objects_that_are_no_text_scikit_learn_says_what_they_are(kind):
    for bad in (np.array([[{"a": 1}]] * 20), {"a": 1}):
        with pytest.raises(TypeError, match=r"argument must be .* string .* number, not 'dict'"):
            kind().fit(bad, Y)


@pytest.mark.parametrize("form", [np.array, list, pd.Series], ids=["array", "list", "series"])
@pytest.mark.parametrize("words", [["1", "2.5"], ["1", 2.5]], ids=["text", "mixed"])
def test_a_regressor_takes_no_numbers_written_as_text(form, words):
    values = words * 10 if form is list else form(np.array(words * 10, dtype=object))
    with pytest.raises(DataError, match=r"y holds text.*it holds '1'.*pandas.to_numeric"):
        MLPRegressor(max_iter=1).fit(np.zeros((20, 1)), values)


@each
@pytest.mark.parametrize("form", [np.array, np.ndarray.tolist, pd.DataFrame, sparse.csr_matrix])
def test_complex_numbers_are_no_features(kind, form):
    X = form(np.full((20, 2), 1 + 2j))
    with pytest.raises(DataError, match=r"^Complex data not supported: X .*X\.imag\]\)\.$"):
        kind(max_iter=1).fit(X, np.tile([0, 1], 10))


TABLE = pd.DataFrame(RNG.rand(20, 3), columns=list("abc"))
REORDER = r"Pass X\[model\.feature_names_in_\]"


@pytest.mark.parametrize("X", [TABLE[list("cba")], TABLE.assign(d=0.0)], ids=["order", "more"])
@each
def test_columns_in_another_order_are_selected_by_their_names(kind, X):
    model = kind(**QUICK).fit(TABLE, Y)
    with pytest.raises(DataError, match=REORDER):
        model.predict(X)
    np.testing.assert_array_equal(
        model.predict(X[model.feature_names_in_]), model.predict(TABLE), strict=True
    )


@pytest.mark.parametrize("X", [TABLE[["a", "b"]], TABLE.rename(columns={"c": "C"})])
def test_missing_columns_cannot_be_selected(X):
    model = MLPClassifier(**QUICK).fit(TABLE, Y)
    with pytest.raises(DataError, match=r"(?s)now missing:\n- c\nRename or add") as error:
        model.predict(X)
    assert "Pass" not in str(error.value)


def test_names_of_several_types_are_scikit_learns_error():
    X = TABLE.rename(columns={"b": 1})
    model = MLPClassifier(**QUICK)
    with pytest.raises(TypeError, match=r"^Feature names are only .* to a non-string data type\.$"):
        model.fit(X, Y)
    with pytest.raises(TypeError, match=r"^X_val or y_val: Feature names are only supported"):
        model.fit(TABLE, Y, X_val=X, y_val=Y)
