"""Random models as ONNX graphs: they predict what the model predicts."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import is_classifier

from sknn_tips import to_onnx
from tests.export.graphs import run
from tests.random_cases.strategies import KINDS, several_cases
from tests.random_cases.test_copies import fitted as fitted_network
from tests.random_cases.test_tables import fitted_tabular

pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
both = pytest.mark.parametrize("kind", KINDS)
TOLERANCE = 1e-4  # of a probability, or relative to the largest value; both compute in float32


def check_graph(model: Any, X: Any) -> None:
    """Check that the outputs of the graph of a model are its predictions."""
    found = run(to_onnx(model, X), X)
    if not is_classifier(model):
        expected = model.predict(X)
        scale = max(1.0, float(np.abs(expected).max()))
        values = found[0].reshape(expected.shape)
        np.testing.assert_allclose(values, expected, rtol=0, atol=TOLERANCE * scale)
        return
    labels, probabilities = found
    expected = model.predict_proba(X)
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=TOLERANCE)
    predicted = model.predict(X)
    predicted = predicted.toarray() if hasattr(predicted, "toarray") else predicted
    certain = is_certain(expected, several=predicted.ndim == 2)
    np.testing.assert_array_equal(labels[certain], predicted[certain])


def is_certain(probabilities: NDArray, *, several: bool) -> NDArray:
    """Return the samples whose label does not change with rounding."""
    if several:
        sure: NDArray = (np.abs(probabilities - 0.5) > TOLERANCE).all(axis=1)
        return sure
    best = np.sort(np.c_[np.zeros(len(probabilities)), probabilities], axis=1)  # also one class
    return best[:, -1] - best[:, -2] > 2 * TOLERANCE


@both
@several_cases
@given(draw=st.data())
def test_a_graph_of_a_network(kind: str, draw: Any) -> None:
    model, case = fitted_network(kind, draw)
    X = case.X.toarray() if hasattr(case.X, "toarray") else case.X
    check_graph(model, X if isinstance(X, pd.DataFrame) else np.asarray(X))


@both
@several_cases
@given(draw=st.data())
def test_a_graph_of_a_tabular_pipeline(kind: str, draw: Any) -> None:
    model, X = fitted_tabular(kind, draw)
    check_graph(model, X)
