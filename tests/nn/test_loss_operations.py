import numpy as np
import pytest
import torch

from sknn_tips.nn import losses
from sknn_tips.nn.loss_operations import LOSSES, Places

N = 9
RNG = np.random.RandomState(0)
VALUES = RNG.randn(N, 2)
CASES = {
    "absolute_error": (losses.AbsoluteError(), VALUES),
    "gamma": (losses.GammaLoss(), np.abs(VALUES) + 0.1),
    "huber": (losses.Huber(0.5), VALUES),
    "logistic": (losses.LogisticLogLoss(), RNG.randint(0, 2, (N, 1))),
    "logistic smoothed": (losses.LogisticLogLoss(0.2), RNG.randint(0, 2, (N, 3))),
    "logistic squared": (losses.LogisticSquaredError(), RNG.randint(0, 2, (N, 1))),
    "poisson": (losses.PoissonLoss(), RNG.poisson(2.0, (N, 2))),
    "quantile": (losses.Quantile(0.8), VALUES),
    "softmax": (losses.SoftmaxLogLoss(), RNG.randint(0, 4, N)),
    "softmax smoothed": (losses.SoftmaxLogLoss(0.2), RNG.randint(0, 4, N)),
    "softmax squared": (losses.SoftmaxSquaredError(4), RNG.randint(0, 4, N)),
    "squared_error": (losses.SquaredError(), VALUES),
}


def shares(loss, target):
    """Return class codes as smoothed one-hot rows, which is what the engine computes with."""
    if target.dim() == 2:
        return target
    rows = torch.nn.functional.one_hot(target, 4).double()
    return rows * (1 - loss.label_smoothing) + loss.label_smoothing / 4


def computed(run, loss, raw, target):
    slope, out = torch.empty_like(raw), torch.empty(N, 1, dtype=raw.dtype)
    run(LOSSES[type(loss)](loss, Places(raw, shares(loss, target).to(raw.dtype), slope, out)))
    return out.squeeze(1), slope


def test_every_loss_is_here():
    assert {type(loss) for loss, _ in CASES.values()} == set(LOSSES)
    kinds = {kind for kind in vars(losses).values() if isinstance(kind, type)} - {losses.Loss}
    assert {kind for kind in kinds if "per_sample" in vars(kind)} == set(LOSSES)


@pytest.mark.parametrize("case", CASES)
def test_loss_and_derivative_are_autograds(case, run):
    loss, y = CASES[case]
    target = torch.from_numpy(loss.encode(y, np.dtype(np.float64)))
    n_outputs = 4 if target.dim() == 1 else target.shape[1]
    raw = torch.from_numpy(2 * RNG.randn(N, n_outputs)).requires_grad_()
    expected = loss.per_sample(raw, target)
    (slopes,) = torch.autograd.grad(expected.sum(), raw)
    found, slope = computed(run, loss, raw.detach(), target)
    np.testing.assert_allclose(found, expected.detach(), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(slope, slopes, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("case", ["logistic", "softmax", "logistic squared", "softmax squared"])
@pytest.mark.parametrize("size", [1e3, -1e3])
def test_large_outputs_do_not_overflow(case, size, run):
    loss, y = CASES[case]
    target = torch.from_numpy(loss.encode(y, np.dtype(np.float32)))
    raw = torch.zeros(N, 4 if "softmax" in case else 1)
    raw[:, 0] = size
    found, slope = computed(run, loss, raw, target)
    np.testing.assert_allclose(found, loss.per_sample(raw, target), rtol=1e-6, atol=1e-6)
    assert torch.isfinite(slope).all()


@pytest.mark.parametrize("case", ["absolute_error", "huber", "quantile"])
def test_at_the_target_the_derivative_is_autograds(case, run):
    loss, y = CASES[case]
    raw = torch.from_numpy(y.copy()).requires_grad_()
    (slopes,) = torch.autograd.grad(loss.per_sample(raw, torch.from_numpy(y)).sum(), raw)
    _, slope = computed(run, loss, raw.detach(), torch.from_numpy(y))
    np.testing.assert_array_equal(slope, slopes)
