import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.tips.tip import HINT, SEVERE

CODE = "stopped-too-early"
STALLED = {"stop_reason": "early_stopping", "best_epoch": 4, "n_rows_val": 15}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_the_loss_cures_it(load):
    """Medians of five seeds: a single small test set is noisy."""
    X, y = load(return_X_y=True)
    scores = []
    for seed in range(5):
        rows = train_test_split(X, y, random_state=seed, stratify=y)
        scaler = StandardScaler().fit(rows[0])
        A, B = map(scaler.transform, rows[:2])
        clf = MLPClassifier(early_stopping=True, tips="ignore", random_state=seed).fit(A, rows[2])
        tip = next(tip for tip in clf.tips_ if tip.code == CODE)
        assert tip.severity == SEVERE
        assert tip.remedy == {"monitor": "val_loss"}
        cured = MLPClassifier(early_stopping=True, tips="ignore", random_state=seed, **tip.remedy)
        cured.fit(A, rows[2])
        assert CODE not in [tip.code for tip in cured.tips_]
        scores.append((clf.score(B, rows[3]), cured.score(B, rows[3])))
    before, after = np.median(scores, axis=0)
    assert after > before + 0.02


@pytest.mark.parametrize(
    ("end", "severity"), [(0.8, SEVERE), (0.57, HINT), (0.51, None), (0.4, None)]
)
def test_it_is_as_severe_as_the_loss_fell(end, severity, finding):
    """`end` is the validation loss in epoch 4; at last it is .5, and the baseline 1.1."""
    falling = [1.1, 1.0, 0.9, *np.linspace(end, 0.5, 12)]
    tip = finding(CODE, losses=falling, val_losses=falling, **STALLED)
    assert (tip and tip.severity) == severity
    if severity:
        assert "15 validation samples had not improved since epoch 4" in tip.seen


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"stop_reason": ""}, "not over"), ({}, "early stopping did not end training")],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
