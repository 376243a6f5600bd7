"""Run an exported graph in onnxruntime, and compare it with the model."""

import numpy as np
import pandas as pd
import pytest

DTYPES = {1: np.float32, 8: object, 9: bool, 11: np.float64}  # of ONNX's types


def feeds(graph, X):
    """Return X as the inputs of the graph."""
    inputs = {each.name: DTYPES[each.type.tensor_type.elem_type] for each in graph.graph.input}
    if list(inputs) == ["X"]:
        return {"X": pd.DataFrame(X).to_numpy(inputs["X"], na_value=np.nan)}
    found = {}
    for (name, dtype), column in zip(inputs.items(), X, strict=True):
        cells = X[column]
        if dtype is object:
            cells = ["" if pd.isna(cell) else str(cell) for cell in cells]
        found[name] = pd.array(cells).to_numpy(dtype, na_value=np.nan).reshape(-1, 1)
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
