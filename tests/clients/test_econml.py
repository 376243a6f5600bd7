"""Double machine learning by econml recovers an effect that confounding hides."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor

dml = pytest.importorskip("econml.dml", reason="make test-clients installs it")

EFFECT = 2.0
NET = {"learning_rate_init": 0.01, "max_iter": 30, "tol": None, "random_state": 0}


@pytest.fixture
def confounded(rng):
    """The strength of the treatment, and an outcome, that a nonlinear confounder increases."""
    W = rng.normal(size=(1500, 3))
    confounder = 2 * np.abs(W[:, 0]) + W[:, 1]
    return W, confounder


def test_the_effect_of_a_continuous_treatment(confounded, rng):
    W, confounder = confounded
    T = confounder + rng.normal(size=len(W))
    Y = EFFECT * T + 3 * confounder + rng.normal(size=len(W))
    biased = LinearRegression().fit(np.c_[T, W], Y).coef_[0]
    net = make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=32, normalize_y=True, **NET)
    )
    model = dml.LinearDML(model_y=net, model_t=net, cv=3, random_state=0).fit(Y, T, W=W)
    assert biased > EFFECT + 1
    assert model.intercept_ == pytest.approx(EFFECT, abs=0.25)


def test_the_effect_of_a_treatment_that_a_classifier_predicts(confounded, rng):
    W, confounder = confounded
    T = (rng.random_sample(len(W)) < 1 / (1 + np.exp(2 - confounder))).astype(int)
    X = rng.uniform(-1, 1, size=(len(W), 1))
    Y = (EFFECT + X[:, 0]) * T + 3 * confounder + rng.normal(size=len(W))
    net = make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=32, normalize_y=True, **NET)
    )
    propensity = make_pipeline(StandardScaler(), MLPClassifier(8, **NET))
    model = dml.LinearDML(
        model_y=net, model_t=propensity, discrete_treatment=True, cv=3, random_state=0
    )
    model.fit(Y, T, X=X, W=W)
    naive = Y[T == 1].mean() - Y[T == 0].mean()
    found = model.effect(np.array([[-1.0], [1.0]]))
    assert naive > EFFECT + 2
    np.testing.assert_allclose(found, [EFFECT - 1, EFFECT + 1], atol=0.6)
