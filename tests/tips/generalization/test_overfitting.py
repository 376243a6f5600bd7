import pytest

CODE = "overfitting"


def test_stopping_early_cures_it(cure, regressor, diabetes):
    tip, _ = cure(CODE, regressor(hidden_layer_sizes="128x2", max_iter=120), diabetes)
    assert tip.remedy == {"early_stopping": True, "monitor": "val_loss"}
    assert "validation loss rose" in tip.seen


LOSSES = [1.0, 0.7, 0.5, 0.3, 0.2, 0.1]
TURNING = {"n_rows_val": 50, "losses": LOSSES, "val_losses": [1.0, 0.8, 0.7, 0.8, 0.9, 1.0]}


def test_it_takes_a_worse_score_as_well(finding):
    worse, better = [0.5, 0.6, 0.7, 0.68, 0.64, 0.6], [0.5, 0.6, 0.7, 0.71, 0.72, 0.73]
    assert "From epoch 3 to 6" in finding(CODE, **TURNING, val_scores=worse).seen
    assert finding(CODE, **TURNING, val_scores=better) is None


def test_a_line_search_cannot_stop_early_so_it_is_penalised(finding):
    scores = [0.5, 0.6, 0.7, 0.68, 0.64, 0.6]
    tip = finding(CODE, **TURNING, val_scores=scores, line_search=True)
    assert tip.remedy == {"alpha": 1.0}
    assert "dropout" not in tip.also


def test_who_keeps_the_best_epoch_does_not_overfit(finding):
    scores = [0.5, 0.6, 0.7, 0.68, 0.64, 0.6]
    assert finding(CODE, **TURNING, val_scores=scores, restores_best=True, best_epoch=3) is None


def test_one_noisy_epoch_is_no_overfitting(finding):
    """As without scaling: the loss jumps all the time, and up in the last epoch."""
    losses = [0.9 - 0.02 * epoch for epoch in range(30)]
    jumps = [0.5, 0.32, 0.41, 0.36, 0.45] * 6
    noisy = {"n_rows_val": 50, "losses": losses, "val_losses": [*jumps[:-2], 0.32, 0.41]}
    scores = [0.9 - loss / 2 for loss in noisy["val_losses"]]
    assert scores[-2] - scores[-1] > 0.01
    assert finding(CODE, **noisy, val_scores=scores) is None


def test_a_training_loss_that_rises_too_is_no_overfitting(finding):
    sick = {**TURNING, "losses": [1.0, 0.7, 0.5, 0.6, 0.7, 0.8]}
    assert finding(CODE, **sick, val_scores=[0.5, 0.6, 0.7, 0.6, 0.5, 0.4]) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "X_val"),
        ({**TURNING, "stop_reason": ""}, "not over"),
        ({**TURNING, "losses": LOSSES[:3]}, "3 epochs"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
