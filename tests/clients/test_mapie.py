"""MAPIE's intervals and sets contain the true value as often as asked for."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPRegressor

regression = pytest.importorskip("mapie.regression", reason="MAPIE is a client, not needed")
classification = pytest.importorskip("mapie.classification")

LEVEL = 0.9
N_TEST = 2000
# Coverage on N_TEST samples is binomial around LEVEL, and the quantile of 300 errors that decides
# it is off by as much again: together a standard deviation of 0.019. This is four of them.
MARGIN = 0.075


def coverage(conformal, X, y):
    _, intervals = conformal.predict_interval(X)
    assert intervals.shape == (len(y), 2, 1)
    low, high = intervals[:, 0, 0], intervals[:, 1, 0]
    assert (high - low).mean() < 0.8 * (np.quantile(y, 0.95) - np.quantile(y, 0.05))
    return np.mean((low <= y) & (y <= high))


@pytest.fixture(params=["a table", "a network"])
def case(request, table, small):
    """Return a model, and 900 samples and N_TEST others for it."""
    (X, y), (X_test, y_test) = table(900, 0), table(N_TEST, 1)
    if request.param == "a table":
        return small("regressor"), X, y, X_test, y_test
    X, X_test = (each.drop(columns="city").fillna(0.5) for each in (X, X_test))
    net = MLPRegressor(normalize_y=True, learning_rate_init=0.01, max_iter=30, tol=None)
    return make_pipeline(StandardScaler(), net.set_params(random_state=0)), X, y, X_test, y_test


# MAPIE tries a fitted model on an array of zeros.
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
@pytest.mark.parametrize("way", ["split", "cross"])
def test_intervals(case, way):
    model, X, y, X_test, y_test = case
    if way == "split":
        conformal = regression.SplitConformalRegressor(model, LEVEL, prefit=False)
        conformal.fit(X[:600], y[:600]).conformalize(X[600:], y[600:])
    else:
        conformal = regression.CrossConformalRegressor(model, LEVEL, cv=3, random_state=0)
        conformal.fit_conformalize(X, y)
    assert abs(coverage(conformal, X_test, y_test) - LEVEL) < MARGIN


@pytest.mark.parametrize("score", ["lac", "aps"])
def test_sets_of_classes(classifier, score):
    X, y = load_digits(return_X_y=True)
    X = X + np.random.RandomState(0).normal(0, 8, X.shape)  # else one class is always enough
    net = classifier(32, learning_rate_init=0.01, early_stopping=True, random_state=0)
    model = make_pipeline(StandardScaler(), net)
    conformal = classification.SplitConformalClassifier(
        model, LEVEL, conformity_score=score, prefit=False, random_state=0
    )
    conformal.fit(X[:700], y[:700]).conformalize(X[700:1200], y[700:1200])
    labels, sets = conformal.predict_set(X[1200:])
    np.testing.assert_array_equal(labels, model.fit(X[:700], y[:700]).predict(X[1200:]))
    covered = sets[np.arange(len(labels)), y[1200:], 0].mean()
    assert (labels == y[1200:]).mean() < LEVEL - 0.02
    assert abs(covered - LEVEL) < MARGIN
    assert sets.sum(axis=1).mean() < 5
