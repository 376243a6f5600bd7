import numpy as np
import pytest
import torch

from sknn_tips.ops import native
from sknn_tips.state.copies import from_arrays, to_arrays
from sknn_tips.step import tiers
from sknn_tips.step.autograd_step import AutogradStep
from sknn_tips.step.engine_step import EngineStep
from sknn_tips.step.native_step import NativeStep
from sknn_tips.training.loop import train

STEPS = [AutogradStep, EngineStep, NativeStep]


def normalised_average(vectors, decay):
    """Return sum of decay^age * vector / sum of decay^age."""
    weights = decay ** np.arange(len(vectors))[::-1]
    return weights @ np.array(vectors) / weights.sum()


@pytest.fixture(params=STEPS)
def step(request, monkeypatch):
    """Let trainings update the weights in one of the ways."""
    if request.param is NativeStep and native.module() is None:
        pytest.skip("the compiled executor is not here")
    if request.param is AutogradStep:
        monkeypatch.setattr(tiers, "FASTEST", "T1")
    else:
        monkeypatch.setattr(tiers, "FASTEST", "T0")
        monkeypatch.setattr(tiers, "_engine", lambda vector: request.param)


@pytest.fixture
def weights_after_each_update(make_net, make_data, make_plan):
    """Return what trains without an average, one batch a call, and its vectors."""

    def run(n, **plan):
        net, vectors = make_net(), []
        for _ in range(n):
            train(net, make_plan("adam", max_epochs=1, batch_size=30, **plan), make_data(), None)
            vectors.append(net.flat.vector.detach().numpy().copy())
        return vectors

    return run


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_the_network_has_the_average_over_updates(
    step, make_net, make_data, make_plan, weights_after_each_update, decay
):
    vectors = weights_after_each_update(7)
    net = make_net()
    plan = make_plan("adam", batch_size=30, max_epochs=7, ema_decay=decay)
    train(net, plan, make_data(), None)
    np.testing.assert_allclose(
        net.flat.vector.detach(), normalised_average(vectors, decay), rtol=1e-9
    )
    np.testing.assert_allclose(net.averaging["parameters"], vectors[-1], rtol=1e-12)


@pytest.mark.parametrize("copied", [False, True])
def test_training_goes_on_as_if_never_stopped(step, make_net, make_data, make_plan, copied):
    once, twice = make_net(dropout=0.3), make_net(dropout=0.3)
    train(once, make_plan("adam", max_epochs=6, ema_decay=0.9), make_data(), None)
    for _ in range(2):
        train(twice, make_plan("adam", max_epochs=3, ema_decay=0.9), make_data(), None)
        if copied:
            twice = from_arrays(to_arrays(twice))
            twice.use_callbacks([])
    assert torch.equal(once.flat.vector, twice.flat.vector)


def test_the_validation_set_sees_the_average(step, make_net, make_data, make_plan):
    net, held_out = make_net(), make_data(12, seed=1)
    train(net, make_plan("adam", ema_decay=0.9), make_data(), held_out)
    raw = net.module_(held_out.X.X)
    expected = net.criterion_.per_sample(raw, held_out.target).mean().item()
    assert net.history[-1]["valid_loss"] == pytest.approx(expected)


def test_the_best_average_comes_back(make_net, make_data, make_plan):
    net, held_out = make_net(), make_data(12, seed=1)
    plan = make_plan("sgd", rate=3.0, ema_decay=0.5, early_stopping=True, restore_best=True)
    outcome = train(net, plan, make_data(), held_out)
    raw = net.module_(held_out.X.X)
    loss = net.criterion_.per_sample(raw, held_out.target).mean().item()
    assert loss == pytest.approx(net.history[outcome.best_epoch - 1]["valid_loss"])
    assert net.averaging is None


def test_it_ends_where_it_is_switched_off(make_net, make_data, make_plan):
    net = make_net()
    train(net, make_plan("sgd", ema_decay=0.9), make_data(), None)
    train(net, make_plan("sgd", max_epochs=1), make_data(), None)
    assert net.averaging is None


def test_a_batch_without_weight_is_not_averaged(step, make_net, make_data, make_plan):
    weight = np.r_[np.ones(20), np.zeros(10)]
    plans = {"shuffle": False, "ema_decay": 0.5, "batch_size": 10, "max_epochs": 2}
    with_empty, without = make_net(), make_net()
    train(with_empty, make_plan("sgd", **plans), make_data(weight=weight), None)
    train(without, make_plan("sgd", **plans), make_data(20, weight=np.ones(20)), None)
    np.testing.assert_allclose(
        with_empty.flat.vector.detach(), without.flat.vector.detach(), rtol=1e-12
    )
