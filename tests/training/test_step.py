import numpy as np
import pytest
import torch

from sknn_tips.training.step import Step


def gradient(net, rows, alpha):
    """Return the gradient of the whole objective by autograd, penalty and weights included."""
    module = net.module_
    weight = torch.ones(len(rows)) if rows.weight is None else rows.weight
    per_sample = net.criterion_.per_sample(module(rows.part(0, len(rows)).X), rows.target)
    penalty = sum(layer.weight.square().sum() for layer in module.dense_layers)
    objective = ((per_sample * weight).sum() + alpha / 2 * penalty) / weight.sum()
    parameters = [layer.weight for layer in module.dense_layers]
    parameters += [layer.bias for layer in module.dense_layers]
    found = torch.autograd.grad(objective, parameters)
    return objective.item(), torch.cat([g.ravel() for g in found])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_one_plain_step_goes_down_the_gradient_of_the_objective(
    make_net, make_data, make_plan, alpha, weighted
):
    net = make_net()
    weight = np.random.RandomState(1).rand(30) if weighted else None
    rows = make_data(weight=weight)
    plan = make_plan("gd", alpha=alpha, rate=0.1)
    objective, expected = gradient(net, rows, alpha)
    before = net.flat.vector.detach().clone()
    shown = Step(net, plan)(rows.part(0, 30))
    assert shown.item() == pytest.approx(30 * objective, rel=1e-12)
    np.testing.assert_allclose((before - net.flat.vector.detach()) / 0.1, expected, rtol=1e-9)


def test_decoupled_decay_shrinks_weights_and_spares_biases(make_net, make_data, make_plan):
    plan = make_plan("adamw", rate=0.5)
    changes = []
    for decay in (0.0, 0.2):
        net = make_net()
        before = net.flat.vector.detach().clone()
        step = Step(net, plan)
        net.set_rate(0.5, keep_velocity=False)
        step.weight_decay = decay
        step(make_data().part(0, 10))
        changes.append(net.flat.vector.detach() - before)
    n = len(net.flat.weights)
    np.testing.assert_allclose((changes[1] - changes[0])[:n], -0.5 * 0.2 * before[:n], rtol=1e-9)
    assert torch.equal(changes[0][n:], changes[1][n:])


def test_a_batch_without_weight_changes_nothing(make_net, make_data, make_plan):
    net, rows = make_net(), make_data(weight=np.r_[np.zeros(10), np.ones(20)])
    step = Step(net, make_plan("adam"))
    before = net.flat.vector.detach().clone()
    assert step(rows.part(0, 10)).item() == 0
    assert torch.equal(before, net.flat.vector.detach())
    step(rows.part(5, 15))
    assert not torch.equal(before, net.flat.vector.detach())
