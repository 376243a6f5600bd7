import pytest

from sknn_tips.tips.checks import CHECKS

CODES = {
    "unscaled-input",
    "heavy-tailed-input",
    "unscaled-target",
    "constant-features",
    "constant-target",
    "many-classes",
    "diverged",
    "learning-rate-too-large",
    "learning-rate-too-small",
    "bad-init",
    "stopped-too-early",
    "schedule-cut-off",
    "vanishing-gradient",
    "exploding-gradient",
    "dead-units",
    "saturated-units",
    "overfitting",
    "overconfident",
    "underfitting",
    "not-converged",
    "class-imbalance",
    "batch-too-large",
    "batchnorm-small-batch",
    "too-many-parameters",
    "validation-too-small",
    "validation-differs",
}


def test_the_codes_are_fixed():
    assert set(CHECKS) == CODES


@pytest.mark.parametrize("code", CHECKS)
def test_every_check_is_silent_or_not_applicable_on_a_healthy_record(code, finding):
    found = finding(code)
    assert found is None or isinstance(found, str)


@pytest.mark.parametrize("code", CHECKS)
def test_title_and_reason_are_written_out(code):
    check = CHECKS[code]
    assert check.why.endswith(".")
    assert check.title
    assert not check.title.endswith(".")
