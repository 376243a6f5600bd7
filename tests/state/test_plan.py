import dataclasses

import pytest


def test_a_plan_cannot_change_while_it_is_carried_out(make_plan):
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_plan().rate = 1.0
