import numpy as np
import pytest
import torch

from sknn_tips.nn.memory import RateGroup
from sknn_tips.optim.rules import RULES, SGD, Adam, RMSprop

CASES = {
    "plain": (SGD, torch.optim.SGD, {}),
    "momentum": (SGD, torch.optim.SGD, {"momentum": 0.8}),
    "dampened": (SGD, torch.optim.SGD, {"momentum": 0.8, "dampening": 0.3}),
    "nesterov": (SGD, torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
    "adam": (Adam, torch.optim.Adam, {"betas": (0.7, 0.9), "eps": 1e-3}),
    "amsgrad": (Adam, torch.optim.Adam, {"amsgrad": True}),
    "rmsprop": (RMSprop, torch.optim.RMSprop, {}),
    "rmsprop all": (
        RMSprop,
        torch.optim.RMSprop,
        {"alpha": 0.8, "eps": 1e-3, "momentum": 0.7, "centered": True},
    ),
}


def test_the_registry_has_no_other_classes():
    assert {kind for kind, _, _ in CASES.values()} == set(RULES.values())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("case", CASES)
def test_steps_and_state_are_torchs(case, dtype, run):
    kind, torch_kind, options = CASES[case]
    gradients = torch.from_numpy(np.random.RandomState(0).randn(10, 50)).to(dtype)
    ours, theirs = torch.ones(50, dtype=dtype), torch.nn.Parameter(torch.ones(50, dtype=dtype))
    gradient, state = torch.empty(50, dtype=dtype), {}
    rule, optimizer = kind(ours, gradient, state, **options), torch_kind([theirs], 0.1, **options)
    shared = torch.zeros((), dtype=torch.float64)
    operations = rule.operations(shared)
    for i, each in enumerate(gradients):
        rate = optimizer.param_groups[0]["lr"] = 0.1 / (i + 1)
        gradient.copy_(each)
        theirs.grad = each.clone()
        shared.fill_(rate)
        run(operations)
        optimizer.step()
        if i == 4:  # a rule made anew goes on with the state
            operations = kind(ours, gradient, state, **options).operations(shared)
    exact = 1e-12 if dtype == torch.float64 else 1e-5
    np.testing.assert_allclose(ours, theirs.detach(), rtol=exact)
    expected = {k: v for k, v in optimizer.state[theirs].items() if v is not None}
    assert set(state) == set(expected)
    for name, tensor in state.items():
        np.testing.assert_allclose(tensor, expected[name], rtol=exact, atol=exact)


GROUPS = [RateGroup(slice(0, 30), 1.0), RateGroup(slice(30, 50), 6.0)]


@pytest.mark.parametrize("case", CASES)
def test_groups_with_rates_of_their_own_are_torchs_parameter_groups(case, run):
    kind, torch_kind, options = CASES[case]
    ours, gradient, state = torch.ones(50).double(), torch.empty(50).double(), {}
    theirs = [torch.nn.Parameter(ours[group.part].clone()) for group in GROUPS]
    by_group = [{"params": [p], "lr": 0.1 * g.factor} for p, g in zip(theirs, GROUPS, strict=True)]
    rule, optimizer = (
        kind(ours, gradient, state, GROUPS, **options),
        torch_kind(by_group, **options),
    )
    operations = rule.operations(torch.tensor(0.1, dtype=torch.float64))
    for each in torch.from_numpy(np.random.RandomState(0).randn(10, 50)):
        gradient.copy_(each)
        for parameter, group in zip(theirs, GROUPS, strict=True):
            parameter.grad = each[group.part].clone()
        run(operations)
        optimizer.step()
    np.testing.assert_allclose(ours, torch.cat(theirs).detach(), rtol=1e-12)
    assert all(value.dim() == 0 or len(value) == 50 for value in state.values())
