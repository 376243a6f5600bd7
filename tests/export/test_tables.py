"""Graphs of TableCleaner and TableEncoder: numbers, text, booleans and categories."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)

from sknn_tips import tabular_pipeline, to_onnx
from sknn_tips.preprocessing import PiecewiseLinearEncoder, TableCleaner, TableEncoder

N = 240


def made(seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, N),
            "income": np.where(rng.random(N) < 0.2, np.nan, rng.exponential(size=N)),
            "plan": rng.choice(["a", "b", "c"], N, p=[0.2, 0.2, 0.6]),
            "member": rng.random(N) < 0.5,
            "color": rng.choice(["red", "green", None], N),
            "floor": pd.Categorical(rng.choice([1, 2, 30], N)),
            "grade": pd.Categorical(rng.choice([1.5, 2.0, np.nan], N)),
            "only": "one",
            "empty": np.nan,
        }
    )


@pytest.fixture
def table():
    return made()


@pytest.fixture
def strange():
    """New samples with levels and missing values that the table does not have."""
    X = made(1)
    X.loc[:20, "plan"] = "never seen"
    X.loc[21:40, "plan"] = None
    X["age"] = X["age"].astype(float)
    X.loc[:10, "age"] = np.nan
    X.loc[:30, "color"] = "blue"
    X["empty"] = 5.0
    return X


@pytest.fixture
def y(table):
    return np.where((table["age"] > 50) & (table["plan"] != "c"), "yes", "no")


ENCODERS = {
    "default": TableEncoder(),
    "all levels": TableEncoder(categorical=OneHotEncoder(handle_unknown="ignore")),
    "first dropped": TableEncoder(categorical=OneHotEncoder(drop="first")),
    "ordinal": TableEncoder(StandardScaler(), OrdinalEncoder()),
    "target": TableEncoder(StandardScaler(), TargetEncoder(cv=3)),
    "numbers as they are": TableEncoder("passthrough"),
    "no numbers": TableEncoder("drop"),
    "no categories": TableEncoder(PiecewiseLinearEncoder(4, strategy="tree"), "drop"),
    "infrequent": TableEncoder(max_levels=1),
}


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=list(ENCODERS))
def test_encoders_agree_on_known_and_strange_samples(table, strange, y, agree, run, encoder):
    encoder.fit(table, y)
    graph = agree(encoder, table)
    [found] = run(graph, strange)
    assert found.dtype == np.float32
    expected = encoder.transform(strange)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-5)


def test_multiclass_target_encoding_has_features_for_each_class(table, agree):
    y = np.random.default_rng(0).choice(["a", "b", "c"], N)
    encoder = TableEncoder("drop", TargetEncoder(cv=3)).fit(table, y)
    assert encoder.transform(table).shape[1] == 18
    agree(encoder, table)


def test_an_empty_string_that_is_a_level_is_no_missing_value(agree, run):
    X = pd.DataFrame({"a": ["", "x", "y", ""], "b": ["", None, "z", None]})
    encoder = TableEncoder().fit(X)
    names = list(encoder.get_feature_names_out())
    [found] = run(agree(encoder, X.fillna({"b": ""}), X.fillna({"b": ""})), X)
    assert found[:, names.index("a_")].tolist() == [1, 0, 0, 1]
    assert found[:, names.index("b_")].tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize("value", ["text", True, 3.0])
def test_a_column_that_was_empty_in_fit_is_0_for_any_values(table, agree, value):
    encoder = TableEncoder().fit(table)
    agree(encoder, table.assign(empty=value))


def test_a_matrix_of_numbers_is_one_input(agree):
    X = np.c_[np.arange(20.0), np.where(np.arange(20) % 3, 1.0, np.nan), np.full(20, np.nan)]
    graph = agree(TableEncoder().fit(X), X)
    assert [each.name for each in graph.graph.input] == ["X"]


def test_a_matrix_of_objects_has_an_input_for_each_column(run):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    X = np.array([[1, "a"], [2.5, "b"], [None, "a"]], dtype=object)
    encoder = TableEncoder().fit(X)
    graph = to_onnx(encoder, X)
    [found] = run(graph, pd.DataFrame(X, columns=["x0", "x1"]))
    np.testing.assert_allclose(found, encoder.transform(X), atol=1e-6)


@pytest.mark.parametrize("dtype", ["boolean", object, "category"])
def test_booleans_with_missing_values_are_text(agree, dtype):
    X = pd.DataFrame({"member": [True, False, None] * 4, "rate": np.arange(12.0)})
    X["member"] = X["member"].astype(dtype)
    graph = agree(TableEncoder().fit(X), X)
    assert graph.graph.input[0].type.tensor_type.elem_type == 8  # string


def test_codes_with_a_bin_each_and_many_levels(agree):
    rng = np.random.RandomState(0)
    shop = rng.randint(0, 60, 900)
    X = pd.DataFrame({"shop": shop, "city": pd.Categorical(rng.randint(0, 60, 900).astype(str))})
    encoder = TableEncoder().fit(X, rng.rand(60)[shop] > 0.5)
    assert len(encoder.get_feature_names_out()) > 110
    new = pd.DataFrame({"shop": [0.5, 59.0, -1.0, 30.0], "city": ["3", "59", "new", "0"]})
    agree(encoder, X, new)


def test_float32_numbers_are_float_inputs(table, agree):
    X = table[["age", "income", "plan"]].astype({"age": np.float32, "income": np.float32})
    graph = agree(TableEncoder().fit(X), X)
    assert [each.type.tensor_type.elem_type for each in graph.graph.input] == [1, 1, 8]


def test_a_polars_table(table, run):
    pl = pytest.importorskip("polars")
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    X = table[["age", "income", "plan", "member"]]
    theirs = pl.DataFrame({name: X[name].to_list() for name in X})
    encoder = TableEncoder().fit(theirs)
    [found] = run(to_onnx(encoder, theirs), X)
    np.testing.assert_allclose(found, encoder.transform(theirs), atol=1e-6)


def test_the_cleaner_returns_numbers_and_text_by_column(table, strange, run):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    cleaner = TableCleaner(max_levels=2).fit(table)
    graph = to_onnx(cleaner, table)
    expected = cleaner.transform(strange)
    for found, (_, column) in zip(run(graph, strange), expected.items(), strict=True):
        text = column.dtype == "category"
        clean = column.astype(object).fillna("").to_numpy() if text else column.to_numpy()
        np.testing.assert_array_equal(found[:, 0], clean)


def test_the_cleaner_of_numbers_returns_a_matrix(table, agree):
    X = table[["age", "income", "empty"]]
    agree(TableCleaner().fit(X), X)


def test_text_where_fit_had_numbers_is_refused(table):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    encoder = TableEncoder().fit(table)
    with pytest.raises(TypeError, match=r"Column 'age' held numbers in fit, and X has text"):
        to_onnx(encoder, table.assign(age="old"))


def test_other_encoders_of_categories_are_refused(table):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    encoder = TableEncoder(categorical=FunctionTransformer(lambda X: X.notna())).fit(table)
    with pytest.raises(TypeError, match=r"can translate OneHotEncoder, .* Fit with one of these"):
        to_onnx(encoder, table)


def test_tabular_pipeline_is_one_graph(table, strange, y, agree):
    model = tabular_pipeline("classifier", cv=3, random_state=0).set_params(nets__net__max_iter=3)
    agree(model.fit(table, y), table, strange)
