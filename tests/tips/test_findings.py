import numpy as np
import pytest

from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.findings import examine, tips_of
from sknn_tips.tips.record import Columns


@pytest.fixture
def sick(record):
    return record(
        features=Columns.of(np.c_[np.arange(100) * 1e3, np.ones(100), np.arange(100)]),
        class_counts=[490, 5, 5],
        alike=[True, True],
        parameters={"init": "zeros", "early_stopping": False},
    )


def test_every_check_has_a_finding(sick):
    assert list(examine(sick)) == list(CHECKS)


def test_severe_tips_come_first_and_causes_before_effects(sick):
    tips = tips_of(sick)
    assert [tip.code for tip in tips] == [
        "unscaled-input",
        "bad-init",
        "class-imbalance",
        "constant-features",
    ]
    assert [tip.severity for tip in tips] == ["severe", "severe", "hint", "hint"]


def test_a_record_that_grew_is_looked_at_again(record):
    growing = record()
    assert tips_of(growing) == []
    growing.alike[:] = [True, True]
    assert [tip.code for tip in tips_of(growing)] == ["bad-init"]
