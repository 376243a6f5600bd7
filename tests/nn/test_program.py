import numpy as np
import pytest
import torch
from torch import nn

from sknn_tips.nn.losses.classification import LogisticLogLoss, SoftmaxLogLoss
from sknn_tips.nn.losses.regression import Huber, SquaredError
from sknn_tips.nn.program import Forward, Penalties, Program, covers

N = 8
RNG = np.random.RandomState(0)
X, WEIGHT = torch.from_numpy(RNG.randn(N, 5)), torch.from_numpy(RNG.rand(N))
LOSSES = {
    "softmax": (SoftmaxLogLoss(0.1), RNG.randint(0, 3, N)),
    "logistic": (LogisticLogLoss(), RNG.randint(0, 2, (N, 3))),
    "squared": (SquaredError(), RNG.randn(N, 3)),
}
ALL = Penalties(alpha=0.3, l1=0.2, activity_l1=0.1)


def total():
    return torch.zeros(1, 1, dtype=torch.float64)


def filled(program, X, target, weight=None):
    program.x.copy_(X)
    program.given_target.copy_(target.reshape(program.given_target.shape))
    if weight is not None:
        program.weight.copy_(weight.unsqueeze(-1))
    return program


def objective(module, loss, target, weight, penalties):
    """Return the loss of a batch, and how it is shown, by autograd."""
    raw, activities = module.activities(X)
    data = (loss.per_sample(raw, target) * weight).sum() / weight.sum()
    penalty = sum((each.abs().sum(1) * weight).sum() for each in activities)
    penalty = penalty * penalties.activity_l1 / weight.sum()
    for layer in module.dense_layers:
        penalty = penalty + penalties.alpha / 2 * layer.weight.square().sum() / weight.sum()
        penalty = penalty + penalties.l1 * layer.weight.abs().sum()
    return data + penalty, (data * loss.reported_scale(3) + penalty).item()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("penalties", [Penalties(), Penalties(0.3), Penalties(l1=0.2), ALL])
@pytest.mark.parametrize("name", LOSSES)
def test_gradient_and_shown_loss_are_autograds(make_flat, run, name, penalties, weighted):
    flat, module = make_flat(batchnorm="before", activation="tanh")
    loss, y = LOSSES[name]
    target = torch.from_numpy(loss.encode(y, np.dtype(np.float64)))
    weight = WEIGHT if weighted else torch.ones(N, dtype=torch.float64)
    value, shown = objective(module, loss, target, weight, penalties)
    expected = torch.autograd.grad(value, list(module.parameters()))
    found = total()
    with torch.no_grad():
        program = Program(flat.memory, loss, penalties, N, weighted=weighted, total=found)
        filled(program, X, target, weight if weighted else None)
        run(program.operations)
        for parameter, wanted in zip(module.parameters(), expected, strict=True):
            np.testing.assert_allclose(parameter.grad, wanted, rtol=1e-9, atol=1e-12)
        assert found.item() == pytest.approx(N * shown, rel=1e-10)
        run(program.operations)
    assert found.item() == pytest.approx(2 * N * shown, rel=1e-10)


def test_a_batch_that_never_changes_is_not_copied(make_flat, run):
    flat, _ = make_flat()
    program = Program(
        flat.memory, SquaredError(), Penalties(), N, weighted=False, total=total(), x=X
    )
    assert program.x is X
    program.given_target.zero_()
    before = X.clone()
    with torch.no_grad():
        run(program.operations)
    assert torch.equal(X, before)


@pytest.mark.parametrize(
    "net",
    [{}, {"batchnorm": "before"}, {"batchnorm": "after", "dropout": 0.5}, {"layernorm": True}],
)
def test_forward_is_the_modules_prediction(make_flat, net):
    flat, module = make_flat(activation="elu", **net)
    for buffer in flat.buffers:
        buffer.uniform_(0.5, 2.0, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        forward = Forward(flat.memory, X)
        np.testing.assert_allclose(forward(), module.eval()(X), rtol=1e-12)


def test_covers_what_it_knows(make_flat):
    class Own(Huber):
        """Another loss under inherited operations."""

    _, module = make_flat(dropout=0.1, batchnorm="before")
    assert covers(module, SquaredError())
    assert not covers(module, Own())
    module.append(nn.Softsign())
    assert not covers(module, SquaredError())
