"""skore's reports name the scores of scikit-learn."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier

skore = pytest.importorskip("skore", reason="make test-clients installs it")

X, Y = load_breast_cancer(return_X_y=True)
X = X[:, :6]
X_TRAIN, X_TEST, Y_TRAIN, Y_TEST = train_test_split(X, Y, random_state=0)
DATA = {"X_train": X_TRAIN, "y_train": Y_TRAIN, "X_test": X_TEST, "y_test": Y_TEST}


def model(kind):
    net = kind(16, learning_rate_init=0.01, early_stopping=True, random_state=0)
    return make_pipeline(StandardScaler(), net)


def test_a_report_of_an_estimator():
    report = skore.EstimatorReport(model(MLPClassifier), **DATA)
    fitted = report.estimator_
    probability = fitted.predict_proba(X_TEST)[:, 1]
    assert report.metrics.accuracy() == accuracy_score(Y_TEST, fitted.predict(X_TEST))
    assert report.metrics.log_loss() == pytest.approx(log_loss(Y_TEST, probability))
    assert report.metrics.roc_auc() == pytest.approx(roc_auc_score(Y_TEST, probability))
    found = report.inspection.permutation_importance(seed=0, n_repeats=3).frame()
    expected = permutation_importance(
        fitted, X_TEST, Y_TEST, scoring="accuracy", n_repeats=3, random_state=0
    )
    assert expected.importances_mean.max() > 0.02
    np.testing.assert_allclose(found["value_mean"], expected.importances_mean)


def test_a_report_of_a_cross_validation():
    report = skore.CrossValidationReport(model(MLPClassifier), X, Y, splitter=3)
    found = report.metrics.accuracy(aggregate=None).to_numpy().ravel()
    assert found.tolist() == cross_val_score(model(MLPClassifier), X, Y, cv=3).tolist()


def test_a_comparison_with_the_network_of_scikit_learn():
    reports = {
        "ours": skore.EstimatorReport(model(MLPClassifier), **DATA),
        "theirs": skore.EstimatorReport(model(SklearnMLPClassifier), **DATA),
    }
    found = skore.ComparisonReport(reports).metrics.accuracy()
    for name, report in reports.items():
        assert found[name].item() == report.metrics.accuracy()


def test_a_report_of_a_table(table, small):
    X, y = table(400, 0)
    report = skore.EstimatorReport(
        small("regressor"), X_train=X[:300], y_train=y[:300], X_test=X[300:], y_test=y[300:]
    )
    assert report.metrics.r2() == report.estimator_.score(X[300:], y[300:]) > 0.3
