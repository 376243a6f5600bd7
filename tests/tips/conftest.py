"""Sick fits and their cures, and records that are written by hand."""

import math

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits, make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, diagnose
from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.record import Columns, FitRecord, Probe, Update
from sknn_tips.tips.tip import HINT, SEVERE, Tip

ALWAYS_HINTS = {
    "heavy-tailed-input",
    "overconfident",
    "constant-features",
    "constant-target",
    "not-converged",
    "schedule-cut-off",
    "too-many-parameters",
    "validation-too-small",
    "batch-too-large",
    "class-imbalance",
    "saturated-units",
}


@pytest.fixture(scope="session")
def digits():
    """Training and validation rows of the digits, standardised."""
    return _standardised(*load_digits(return_X_y=True))


@pytest.fixture(scope="session")
def diabetes():
    X, X_val, y, y_val = _standardised(*load_diabetes(return_X_y=True))
    return X, X_val, (y - 152) / 77, (y_val - 152) / 77


@pytest.fixture(scope="session")
def friedman():
    """Ten features of about 1, five of them without meaning, and a target of about 1."""
    X, y = make_friedman1(1200, noise=0.5, random_state=0)
    return _standardised(X, (y - y.mean()) / y.std(), test_size=0.33)


def _standardised(X, y, test_size=0.25):
    X, X_val, y, y_val = train_test_split(X, y, test_size=test_size, random_state=0)
    scaler = StandardScaler().fit(X)
    return scaler.transform(X), scaler.transform(X_val), y, y_val


@pytest.fixture(scope="session")
def classifier():
    """Return what makes a classifier, with settings that differ from healthy ones."""
    return lambda **sick: MLPClassifier(**{**_HEALTHY, **sick})


@pytest.fixture(scope="session")
def regressor():
    return lambda **sick: MLPRegressor(**{**_HEALTHY, **sick})


_HEALTHY = {"max_iter": 60, "tol": None, "random_state": 0}


@pytest.fixture
def cure():
    """Return what fits a sick model, checks its tip, takes its remedy and fits again."""

    def cure(code, model, data, drop=None):
        X, X_val, y, y_val = data
        before = diagnose(model, X, y, X_val, y_val)
        tip = before.findings[code]
        assert isinstance(tip, Tip), f"{code} did not fire: {before}"
        assert tip.severity == (HINT if code in ALWAYS_HINTS else SEVERE)
        cured = before.apply(code)
        after = diagnose(cured, X, y, X_val, y_val)
        assert after.findings[code] is None or isinstance(after.findings[code], str)
        scores = [report.scores.get("validation", -math.inf) for report in (before, after)]
        # it gets better, or, where that is not promised, hardly worse
        assert scores[1] > scores[0] if drop is None else scores[1] >= scores[0] - drop
        return tip, cured

    return cure


@pytest.fixture
def finding():
    """Return what a check finds in a record that is healthy but for some fields."""

    def finding(code, **changed):
        check, record = CHECKS[code], record_of(**changed)
        return check.not_applicable(record) or check.examine(record)

    return finding


def record_of(**changed):
    values = np.random.RandomState(0).normal(size=(100, 3))
    healthy = {
        "parameters": dict(_HEALTHY, init="auto", early_stopping=False, normalize_y=False),
        "optimizer": "adam",
        "full_batch": False,
        "line_search": False,
        "rate": 0.001,
        "batch_size": 100,
        "usual_rate": 0.001,
        "schedule_has_end": False,
        "loss": "SoftmaxLogLoss",
        "continues": False,
        "incremental": False,
        "restores_best": False,
        "n_rows": 500,
        "n_rows_val": 0,
        "user_validation": False,
        "widths": [3, 20, 20, 3],
        "activations": ["relu", "relu"],
        "n_parameters": 563,
        "features": Columns.of(values),
        "class_counts": [200, 150, 150],
        "baseline_loss": 1.1,
        "losses": [1.1, 0.9, 0.7, 0.55, 0.45, 0.4, 0.38, 0.37, 0.37, 0.37],
        "updates": [Update(epoch, [6.0] * 3, [0.5] * 3, [0.005] * 3) for epoch in (1, 2, 4, 8)],
        "probes": [
            Probe(epoch, loss, [0.1, 0.1], [math.nan] * 2) for epoch, loss in ((0, 1.2), (10, 0.36))
        ],
        "first_weights": [4.0, 4.0, 1.5],
        "moved": [0.5] * 3,
        "alike": [False, False],
        "n_updates": 500,
        "stop_reason": "max_iter",
        "best_epoch": 10,
    }
    return FitRecord(**{**healthy, **changed})


@pytest.fixture
def record():
    """Return what makes a healthy record, with other fields."""
    return record_of
