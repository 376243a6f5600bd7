from functools import partial

import numpy as np
import pytest
import torch
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.losses import (
    CLASSIFIER_LOSSES,
    REGRESSOR_LOSSES,
    Huber,
    Quantile,
    SoftmaxSquaredError,
    classifier_loss,
    options_of,
)
from sknn_tips.nn.module import MLP, HiddenLayer, Network, draw_weights

RNG = np.random.RandomState(0)
RAW = torch.from_numpy(RNG.normal(size=(6, 3)))
CODES = np.array([0, 2, 1, 1, 0, 2])
INDICATOR = RNG.randint(0, 2, (6, 3))
VALUES = RNG.poisson(2.0, (6, 3)).astype(float)


def _smooth(name, exclusive):
    return classifier_loss(name, 3, exclusive=exclusive, label_smoothing=0.2)


# name, loss, what it encodes
CASES = [
    *(
        (f"softmax {name}", classifier_loss(name, 3, exclusive=True), CODES)
        for name in CLASSIFIER_LOSSES
    ),
    *(
        (f"logistic {name}", classifier_loss(name, 3, exclusive=False), INDICATOR)
        for name in CLASSIFIER_LOSSES
    ),
    *(
        (f"smooth {exclusive} {name}", _smooth(name, exclusive), CODES if exclusive else INDICATOR)
        for name in CLASSIFIER_LOSSES
        for exclusive in (True, False)
    ),
    *((name, loss(), VALUES + 1) for name, loss in REGRESSOR_LOSSES.items()),
    ("huber 0.3", Huber(0.3), VALUES),
    ("quantile 0.9", Quantile(0.9), VALUES),
]
IDS = [case[0] for case in CASES]


def encoded(loss, y):
    return torch.from_numpy(loss.encode(y, np.dtype(np.float64)))


@pytest.mark.parametrize(("name", "loss", "y"), CASES, ids=IDS)
def test_gradient(name, loss, y):
    raw = RAW.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda r: loss.per_sample(r, encoded(loss, y)), (raw,))


@pytest.mark.parametrize("batchnorm", [None, "before", "after"])
@pytest.mark.parametrize("layernorm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("name", "loss", "y"), CASES, ids=IDS)
def test_gradient_of_network_and_loss(name, loss, y, activation, batchnorm, layernorm):
    hidden = (HiddenLayer(5, activation, batchnorm=batchnorm),)
    network = Network(n_features=4, n_outputs=3, hidden=hidden, layernorm=layernorm)
    module = MLP(network, dtype=torch.float64)
    draw_weights(module, "auto", {}, [activation] * 2, np.random.RandomState(1))
    module.train()
    X = torch.from_numpy(np.random.RandomState(2).normal(size=(6, 4)))
    names = [name for name, _ in module.named_parameters()]

    def mean_loss(*parameters):
        raw = torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), (X,))
        return loss.per_sample(raw, encoded(loss, y)).mean()

    parameters = tuple(p.detach().clone().requires_grad_() for p in module.parameters())
    assert torch.autograd.gradcheck(mean_loss, parameters, fast_mode=True)


@pytest.mark.parametrize(("name", "loss", "y"), CASES, ids=IDS)
def test_total_is_the_sum_over_samples(name, loss, y):
    target = encoded(loss, y)
    expected = loss.per_sample(RAW, target).sum().item()
    assert loss.total(RAW, target).item() == pytest.approx(expected, rel=1e-12)


def test_softmax_log_loss_is_sklearns():
    loss = classifier_loss("log_loss", 3, exclusive=True)
    value = loss.per_sample(RAW, encoded(loss, CODES)).mean().item()
    assert value == pytest.approx(log_loss(CODES, loss.link(RAW).numpy()), rel=1e-12)


def test_logistic_log_loss_sums_over_outputs():
    loss = classifier_loss("log_loss", 3, exclusive=False)
    value = loss.per_sample(RAW, encoded(loss, INDICATOR)).mean().item()
    p = loss.link(RAW).numpy()
    expected = sum(log_loss(INDICATOR[:, k], p[:, k], labels=[0, 1]) for k in range(3))
    assert value == pytest.approx(expected, rel=1e-12)


def test_squared_errors_are_halved():
    squared = REGRESSOR_LOSSES["squared_error"]()
    value = squared.per_sample(RAW, encoded(squared, VALUES)).mean().item()
    expected = mean_squared_error(VALUES, RAW.numpy()) * 3 / 2
    assert value == pytest.approx(expected, rel=1e-12)
    assert squared.reported_scale(3) == 1 / 3

    brier = SoftmaxSquaredError(3)
    value = brier.per_sample(RAW, encoded(brier, CODES)).mean().item()
    expected = 0.5 * ((brier.link(RAW).numpy() - np.eye(3)[CODES]) ** 2).sum(axis=1).mean()
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "oracle", "factor"),
    [
        (REGRESSOR_LOSSES["poisson"](), mean_poisson_deviance, 0.5),
        (REGRESSOR_LOSSES["gamma"](), mean_gamma_deviance, 0.5),
        (REGRESSOR_LOSSES["absolute_error"](), mean_absolute_error, 1),
        (Quantile(0.9), partial(mean_pinball_loss, alpha=0.9), 1),
    ],
    ids=["poisson", "gamma", "absolute_error", "quantile"],
)
def test_losses_of_regressors_are_sklearns(loss, oracle, factor):
    y = VALUES + 1
    value = loss.per_sample(RAW, encoded(loss, y)).mean().item()
    expected = sum(oracle(y[:, k], loss.link(RAW).numpy()[:, k]) for k in range(3))
    assert value == pytest.approx(factor * expected, rel=1e-12)


def test_huber_is_squared_near_and_linear_far():
    loss, target = Huber(0.5), torch.zeros(2, 1, dtype=torch.float64)
    raw = torch.tensor([[0.4], [-3.0]], dtype=torch.float64)
    expected = [0.5 * 0.4**2, 0.5 * (3 - 0.25)]
    np.testing.assert_allclose(loss.per_sample(raw, target), expected)


@pytest.mark.parametrize("exclusive", [True, False])
def test_label_smoothing_mixes_the_target_with_the_uniform_one(exclusive):
    smooth, y = _smooth("log_loss", exclusive), CODES if exclusive else INDICATOR
    plain = classifier_loss("log_loss", 3, exclusive=exclusive)
    value = smooth.per_sample(RAW, encoded(smooth, y))
    if exclusive:
        others = [plain.per_sample(RAW, torch.full((6,), k)) for k in range(3)]
    else:
        others = [plain.per_sample(RAW, torch.full((6, 3), k).double()) for k in (0, 1)]
    uniform = sum(others) / len(others)
    expected = 0.8 * plain.per_sample(RAW, encoded(plain, y)) + 0.2 * uniform
    np.testing.assert_allclose(value, expected)


def test_options():
    assert options_of("huber") == ["delta"]
    assert options_of("poisson") == []
    for maker, value in [(Huber, 0), (Huber, np.inf), (Quantile, 0), (Quantile, 1)]:
        with pytest.raises(ValueError, match=f"={value}"):
            maker(value)


@pytest.mark.parametrize(("name", "loss", "y"), CASES, ids=IDS)
def test_a_confident_right_output_is_decided_as_the_target(name, loss, y):
    if loss.out_activation == "softmax":
        raw = torch.from_numpy(np.eye(3)[y] * 50)
    elif loss.out_activation == "logistic":
        raw = torch.from_numpy((y - 0.5) * 50)
    elif loss.out_activation == "exp":
        raw = torch.from_numpy(np.log(np.maximum(y, 1e-20)))
    else:
        raw = torch.from_numpy(y)
    np.testing.assert_allclose(loss.decide(raw).numpy(), y, atol=1e-12)
    if getattr(loss, "label_smoothing", 0):
        return  # certainty is what it punishes
    assert loss.per_sample(raw, encoded(loss, y)).sum().item() == pytest.approx(0, abs=1e-8)


def test_log_loss_stays_finite_for_a_hopeless_output():
    for exclusive, y in [(True, CODES), (False, INDICATOR)]:
        loss = classifier_loss("log_loss", 3, exclusive=exclusive)
        raw = torch.full((6, 3), -1e4, dtype=torch.float32)
        raw[:, 0] = 1e4
        target = torch.from_numpy(loss.encode(y, np.dtype(np.float32)))
        assert torch.isfinite(loss.per_sample(raw, target)).all()
