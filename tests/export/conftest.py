"""Run an exported graph in onnxruntime, and compare it with the model."""

import numpy as np
import pandas as pd
import pytest

from sknn_tips import to_onnx


def feeds(graph, X):
    """Return X as the inputs of the graph."""
    if not isinstance(X, pd.DataFrame):
        return {"X": X}
    if [each.name for each in graph.graph.input] == ["X"]:
        return {"X": X.to_numpy()}
    found = {}
    for each, name in zip(graph.graph.input, X, strict=True):
        kind = each.type.tensor_type.elem_type
        dtype = {1: np.float32, 8: object, 9: bool, 11: np.float64}[kind]
        column = X[[name]].astype(object)
        found[each.name] = (column.fillna("") if dtype is object else column).to_numpy(dtype)
    return found


def run(graph, X):
    """Return the outputs of the graph for X."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    return session.run(None, feeds(graph, X))


def compare(graph, model, X, tolerance=1e-5):
    """Assert that the graph predicts for X what the model predicts."""
    found = run(graph, X)
    if hasattr(model, "predict_proba"):
        label, probabilities = found
        expected = model.predict(X)
        assert label.shape == expected.shape
        assert label.dtype.kind in ("O" if expected.dtype.kind in "OU" else expected.dtype.kind)
        np.testing.assert_array_equal(label, expected)
        np.testing.assert_allclose(probabilities, model.predict_proba(X), atol=tolerance, rtol=0)
    else:
        [values] = found
        expected = np.asarray(getattr(model, "predict", getattr(model, "transform", None))(X))
        assert len(values) == len(expected)
        np.testing.assert_allclose(
            values.reshape(expected.shape), expected, atol=tolerance, rtol=tolerance
        )


@pytest.fixture
def agree():
    """Assert that a fitted model and its graph agree for X, or for `new` samples; return it."""
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")

    def check(model, X, new=None, **options):
        graph = to_onnx(model, X, **options)
        compare(graph, model, X if new is None else new)
        return graph

    return check


@pytest.fixture(name="run")
def run_fixture():
    """Run a graph for X and return its outputs."""
    return run
