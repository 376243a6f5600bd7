import numpy as np
import pytest
import torch

from sknn_tips.ops import native
from sknn_tips.step.autograd_step import AutogradStep
from sknn_tips.step.engine_step import EngineStep
from sknn_tips.step.native_step import NativeStep
from sknn_tips.step.step import Pass

needs_native = pytest.mark.skipif(
    native.module() is None, reason="the compiled executor is not here"
)
pytestmark = pytest.mark.parametrize(
    "kind", [AutogradStep, EngineStep, pytest.param(NativeStep, marks=needs_native)]
)


def stepped(step, rows, start, stop):
    """Train on some rows; return rows times loss."""
    step.total.zero_()
    with step.running():
        step(rows, slice(start, stop))
    return step.total.item()


def gradient(net, rows, alpha, l1=0.0, activity_l1=0.0):
    """Return the gradient of the whole objective by autograd, penalties and weights included."""
    module = net.module_
    weight = torch.ones(len(rows)) if rows.weight is None else rows.weight
    X = rows.X[slice(0, len(rows))]
    per_sample = net.criterion_.per_sample(module(X), rows.target)
    per_sample = per_sample + activity_l1 * module[1](module[0](X)).abs().sum(dim=1)
    penalty = sum(layer.weight.square().sum() for layer in module.dense_layers)
    objective = ((per_sample * weight).sum() + alpha / 2 * penalty) / weight.sum()
    objective = objective + l1 * sum(layer.weight.abs().sum() for layer in module.dense_layers)
    parameters = [layer.weight for layer in module.dense_layers]
    parameters += [layer.bias for layer in module.dense_layers]
    found = torch.autograd.grad(objective, parameters)
    return objective.item(), torch.cat([g.ravel() for g in found])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "penalties",
    [
        {"alpha": 0.0},
        {"alpha": 0.7},
        {"alpha": 0.0, "l1": 0.1},
        {"alpha": 0.0, "activity_l1": 0.1},
        {"alpha": 0.7, "l1": 0.1, "activity_l1": 0.2},
    ],
)
def test_one_plain_step_goes_down_the_gradient_of_the_objective(
    kind, make_net, make_data, make_plan, penalties, weighted
):
    net = make_net()
    weight = np.random.RandomState(1).rand(30) if weighted else None
    rows = make_data(weight=weight)
    plan = make_plan("gd", rate=0.1, **penalties)
    objective, expected = gradient(net, rows, **penalties)
    before = net.flat.vector.detach().clone()
    shown = stepped(kind(net, plan), rows, 0, 30)
    assert shown == pytest.approx(30 * objective, rel=1e-12)
    np.testing.assert_allclose((before - net.flat.vector.detach()) / 0.1, expected, rtol=1e-9)


def test_decoupled_decay_shrinks_weights_and_spares_biases(kind, make_net, make_data, make_plan):
    changes = []
    for decay in (0.0, 0.2):
        net = make_net()
        before = net.flat.vector.detach().clone()
        step = kind(net, make_plan("adamw", rate=0.5, weight_decay=decay))
        net.set_rate(0.5, keep_velocity=False)
        stepped(step, make_data(), 0, 10)
        changes.append(net.flat.vector.detach() - before)
    n = len(net.flat.weights)
    np.testing.assert_allclose((changes[1] - changes[0])[:n], -0.5 * 0.2 * before[:n], rtol=1e-9)
    assert torch.equal(changes[0][n:], changes[1][n:])


def test_a_batch_without_weight_changes_nothing(kind, make_net, make_data, make_plan):
    net, rows = make_net(), make_data(weight=np.r_[np.zeros(10), np.ones(20)])
    step = kind(net, make_plan("adam"))
    before = net.flat.vector.detach().clone()
    assert stepped(step, rows, 0, 10) == 0
    assert torch.equal(before, net.flat.vector.detach())
    stepped(step, rows, 5, 15)
    assert not torch.equal(before, net.flat.vector.detach())


@pytest.mark.parametrize("limit", [1e-3, 1e3])
def test_clip_norm_is_torchs(kind, make_net, make_data, make_plan, limit):
    net, rows = make_net(), make_data()
    _, expected = gradient(net, rows, 0.7)
    parameter = torch.nn.Parameter(torch.zeros_like(expected))
    parameter.grad = expected.clone()
    torch.nn.utils.clip_grad_norm_([parameter], limit)
    before = net.flat.vector.detach().clone()
    stepped(kind(net, make_plan("gd", rate=0.1, alpha=0.7, clip_norm=limit)), rows, 0, 30)
    found = (before - net.flat.vector.detach()) / 0.1
    np.testing.assert_allclose(found, parameter.grad, rtol=1e-9)


def test_clip_value_cuts_each_component_off(kind, make_net, make_data, make_plan):
    net, rows = make_net(), make_data()
    _, expected = gradient(net, rows, 0.0)
    before = net.flat.vector.detach().clone()
    stepped(kind(net, make_plan("gd", rate=0.1, clip_value=0.01)), rows, 0, 30)
    found = (before - net.flat.vector.detach()) / 0.1
    assert expected.abs().max() > 0.01
    np.testing.assert_allclose(found, expected.clamp(-0.01, 0.01), rtol=1e-9)


def test_a_pass_ends_at_the_first_loss_that_is_not_finite(kind, make_net, make_data, make_plan):
    rows = make_data()
    rows.X.X[15] = np.inf
    step = kind(make_net(), make_plan())
    bounds = [(start, start + 5) for start in range(0, 30, 5)]
    assert step.run(Pass(step, rows, bounds, None, None, lambda: False)) == 4
    assert not step.loss_is_finite()


@pytest.mark.parametrize(
    "bounds",
    [[(0, 10), (10, 20), (20, 30)], [(0, 10), (10, 20), (20, 23)], [(0, 10), (10, 14)]],
)
def test_the_last_update_of_full_size_is_watched(kind, bounds, make_net, make_data, make_plan):
    seen = Seen(make_net())
    step, rows = kind(seen.net, make_plan()), make_data()
    step.run(Pass(step, rows, bounds, None, None, lambda: False, seen))
    full = sum(stop - start == 10 for start, stop in bounds)
    twin = make_net()
    other = kind(twin, make_plan())
    expected = [vector_of(twin)] * (full == 1)
    for batch in bounds[:full]:
        other.run(Pass(other, rows, [batch], None, None, lambda: False))
        expected.append(vector_of(twin))
    assert all(map(torch.equal, seen.vectors, expected[-2:]))
    assert len(seen.vectors) == 2


class Seen:
    """Keep the weights before and after the update that is watched."""

    def __init__(self, net):
        self.net, self.vectors = net, []

    def before(self):
        self.vectors.append(vector_of(self.net))

    after = before


def vector_of(net):
    return net.flat.vector.detach().clone()
