"""onnxruntime predicts from a file what the model predicts; tests/export tries every part."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sknn_tips import MLPClassifier, to_onnx

onnx = pytest.importorskip("onnx", reason="the extra onnx is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")


@pytest.fixture
def serve(tmp_path):
    """Save a fitted model as a file, and return a session that reads it."""

    def make(model, X):
        onnx.save(to_onnx(model, X), tmp_path / "model.onnx")
        return onnxruntime.InferenceSession(tmp_path / "model.onnx")

    return make


@pytest.mark.parametrize("n_samples", [1, 1000])
def test_a_pipeline(serve, n_samples):
    X, y = load_digits(return_X_y=True)
    X = X.astype(np.float32)
    net = MLPClassifier(32, dropout=0.2, batchnorm=True, max_iter=5, tol=None, random_state=0)
    model = make_pipeline(MinMaxScaler(), net).fit(X, y)
    new = X[:n_samples]
    label, probabilities = serve(model, X).run(None, {"X": new})
    np.testing.assert_array_equal(label, model.predict(new))
    np.testing.assert_allclose(probabilities, model.predict_proba(new), atol=1e-5)


def test_a_table(serve, table, small):
    X, y = table(600, 0)
    model = small("regressor").fit(X, y)
    session = serve(model, X)
    assert [each.name for each in session.get_inputs()] == list(X)
    columns = {name: X[[name]].to_numpy(dtype=float) for name in X if name != "city"}
    [found] = session.run(None, {**columns, "city": X[["city"]].fillna("").to_numpy(dtype=object)})
    np.testing.assert_allclose(found.ravel(), model.predict(X), rtol=1e-5)
