import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import ShuffleSplit, train_test_split
from sklearn.preprocessing import StandardScaler

from sknn_tips.inspection.remedies import remedied

CODE = "validation-too-small"
STOPPING = {"early_stopping": True, "validation_fraction": 0.1}


@pytest.fixture(scope="module")
def tumours():
    X, X_val, y, y_val = train_test_split(*load_breast_cancer(return_X_y=True), random_state=0)
    scaler = StandardScaler().fit(X)
    return scaler.transform(X), scaler.transform(X_val), y, y_val


def test_a_larger_share_cures_it(classifier, tumours):
    X, X_val, y, y_val = tumours
    gains = []
    for seed in range(4):  # what chance decides is better on average
        sick = classifier(early_stopping=True, random_state=seed, tips="ignore").fit(X, y)
        (tip,) = [tip for tip in sick.tips_ if tip.code == CODE]
        assert (tip.severity, tip.seen) == ("hint", "Early stopping uses 43 samples.")
        assert tip.remedy == {"validation_fraction": 0.24}
        cured = remedied(sick, tip).fit(X, y)
        assert CODE not in [tip.code for tip in cured.tips_]
        gains.append(cured.score(X_val, y_val) - sick.score(X_val, y_val))
    assert np.mean(gains) > 0


def test_enough_rows_and_a_large_share_are_fine(finding):
    assert finding(CODE, parameters=STOPPING, n_rows_val=100) is None
    most = {**STOPPING, "validation_fraction": 0.25}
    assert finding(CODE, parameters=most, n_rows_val=20) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"parameters": {"early_stopping": False}, "n_rows_val": 10}, "uses no validation set"),
        ({"parameters": STOPPING, "n_rows_val": 10, "user_validation": True}, "chosen by the user"),
        (
            {"parameters": {**STOPPING, "validation_fraction": ShuffleSplit()}, "n_rows_val": 10},
            "chosen by the user",
        ),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
