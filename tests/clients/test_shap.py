"""SHAP values: known for linear networks, and computed from the torch module for others."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor

shap = pytest.importorskip("shap", reason="make test-clients installs it")

X, Y = load_diabetes(return_X_y=True)
X = 20 * X[:, :4]
BACKGROUND, NEW = X[:50], X[-5:]
NET = {"learning_rate_init": 0.01, "max_iter": 30, "tol": None, "random_state": 0}


def test_values_of_a_linear_network_are_weight_times_deviation():
    net = MLPRegressor(hidden_layer_sizes=8, activation="identity", normalize_y=True, **NET)
    model = make_pipeline(StandardScaler(), net).fit(X, Y)
    weights = model.predict(np.eye(4)) - model.predict(np.zeros((4, 4)))
    found = shap.KernelExplainer(model.predict, BACKGROUND).shap_values(NEW, silent=True)
    expected = weights * (NEW - BACKGROUND.mean(axis=0))
    assert np.abs(expected).max() > 10
    np.testing.assert_allclose(found, expected, atol=1e-3)


# DeepExplainer knows layers by the names of torch's classes. It leaves the gradients of others as
# they are, which is what it does for a dense layer.
@pytest.mark.filterwarnings("ignore:unrecognized nn.Module. Dense:UserWarning")
@pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "options", "error"),
    [("DeepExplainer", {}, 1e-4), ("GradientExplainer", {"nsamples": 1000, "rseed": 0}, 0.2)],
)
def test_explainers_of_torch_modules_explain_the_module(name, options, error):
    net = MLPClassifier(8, **NET).fit(X, Y > 150)
    background, new = (torch.tensor(each, dtype=torch.float32) for each in (BACKGROUND, NEW))
    explainer = getattr(shap, name)(net.module_.cpu(), background)
    values = explainer.shap_values(new, **options).reshape(NEW.shape)
    expected = net.decision_function(NEW) - net.decision_function(BACKGROUND).mean()
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(values.sum(axis=1), expected, atol=error)


# shap asks for predictions of the values of the frame.
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
def test_a_table_with_a_category_and_missing_values(table, small):
    data, y = table(600, 0)
    y = 6.0 * (data["city"] == "Oslo").to_numpy() + 0.1 * y
    model = small("regressor").fit(data, y)
    explainer = shap.KernelExplainer(model.predict, data[:40])
    values = explainer.shap_values(data[:4], silent=True)
    sums = explainer.expected_value + values.sum(axis=1)
    np.testing.assert_allclose(sums, model.predict(data[:4]), atol=1e-6)
    importance = dict(zip(data, np.abs(values).mean(axis=0), strict=True))
    assert importance.pop("city") > 5 * max(importance.values())
