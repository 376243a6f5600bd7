"""MAPIE's intervals and scikit-learn's calibration, around models of tables and networks."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.datasets import make_classification, make_friedman1
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from sknn_tips import MLPClassifier, MLPRegressor, tabular_pipeline

LEVEL = 0.9
N_TEST = 2000
# Coverage on N_TEST samples is binomial around LEVEL, and the quantile of 300 errors that decides
# it is off by as much again: together a standard deviation of 0.019. This is four of them.
MARGIN = 0.075
TEMPERATURE = pytest.param(
    "temperature",
    marks=pytest.mark.skipif(
        parse_version(sklearn.__version__) < parse_version("1.8"),
        reason="CalibratedClassifierCV has this method from scikit-learn 1.8 on",
    ),
)


def table(n_rows, seed):
    """Numbers of Friedman's function and a category, some cells missing."""
    numbers, y = make_friedman1(n_rows, n_features=5, noise=1.0, random_state=seed)
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(numbers).rename(columns="number {}".format)
    X["city"] = rng.choice(["Rome", "Oslo", None], n_rows)
    X = X.mask(rng.rand(*X.shape) < 0.02)
    return X, y + 3.0 * (X["city"] == "Oslo").to_numpy()


def small(kind):
    model = tabular_pipeline(kind, cv=3, random_state=0)
    return model.set_params(nets__net__hidden_layer_sizes=32, nets__net__max_iter=15)


def coverage(conformal, X, y):
    _, intervals = conformal.predict_interval(X)
    assert intervals.shape == (len(y), 2, 1)
    low, high = intervals[:, 0, 0], intervals[:, 1, 0]
    assert (high - low).mean() < 0.8 * (np.quantile(y, 0.95) - np.quantile(y, 0.05))
    return np.mean((low <= y) & (y <= high))


# MAPIE tries a fitted model on an array of zeros.
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
@pytest.mark.parametrize("kind", ["a table", "a network"])
@pytest.mark.parametrize("way", ["split", "cross"])
def test_intervals_of_mapie_cover_as_often_as_asked_for(kind, way):
    regression = pytest.importorskip("mapie.regression", reason="MAPIE is a client, not needed")
    X, y = table(900, 0)
    X_test, y_test = table(N_TEST, 1)
    model = small("regressor")
    if kind == "a network":
        X, X_test = (each.drop(columns="city").fillna(0.5) for each in (X, X_test))
        net = MLPRegressor(normalize_y=True, learning_rate_init=0.01, max_iter=30, tol=None)
        model = make_pipeline(StandardScaler(), net.set_params(random_state=0))
    if way == "split":
        conformal = regression.SplitConformalRegressor(model, LEVEL, prefit=False)
        conformal.fit(X[:600], y[:600]).conformalize(X[600:], y[600:])
    else:
        conformal = regression.CrossConformalRegressor(model, LEVEL, cv=3, random_state=0)
        conformal.fit_conformalize(X, y)
    assert abs(coverage(conformal, X_test, y_test) - LEVEL) < MARGIN


def classes(n_rows=2400):
    options = {"n_informative": 6, "class_sep": 0.8, "flip_y": 0.04, "random_state": 0}
    X, y = make_classification(n_rows, 10, **options)
    return X[: n_rows // 2], y[: n_rows // 2], X[n_rows // 2 :], y[n_rows // 2 :]


def gap(display):
    """The largest distance of a calibration curve from the diagonal."""
    return np.abs(display.prob_true - display.prob_pred).max()


@pytest.mark.parametrize("method", ["sigmoid", TEMPERATURE])
def test_probabilities_that_label_smoothing_flattened_are_right_again(method):
    X, y, X_test, y_test = classes()
    net = MLPClassifier(32, learning_rate_init=0.01, max_iter=20, tol=None, random_state=0)
    flat = make_pipeline(StandardScaler(), net.set_params(label_smoothing=0.4))
    right = CalibratedClassifierCV(flat, method=method, cv=3).fit(X, y)
    losses = [log_loss(y_test, model.predict_proba(X_test)) for model in (right, flat.fit(X, y))]
    assert losses[0] < 0.9 * losses[1]


def test_calibration_curves():
    X, y, X_test, y_test = classes()
    raw = small("classifier").set_params(nets__net__label_smoothing=0.4, calibrate=False)
    calibrated = small("classifier").set_params(nets__net__label_smoothing=0.4)
    with mpl.rc_context({"backend": "agg"}):
        displays = [
            CalibrationDisplay.from_estimator(
                model.fit(X, y), X_test, y_test, n_bins=5, strategy="quantile"
            )
            for model in (raw, calibrated)
        ]
        plt.close("all")
    assert gap(displays[1]) < 0.1 < gap(displays[0])


def test_calibrating_a_model_of_a_table():
    X, y = table(600, 0)
    high = y > np.median(y)
    model = CalibratedClassifierCV(small("classifier"), method="isotonic", cv=2)
    assert model.fit(X[:400], high[:400]).score(X[400:], high[400:]) > 0.7
