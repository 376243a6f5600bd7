"""to_onnx: whole models, inputs, options, and what it refuses."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

from sknn_tips import MLPClassifier, tabular_pipeline, to_onnx
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.preprocessing import TableEncoder

FEW = {"hidden_layer_sizes": 16, "max_iter": 8, "tol": None, "random_state": 0}
DTYPES = [np.float32, np.float64]
with_onnx = pytest.mark.usefixtures("skl2onnx")


@pytest.fixture(name="skl2onnx")
def skl2onnx_fixture():
    return pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")


@pytest.fixture(scope="module")
def flowers():
    return load_iris(return_X_y=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
def test_a_pipeline_is_one_graph(flowers, agree, scaler, dtype):
    X, y = flowers[0].astype(dtype), flowers[1]
    graph = agree(make_pipeline(scaler, MLPClassifier(**FEW)).fit(X, y), X)
    assert [each.name for each in graph.graph.input] == ["X"]
    assert [each.name for each in graph.graph.output] == ["label", "probabilities"]


def test_a_search_is_exported_as_its_best_estimator(flowers, agree):
    X, y = flowers
    model = make_pipeline(StandardScaler(), MLPClassifier(**FEW))
    agree(GridSearchCV(model, {"mlpclassifier__alpha": [0, 1]}, cv=2).fit(X, y), X)


def test_integers_are_double_inputs_as_in_predict(flowers, run):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    X, y = (10 * flowers[0]).astype(int), flowers[1]
    model = make_pipeline(StandardScaler(), MLPClassifier(**FEW)).fit(X, y)
    label, probabilities = run(to_onnx(model, X), X.astype(float))
    np.testing.assert_array_equal(label, model.predict(X))
    np.testing.assert_allclose(probabilities, model.predict_proba(X), atol=1e-5)


def test_a_frame_of_numbers_is_one_input(agree):
    X, y = load_iris(return_X_y=True, as_frame=True)
    graph = agree(make_pipeline(StandardScaler(), MLPClassifier(**FEW)).fit(X, y), X)
    assert [each.name for each in graph.graph.input] == ["X"]


def test_a_column_transformer_selects_columns_by_name(agree):
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.set_axis(["a", "b", "c", "d"], axis=1)
    X["kind"] = np.where(X["a"] > 5, "long", "short")
    columns = [("numbers", StandardScaler(), ["a", "d"]), ("text", OneHotEncoder(), ["kind"])]
    for frame, chosen in ((X, columns), (X.drop(columns="kind"), columns[:1])):
        model = make_pipeline(ColumnTransformer(chosen, sparse_threshold=0), MLPClassifier(**FEW))
        agree(model.fit(frame, y), frame)


def test_inputs_have_the_names_of_the_columns(agree):
    rng = np.random.default_rng(0)
    names = ["house size", "größe", "1x", "label"]
    X = pd.DataFrame({name: rng.choice(["a", "b", "c"], 60) for name in names})
    model = make_pipeline(TableEncoder(), MLPClassifier(**FEW)).fit(X, X["1x"])
    graph = agree(model, X)
    # an output has the name of the last one
    assert [each.name for each in graph.graph.input] == [*names[:-1], "label1"]
    assert [each.name for each in graph.graph.output] == ["label", "probabilities"]


def test_a_column_transformer_inside_an_ensemble(agree):
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.set_axis(["a", "b", "c", "d"], axis=1)
    columns = ColumnTransformer([("few", StandardScaler(), ["d", "a"])])
    member = make_pipeline(columns, MLPClassifier(**FEW))
    agree(FoldEnsembleClassifier(member, cv=3, random_state=0).fit(X, y), X)


@pytest.mark.parametrize("opset", [13, 15, 18, 21, {"": 17, "ai.onnx.ml": 3}])
def test_the_opset_is_handed_through(flowers, agree, opset):
    X, y = flowers
    net = MLPClassifier(layernorm=True, activation=["gelu", "maxout"], **FEW)
    net.set_params(hidden_layer_sizes=(8, 8))
    graph = agree(make_pipeline(StandardScaler(), net).fit(X, y), X, target_opset=opset)
    [version] = [each.version for each in graph.opset_import if each.domain == ""]
    assert version <= (opset[""] if isinstance(opset, dict) else opset)


@with_onnx
@pytest.mark.parametrize("opset", [9, {"": 12}])
def test_an_opset_that_is_too_old_is_refused(flowers, opset):
    X, y = flowers
    with pytest.raises(ValueError, match=r"target_opset=.*(9|12).* need version 13"):
        to_onnx(MLPClassifier(**FEW).fit(X, y), X, target_opset=opset)


def test_options_are_handed_through(flowers, run):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    X, y = flowers[0].astype(np.float32), flowers[1]
    net = MLPClassifier(**FEW).fit(X, y)
    for key in (MLPClassifier, id(net)):
        graph = to_onnx(net, X, options={key: {"zipmap": True}})
        [first, *_] = run(graph, X)[1]
        np.testing.assert_allclose(list(first.values()), net.predict_proba(X)[0], atol=1e-5)
    assert len(run(to_onnx(net, X, options={"output_class_labels": True}), X)) == 3


@with_onnx
def test_int8_weights_need_a_quarter_of_the_space(run):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 50)).astype(np.float32)
    y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    net = MLPClassifier((200, 200), layernorm=True, max_iter=5, tol=None, random_state=0)
    model = make_pipeline(StandardScaler(), net).fit(X, y)
    large, small = to_onnx(model, X), to_onnx(model, X, int8=True)
    assert small.ByteSize() < 0.3 * large.ByteSize()
    probabilities = run(small, X)[1]
    exact = model.predict_proba(X)
    assert 1e-6 < abs(probabilities - exact).max() < 0.1
    assert (probabilities.argmax(axis=1) == exact.argmax(axis=1)).mean() > 0.97


@with_onnx
def test_int8_of_a_tabular_pipeline(run):
    X, y = load_iris(return_X_y=True)
    model = tabular_pipeline("classifier", cv=3, random_state=0).set_params(nets__net__max_iter=3)
    model.fit(X, y)  # the encoder returns float32
    large, small = to_onnx(model, X), to_onnx(model, X, int8=True)
    assert small.ByteSize() < 0.4 * large.ByteSize()
    assert abs(run(small, X)[1] - model.predict_proba(X)).max() < 0.1


@with_onnx
def test_int8_of_a_double_graph_is_refused_with_the_remedy(flowers):
    X, y = flowers
    net = MLPClassifier(**FEW).fit(X, y)
    with pytest.raises(ValueError, match=r"int8=True: .* double.* Pass X\.astype\(np\.float32\)"):
        to_onnx(net, X, int8=True)


@with_onnx
def test_a_model_that_is_not_fitted_is_refused(flowers):
    with pytest.raises(NotFittedError):
        to_onnx(MLPClassifier(), flowers[0])


@with_onnx
def test_a_step_without_a_converter_is_named(flowers):
    X, y = flowers

    class Own(FunctionTransformer):
        pass

    model = make_pipeline(Own(), MLPClassifier(**FEW)).fit(X, y)
    with pytest.raises(
        TypeError, match=r"this Pipeline has no converter.*Own.*Leave this part out"
    ):
        to_onnx(model, X)


@with_onnx
def test_X_must_be_a_table(flowers):
    X, y = flowers
    with pytest.raises(ValueError, match=r"X has the shape \(4,\)"):
        to_onnx(MLPClassifier(**FEW).fit(X, y), X[0])


OTHER_COLUMNS = {
    "another order": (lambda X: X[X.columns[::-1]], "must be in the same order"),
    "one missing": (lambda X: X.drop(columns="b"), "now missing:\n- b"),
    "another name": (lambda X: X.rename(columns={"b": "e"}), "unseen at fit time:\n- e"),
}


@with_onnx
@pytest.mark.parametrize(("change", "message"), OTHER_COLUMNS.values(), ids=OTHER_COLUMNS)
@pytest.mark.parametrize("text", [False, True])
def test_other_columns_than_those_of_fit_are_refused_as_in_predict(change, message, text):
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.set_axis(["a", "b", "c", "d"], axis=1)
    if text:
        X["a"] = np.where(X["a"] > 5, "long", "short")
    encoder = TableEncoder() if text else StandardScaler()
    model = make_pipeline(encoder, MLPClassifier(**FEW)).fit(X, y)
    for use in (model.predict, lambda frame: to_onnx(model, frame)):
        with pytest.raises(ValueError, match=message):
            use(change(X))


@with_onnx
def test_columns_in_another_order_are_refused_where_predict_selects_by_name():
    X, y = load_iris(return_X_y=True, as_frame=True)
    columns = ColumnTransformer([("few", StandardScaler(), [0, 3])], remainder="passthrough")
    model = make_pipeline(columns, MLPClassifier(**FEW)).fit(X, y)
    with pytest.raises(ValueError, match="must be in the same order"):
        to_onnx(model, X[X.columns[::-1]])


@with_onnx
def test_another_number_of_features_is_refused_as_in_predict(flowers):
    X, y = flowers
    model = make_pipeline(StandardScaler(), MLPClassifier(**FEW)).fit(X, y)
    with pytest.raises(ValueError, match="X has 3 features, but Pipeline is expecting 4"):
        to_onnx(model, X[:, :3])


@with_onnx
@pytest.mark.parametrize("path", ["model.onnx", Path("model.onnx")])
def test_a_path_is_told_from_samples(flowers, path):
    net = MLPClassifier(**FEW).fit(*flowers)
    with pytest.raises(TypeError, match=r"model\.onnx'.* is a path; .*Write it .* onnx\.save"):
        to_onnx(net, path)


@with_onnx
def test_sparse_samples_are_refused_with_the_remedy(flowers):
    X, y = sparse.csr_array(flowers[0]), flowers[1]
    net = MLPClassifier(**FEW).fit(X, y)
    with pytest.raises(TypeError, match=r"X is a sparse matrix.* Pass X\[:1\]\.toarray\(\)"):
        to_onnx(net, X)
    assert to_onnx(net, X[:1].toarray()).graph.input[0].name == "X"


def test_a_missing_library_names_the_extra(flowers, monkeypatch):
    X, y = flowers
    net = MLPClassifier(**FEW).fit(X, y)
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(ImportError, match=r"requires skl2onnx: pip install 'sknn_tips\[onnx\]'"):
        to_onnx(net, X)


@with_onnx
def test_a_missing_onnxruntime_names_the_extra(flowers, monkeypatch):
    X, y = flowers[0].astype(np.float32), flowers[1]
    net = MLPClassifier(**FEW).fit(X, y)
    monkeypatch.setitem(sys.modules, "onnxruntime.quantization", None)
    with pytest.raises(ImportError, match=r"onnxruntime: pip install 'sknn_tips\[onnx\]'"):
        to_onnx(net, X, int8=True)


@with_onnx
def test_the_model_is_not_changed(flowers):
    X, y = flowers
    net = MLPClassifier(**FEW).fit(X, y)
    before, attributes = net.predict_proba(X), set(vars(net))
    to_onnx(net, pd.DataFrame(X))
    np.testing.assert_array_equal(net.predict_proba(X), before)
    assert set(vars(net)) == attributes
