from functools import partial

import numpy as np
import pytest
import torch
from sklearn.metrics import (
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)
from torch import nn
from torch.nn import functional

from sknn_tips.nn.losses import REGRESSOR_LOSSES, Places, loss_of, options_of
from sknn_tips.nn.losses.regression import Huber, Quantile

RNG = np.random.RandomState(0)
RAW = torch.from_numpy(RNG.normal(size=(6, 3)))
VALUES = RNG.poisson(2.0, (6, 3)) + 1.0


@pytest.mark.parametrize(
    ("loss", "oracle", "factor"),
    [
        (REGRESSOR_LOSSES["squared_error"](), mean_squared_error, 0.5),
        (REGRESSOR_LOSSES["poisson"](), mean_poisson_deviance, 0.5),
        (REGRESSOR_LOSSES["gamma"](), mean_gamma_deviance, 0.5),
        (REGRESSOR_LOSSES["absolute_error"](), mean_absolute_error, 1),
        (Quantile(0.9), partial(mean_pinball_loss, alpha=0.9), 1),
    ],
    ids=["squared_error", "poisson", "gamma", "absolute_error", "quantile"],
)
def test_losses_are_sklearns(loss, oracle, factor):
    target = torch.from_numpy(loss.encode(VALUES, np.dtype(np.float64)))
    value = loss.per_sample(RAW, target).mean().item()
    expected = sum(oracle(VALUES[:, k], loss.link(RAW).numpy()[:, k]) for k in range(3))
    assert value == pytest.approx(factor * expected, rel=1e-12)


def test_the_mean_over_outputs_is_shown_where_the_output_is_the_prediction():
    scales = {name: loss().reported_scale(3) for name, loss in REGRESSOR_LOSSES.items()}
    assert scales == dict.fromkeys(scales, 1 / 3) | {"poisson": 1.0, "gamma": 1.0}


def test_huber_is_squared_near_and_linear_far():
    loss, target = Huber(0.5), torch.zeros(2, 1, dtype=torch.float64)
    raw = torch.tensor([[0.4], [-3.0]], dtype=torch.float64)
    expected = [0.5 * 0.4**2, 0.5 * (3 - 0.25)]
    np.testing.assert_allclose(loss.per_sample(raw, target), expected)


def test_default_options():
    raw, target = torch.linspace(-3, 3, 7).reshape(-1, 1), torch.zeros(7, 1)
    theirs = torch.nn.HuberLoss(reduction="none")(raw, target).sum(dim=1)
    torch.testing.assert_close(Huber().per_sample(raw, target), theirs)
    median = torch.nn.L1Loss(reduction="none")(raw, target).sum(dim=1) / 2
    torch.testing.assert_close(Quantile().per_sample(raw, target), median)


@pytest.mark.parametrize("name", ["absolute_error", "huber", "quantile"])
def test_at_the_target_the_derivative_is_autograds(name, run):
    loss, target = REGRESSOR_LOSSES[name](), torch.from_numpy(VALUES)
    raw = target.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss.per_sample(raw, target).sum(), raw)
    at = Places(target.clone(), target, torch.empty_like(target), target.new_empty(6, 1))
    run(loss.operations(at))
    np.testing.assert_array_equal(at.derivative, gradient)


def test_options():
    assert options_of("huber") == ["delta"]
    assert options_of("poisson") == []
    for maker, value in [(Huber, 0), (Huber, np.inf), (Quantile, 0), (Quantile, 1)]:
        with pytest.raises(ValueError, match=f"={value}"):
            maker(value)


OWN = {
    "a function": lambda p, t: (p - t).abs(),
    "a sum": lambda p, t: (p - t).abs().sum(dim=1),
    "a column": lambda p, t: (p - t).abs().sum(dim=1, keepdim=True),
    "in another dtype": lambda p, t: (p - t).abs().double(),
    "a class": nn.L1Loss,
    "an instance": nn.L1Loss(),
    "a partial": partial(functional.l1_loss, reduction="none"),
}


@pytest.mark.parametrize("case", OWN)
def test_an_own_loss_is_summed_over_outputs_and_shown_as_given(case):
    raw, target = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    loss = loss_of(OWN[case])()
    loss.check(raw, 3)
    expected = (raw - target).abs().sum(dim=1)
    torch.testing.assert_close(loss.per_sample(raw, target), expected)
    torch.testing.assert_close(loss.total(raw, target), expected.sum())
    assert loss.reported_scale(3) == (1 if case in ("a sum", "a column") else 1 / 3)
    assert (loss.out_activation, loss.predicts_centre) == ("identity", False)
    assert torch.equal(loss.link(raw), raw)
    with pytest.raises(NotImplementedError):
        loss.operations(None)


def test_the_instance_of_a_loss_keeps_its_reduction():
    given = nn.L1Loss()
    loss_of(given)().check(torch.zeros(1), 2)
    assert given.reduction == "mean"


def test_a_loss_that_knows_its_outputs_is_tried_with_them():
    weights = torch.tensor([1.0, 2.0])
    loss = loss_of(lambda p, t: (p - t) ** 2 * weights)()
    loss.check(torch.zeros(1), 2)
    with pytest.raises(ValueError, match=r"loss=<lambda>: The size of tensor"):
        loss.check(torch.zeros(1), 3)
