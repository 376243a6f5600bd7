import pytest
import torch

from sknn_tips.nn.memory import RateGroup
from sknn_tips.optim.rules import Rule


class Heavy(Rule):
    """Adds rate times momentum, and counts."""

    def operations(self, rate):
        return [self._count(), *self._updates("sgd", *self.inputs(rate), **OPTIONS)]

    def inputs(self, rate):
        return self.gradient, rate, self._zeros("momentum_buffer"), None


OPTIONS = {"momentum": 0.5, "nesterov": 0.0, "dampening": 0.0}


@pytest.fixture
def make():
    """Return what makes a rule for three parameters."""

    def make(state, *groups):
        return Heavy(torch.ones(3), torch.ones(3), state, *groups)

    return make


def test_each_group_moves_at_its_own_rate(make, run):
    rule = make({}, [RateGroup(slice(0, 1), 1.0), RateGroup(slice(1, 3), 2.0)])
    run(rule.operations(torch.tensor(0.25, dtype=torch.float64)))
    assert rule.parameters.tolist() == [0.75, 0.5, 0.5]


def test_the_state_has_torchs_names_and_goes_on(make, run):
    state, rate = {}, torch.tensor(0.25, dtype=torch.float64)
    run(make(state).operations(rate))
    rule = make(state)
    run(rule.operations(rate))
    assert {name: value.tolist() for name, value in state.items()} == {
        "step": 2.0,
        "momentum_buffer": [1.5, 1.5, 1.5],
    }
    assert rule.parameters.tolist() == [0.625, 0.625, 0.625]


def test_one_parameter_is_no_number(run):
    rule = Heavy(torch.ones(1), torch.ones(1), {})
    run(rule.operations(torch.tensor(0.25, dtype=torch.float64)))
    assert rule.parameters.tolist() == [0.75]
