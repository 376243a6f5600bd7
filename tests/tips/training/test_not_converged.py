import pytest

CODE = "not-converged"


def test_more_epochs_cure_it(cure, classifier, digits):
    tip, _ = cure(CODE, classifier(max_iter=10), digits)
    assert tip.remedy == {"max_iter": 40}


@pytest.mark.parametrize(
    "changed",
    [
        {"losses": [1.0, 0.8, 0.7]},
        {"losses": [1.0, 0.8, 0.7], "val_losses": [1.0, 0.9, 0.8]},
    ],
)
def test_a_loss_that_still_falls_is_noticed(changed, finding):
    which = "validation loss" if "val_losses" in changed else "the loss"
    assert which in finding(CODE, **changed).seen
    assert finding(CODE, **changed, stop_reason="early_stopping") is None


def test_a_validation_loss_that_rises_is_fine(finding):
    assert finding(CODE, losses=[1.0, 0.8, 0.7], val_losses=[1.0, 0.9, 0.95]) is None


@pytest.mark.parametrize(
    ("changed", "why"), [({"incremental": True}, "partial_fit"), ({"stop_reason": ""}, "not over")]
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
