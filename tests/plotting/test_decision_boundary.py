"""XOR's boundary, as the lectures draw it, by scikit-learn's own Display."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sknn_tips import MLPClassifier

XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
METHODS = ["predict", "predict_proba", "decision_function"]
SOLVER = {"hidden_layer_sizes": (8,), "activation": "tanh", "solver": "lbfgs", "random_state": 0}
SMOOTH = SOLVER | {"alpha": 1.0, "max_iter": 1000}


def at(display, X):
    """Return what the picture shows nearest to each row of X."""
    x, y = display.xx0[0], display.xx1[:, 0]
    return np.array([display.response[abs(y - b).argmin(), abs(x - a).argmin()] for a, b in X])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scaled", [False, True])
def test_xor(method, scaled):
    X, y = XOR
    net = MLPClassifier(**SOLVER)
    model = (make_pipeline(MinMaxScaler(), net) if scaled else net).fit(X, y)
    display = DecisionBoundaryDisplay.from_estimator(model, X, response_method=method, eps=0.5)
    threshold = 0.0 if method == "decision_function" else 0.5
    np.testing.assert_array_equal(at(display, X) > threshold, y == 1)


@pytest.mark.parametrize("method", METHODS[1:])
def test_one_of_three_classes(method):
    X, y = load_iris(return_X_y=True)
    X = X[:, 2:]
    model = make_pipeline(MinMaxScaler(), MLPClassifier(**SMOOTH)).fit(X, y)
    display = DecisionBoundaryDisplay.from_estimator(
        model, X, response_method=method, class_of_interest=0
    )
    response = at(display, X)
    assert response[y == 0].min() > response[y != 0].max()


def test_three_classes():
    X, y = load_iris(return_X_y=True)
    X = X[:, 2:]
    model = MLPClassifier(**SMOOTH).fit(X, y)
    display = DecisionBoundaryDisplay.from_estimator(model, X, response_method="predict")
    assert (at(display, X) == y).mean() > 0.9
