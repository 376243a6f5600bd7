import signal
import threading
import time

import numpy as np
import pytest
import torch

from sknn_tips import MLPClassifier
from sknn_tips.exceptions import InterruptedWarning
from sknn_tips.ops import native
from sknn_tips.step.engine_step import EngineStep
from sknn_tips.step.native_step import NativeStep
from sknn_tips.step.step import Pass
from sknn_tips.training.loop import train

BOUNDS = [(i, min(i + 4, 30)) for i in range(0, 30, 4)]


@pytest.fixture(autouse=True)
def compiled_here():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    missing = native.unsupported_reason(torch.empty(0))
    if missing:
        torch.set_num_threads(before)
        pytest.skip(missing)
    yield
    torch.set_num_threads(before)


def trained(kind, make_net, rows, plan, *, order=None, set_rate=None, **net):
    net = make_net(**net)
    step = kind(net, plan)
    done = [
        step.run(Pass(step, rows, BOUNDS, order, set_rate and set_rate(net), lambda: False))
        for _ in range(3)
    ]
    return np.r_[net.flat.vector.detach(), step.total.ravel(), done]


@pytest.mark.parametrize(
    "net", [{}, {"dropout": 0.3}, {"batchnorm": "before"}, {"activation": "mish"}]
)
@pytest.mark.parametrize(
    "order", [None, torch.from_numpy(np.random.RandomState(0).permutation(30))]
)
@pytest.mark.parametrize(
    "weight", [None, np.random.RandomState(1).rand(30), np.r_[np.zeros(8), np.ones(22)]]
)
def test_it_trains_as_one_batch_after_the_other_does(
    make_net, make_data, make_plan, net, order, weight
):
    plan = make_plan("adamw", weight_decay=0.1, clip_norm=0.5, alpha=0.1, l1=0.01)
    found = [
        trained(kind, make_net, make_data(weight=weight), plan, order=order, **net)
        for kind in (EngineStep, NativeStep)
    ]
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-12)


def test_a_rate_of_its_own_for_every_update(make_net, make_data, make_plan):
    def rising(net):
        return lambda i: net.set_rate(0.01 * (i + 1), keep_velocity=False)

    found = [
        trained(kind, make_net, make_data(), make_plan("sgd"), set_rate=rising)
        for kind in (EngineStep, NativeStep)
    ]
    np.testing.assert_allclose(*found, rtol=1e-9)


def test_whole_trainings_agree(make_net, make_data, make_plan, monkeypatch):
    vectors = []
    for kind in (EngineStep, NativeStep):
        monkeypatch.setattr("sknn_tips.step.tiers._engine", lambda vector, kind=kind: kind)
        net = make_net(dropout=0.2)
        train(net, make_plan("adam", schedule="one_cycle"), make_data(), make_data(seed=1))
        vectors.append(net.flat.vector.detach())
    np.testing.assert_allclose(*vectors, rtol=1e-9)


def test_ctrl_c_is_heard_in_a_long_epoch():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60_000, 64))
    clf = MLPClassifier(256, batch_size=32, max_iter=1000, tol=None, random_state=0)
    pressed = []

    def press():
        time.sleep(0.7)
        pressed.append(time.monotonic())
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.warns(InterruptedWarning):
        clf.fit(X, X[:, 0] > 0)
    assert clf.stop_reason_ == "interrupted"
    assert time.monotonic() - pressed[0] < 30  # the fit itself would take an hour
    assert np.isfinite(clf.coefs_[0]).all()
