import dataclasses

import pytest

from sknn_tips.training.schedules import SCHEDULES, Position

START = Position(epoch=0, max_epochs=10, samples_seen=0, reductions=0, power=0.5)


@pytest.mark.parametrize("name", SCHEDULES)
def test_starts_at_the_initial_rate_and_never_rises_above(name):
    assert SCHEDULES[name](0.1, START) == 0.1
    for epoch in range(12):
        at = dataclasses.replace(START, epoch=epoch, samples_seen=epoch * 8, reductions=epoch // 4)
        assert 0 <= SCHEDULES[name](0.1, at) <= 0.1


def test_closed_forms():
    at = dataclasses.replace(START, epoch=5, samples_seen=8, reductions=2)
    assert SCHEDULES["constant"](0.1, at) == 0.1
    assert SCHEDULES["invscaling"](0.1, at) == 0.1 / 9**0.5
    assert SCHEDULES["adaptive"](0.1, at) == 0.1 / 25
    assert SCHEDULES["cosine"](0.1, at) == pytest.approx(0.05)
    assert SCHEDULES["cosine"](0.1, dataclasses.replace(at, epoch=10)) == pytest.approx(0)
