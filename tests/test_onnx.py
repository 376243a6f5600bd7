"""The import registers converters, for programs that call skl2onnx themselves."""

import subprocess
import sys

import pytest

pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")

FIT = """
import numpy as np, onnxruntime, skl2onnx
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sknn_tips import MLPClassifier
X, y = load_iris(return_X_y=True)
X = X.astype(np.float32)
model = make_pipeline(StandardScaler(), MLPClassifier(8, tol=None, max_iter=3)).fit(X, y)
"""
CONVERT = """
graph = skl2onnx.to_onnx(model, X[:1], options={"zipmap": False})
session = onnxruntime.InferenceSession(graph.SerializeToString())
label, probabilities = session.run(None, {"X": X})
print((label == model.predict(X)).all(), np.allclose(probabilities, model.predict_proba(X)))
"""


def run(code):
    """Run code in a new process, since converters are registered once for all."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_skl2onnx_converts_after_the_import():
    result = run(FIT + "import sknn_tips.onnx" + CONVERT)
    assert result.stdout.split() == ["True", "True"], result.stderr


def test_skl2onnx_does_not_convert_without_it():
    result = run(FIT + CONVERT)
    assert result.returncode != 0
    assert "MissingShapeCalculator" in result.stderr


def test_without_skl2onnx_the_import_names_the_extra():
    result = run("import sys\nsys.modules['skl2onnx'] = None\nimport sknn_tips.onnx")
    assert "ImportError" in result.stderr
    assert "pip install 'sknn_tips[onnx]'" in result.stderr
