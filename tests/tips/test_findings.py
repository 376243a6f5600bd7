from dataclasses import replace

import numpy as np
import pytest

from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.findings import by_code, examine, tips_of
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


def test_tips_of_several_fits_by_code(sick):
    tips = tips_of(sick)
    groups = by_code([tips[2:], tips, tips[1:]])
    assert [(group[0].code, len(group)) for group in groups] == [
        ("unscaled-input", 1),
        ("bad-init", 2),
        ("class-imbalance", 3),
        ("constant-features", 3),
    ]
    hint = replace(tips[0], severity="hint")
    assert [tip.severity for tip in by_code([[hint], [tips[0]]])[0]] == ["severe", "hint"]
