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


def test_the_losses_have_enough_digits_to_differ(finding):
    seen = finding(CODE, losses=[1.2155, 1.2092]).seen
    assert "from 1.216 to 1.209" in seen


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("max_iter", "tol", "fires"), [(300, 1e-12, 1), (300, 0.1, 0), (300, None, 0)]
)
def test_lbfgs_reports_what_its_warning_says(max_iter, tol, fires, regressor, diabetes):
    """It makes progress in few of its last iterations, so that the loss alone does not show it."""
    model = regressor(solver="lbfgs", max_iter=max_iter, tol=tol, tips="ignore", alpha=1.0)
    tips = [tip for tip in model.fit(diabetes[0], diabetes[2]).tips_ if tip.code == CODE]
    assert len(tips) == fires
    if fires:
        assert "did not converge in 300 iterations" in tips[0].seen
        assert tips[0].remedy == {"max_iter": 1200}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"incremental": True}, "partial_fit"),
        ({"stop_reason": ""}, "not over"),
        ({"baseline_loss": 0.0}, "nothing to learn"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
