"""What holds for every loss."""

import inspect

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from sknn_tips.nn.losses import (
    CLASSIFIER_LOSSES,
    REGRESSOR_LOSSES,
    Loss,
    OwnLoss,
    Places,
    classifier_loss,
)

N = 11  # of which the quantile 0.9 is one, not between two
RNG = np.random.RandomState(0)
CODES, INDICATOR = RNG.randint(0, 3, N), RNG.randint(0, 2, (N, 3))
VALUES = RNG.poisson(2.0, (N, 3)) + 1.0
RAW = torch.from_numpy(2 * RNG.randn(N, 3))
WEIGHT = torch.from_numpy(RNG.uniform(0.1, 2, N))
# what each encodes beside it
CASES = {
    **{
        f"{'softmax' if exclusive else 'logistic'} {name} {smoothing}": (
            classifier_loss(name, 3, exclusive=exclusive, label_smoothing=smoothing),
            CODES if exclusive else INDICATOR,
        )
        for name in CLASSIFIER_LOSSES
        for exclusive in (True, False)
        for smoothing in (0.0, 0.2)
    },
    **{name: (loss(), VALUES) for name, loss in REGRESSOR_LOSSES.items()},
    "huber 0.3": (REGRESSOR_LOSSES["huber"](0.3), VALUES - 1),
    "quantile 0.9": (REGRESSOR_LOSSES["quantile"](0.9), VALUES - 1),
    "poisson of zeros": (REGRESSOR_LOSSES["poisson"](), VALUES - VALUES.min()),
}


@pytest.fixture(params=CASES)
def case(request):
    """A loss, what it encodes, and that encoded."""
    loss, y = CASES[request.param]
    return loss, y, encoded(loss, y)


def encoded(loss, y):
    return torch.from_numpy(loss.encode(y, np.dtype(np.float64)))


def concrete(kind):
    found = set() if inspect.isabstract(kind) else {kind}
    return found.union(*map(concrete, kind.__subclasses__()))


def test_every_loss_is_in_a_registry():
    ours = {kind for kind in concrete(Loss) if kind.__module__.startswith("sknn_tips.")}
    assert ours - {OwnLoss} == {type(loss) for loss, _ in CASES.values()}


def test_gradient(case):
    loss, _, target = case
    raw = RAW.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda r: loss.per_sample(r, target), (raw,))


def test_operations_are_autograds(case, run):
    loss, _, target = case
    raw = RAW.clone().requires_grad_()
    expected = loss.per_sample(raw, target)
    (gradient,) = torch.autograd.grad(expected.sum(), raw)
    at = Places(*(torch.empty_like(RAW) for _ in range(3)), RAW.new_empty(N, 1))
    buffer, expand = loss.target_buffer(at.target)
    buffer.copy_(target.reshape(buffer.shape))
    at.raw.copy_(RAW)
    run([*expand, *loss.operations(at)])
    np.testing.assert_allclose(at.out.squeeze(1), expected.detach(), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(at.derivative, gradient, rtol=1e-9, atol=1e-14)


def test_total_and_mean_are_those_of_the_samples(case):
    loss, _, target = case
    each, scale = loss.per_sample(RAW, target).numpy(), loss.reported_scale(3)
    assert loss.total(RAW, target).item() == pytest.approx(each.sum(), rel=1e-12)
    assert loss.mean(RAW, target) == pytest.approx(each.mean() * scale, rel=1e-12)
    average = np.average(each, weights=WEIGHT) * scale
    assert loss.mean(RAW, target, WEIGHT) == pytest.approx(average, rel=1e-12)


def test_a_confident_right_output_is_decided_as_the_target(case):
    loss, y, target = case
    raw = {
        "softmax": lambda: np.eye(3)[y] * 50,
        "logistic": lambda: (y - 0.5) * 50,
        "exp": lambda: np.log(np.maximum(y, 1e-20)),
        "identity": lambda: y,
    }[loss.out_activation]()
    raw = torch.from_numpy(raw)
    np.testing.assert_allclose(loss.decide(raw).numpy(), y, atol=1e-12)
    if getattr(loss, "label_smoothing", 0):
        return  # certainty is what it punishes
    assert loss.per_sample(raw, target).sum().item() == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_no_constant_output_is_better_than_the_baseline(case, weighted):
    loss, _, target = case
    name = type(loss).__name__
    if weighted and name in ("AbsoluteError", "Huber", "Quantile"):
        pytest.skip("these do not count weights, as their docstrings say")
    weight = WEIGHT if weighted else None

    def mean(constant):
        raw = torch.as_tensor(constant, dtype=torch.float64).expand(N, 3)
        return loss.mean(raw, target, weight)

    found = loss.baseline(target.numpy(), None if weight is None else weight.numpy(), 3)
    best = minimize(mean, np.zeros(3), method="Powell").fun
    assert mean(found) <= best + 1e-4 * abs(best)
