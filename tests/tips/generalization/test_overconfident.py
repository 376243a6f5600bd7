import pytest
from sklearn.datasets import make_classification
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

CODE = "overconfident"
SMOOTHED = {"label_smoothing": 0.1}


@pytest.fixture(scope="module")
def overlapping():
    """Two classes, of which few rows lie on the wrong side."""
    X, y = make_classification(1500, 20, n_informative=10, flip_y=0.1, random_state=0)
    X, X_val, y, y_val = train_test_split(X, y, test_size=0.4, random_state=0)
    scaler = StandardScaler().fit(X)
    return scaler.transform(X), scaler.transform(X_val), y, y_val


def test_label_smoothing_cures_it(cure, classifier, overlapping):
    model = classifier(hidden_layer_sizes=(128, 128))
    tip, cured = cure(CODE, model, overlapping, drop=0.01)
    assert tip.remedy == SMOOTHED
    assert "validation loss rose" in tip.seen
    assert "FoldEnsembleClassifier" in tip.also
    X, X_val, y, y_val = overlapping
    before, after = (
        log_loss(y_val, net.set_params(tips="ignore").fit(X, y).predict_proba(X_val))
        for net in (model, cured)
    )
    assert after < 0.9 * before


RISING = {
    "n_rows_val": 50,
    "losses": [1.0, 0.7, 0.5, 0.3, 0.2, 0.1],
    "val_losses": [1.0, 0.8, 0.7, 0.8, 0.9, 1.0],
}
KEPT, LOST = [0.5, 0.6, 0.7, 0.7, 0.71, 0.7], [0.5, 0.6, 0.7, 0.68, 0.64, 0.6]


def test_it_speaks_where_the_score_is_kept_and_overfitting_where_it_is_lost(finding):
    assert "From epoch 3 to 6" in finding(CODE, **RISING, val_scores=KEPT).seen
    assert finding("overfitting", **RISING, val_scores=KEPT) is None
    assert finding(CODE, **RISING, val_scores=LOST) is None
    assert finding("overfitting", **RISING, val_scores=LOST) is not None


def test_a_loss_that_falls_after_the_epoch_that_is_kept(finding):
    early = {"restores_best": True, "best_epoch": 2, "val_losses": [2.0, 2.0, 0.7, 0.8, 0.9, 1.0]}
    assert finding(CODE, **RISING | early, val_scores=KEPT) is None


def test_a_training_loss_that_rises_too_does_not_matter_but_the_score_does(finding):
    sick = {**RISING, "losses": [1.0, 0.7, 0.5, 0.6, 0.7, 0.8]}
    assert finding(CODE, **sick, val_scores=KEPT).remedy == SMOOTHED
    assert finding(CODE, **sick, val_scores=LOST) is None


@pytest.mark.parametrize(
    "val_losses",
    [
        [1.0, 0.8, 0.7, 0.75, 0.8, 0.82],  # a little
        [1.0, 0.1, 0.04, 0.05, 0.06, 0.07],  # of next to nothing: smoothing would make it worse
        [float("nan")] * 6,
    ],
)
def test_small_rises_are_fine(val_losses, finding):
    assert finding(CODE, **{**RISING, "val_losses": val_losses}, val_scores=KEPT) is None


def test_who_keeps_the_best_epoch_is_fine(finding):
    assert finding(CODE, **RISING, val_scores=KEPT, restores_best=True, best_epoch=3) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"loss": "SquaredError"}, "not a log loss"),
        ({"parameters": SMOOTHED}, "already"),
        ({}, "X_val"),
        ({**RISING, "stop_reason": ""}, "not over"),
        ({**RISING, "losses": [1.0, 0.7]}, "2 epochs"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
