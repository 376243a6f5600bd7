"""scikit-learn's calibration, thresholds, imputation and self-training around networks."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.datasets import load_digits, make_classification
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 makes an import work
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils.fixes import parse_version

from sknn_tips import MLPClassifier

TEMPERATURE = pytest.param(
    "temperature",
    marks=pytest.mark.skipif(
        parse_version(sklearn.__version__) < parse_version("1.8"),
        reason="CalibratedClassifierCV has this method from scikit-learn 1.8 on",
    ),
)


def classes(n_rows=2400, **options):
    options = {"n_informative": 6, "class_sep": 0.8, "flip_y": 0.04, "random_state": 0} | options
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


def test_calibration_curves(small):
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


def test_calibrating_a_model_of_a_table(table, small):
    X, y = table(600, 0)
    high = y > np.median(y)
    model = CalibratedClassifierCV(small("classifier"), method="isotonic", cv=2)
    assert model.fit(X[:400], high[:400]).score(X[400:], high[400:]) > 0.7


def test_thresholds(classifier):
    X, y, X_test, y_test = classes(weights=[0.93])
    net = classifier(16, learning_rate_init=0.01, early_stopping=True, random_state=0)
    model = make_pipeline(StandardScaler(), net)
    fixed = FixedThresholdClassifier(model, threshold=0.2).fit(X, y)
    expected = fixed.estimator_.predict_proba(X_test)[:, 1] >= 0.2
    np.testing.assert_array_equal(fixed.predict(X_test), expected)
    tuned = TunedThresholdClassifierCV(model, scoring="balanced_accuracy", cv=3).fit(X, y)
    scores = [
        balanced_accuracy_score(y_test, each.predict(X_test)) for each in (tuned, fixed.estimator_)
    ]
    assert tuned.best_threshold_ < 0.3
    assert scores[0] > scores[1] + 0.02


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_imputation_by_regression(regressor, rng):
    X = rng.normal(size=(400, 2))
    X = np.c_[X, X[:, 0] * X[:, 1]]  # a product, which a linear model cannot predict
    missing = rng.random_sample(X.shape) < [0, 0, 0.3]
    given = np.where(missing, np.nan, X)
    net = regressor(hidden_layer_sizes=32, learning_rate_init=0.01, max_iter=60, random_state=0)
    errors = []
    for imputer in (IterativeImputer(net, max_iter=3), SimpleImputer()):
        errors.append(np.std(imputer.fit_transform(given)[missing] - X[missing]))
    assert errors[0] < 0.5 * errors[1]


def test_self_training(classifier, rng):
    X, y = load_digits(return_X_y=True)
    X = X / 16
    known = rng.permutation(len(y)) < 50
    net = classifier(32, learning_rate_init=0.01, tol=1e-2, random_state=0)
    model = SelfTrainingClassifier(net, threshold=0.9).fit(X, np.where(known, y, -1))
    alone = net.fit(X[known], y[known])
    scores = [each.score(X[~known], y[~known]) for each in (model, alone)]
    assert (model.transduction_ >= 0).mean() > 0.5
    assert scores[0] > scores[1]
