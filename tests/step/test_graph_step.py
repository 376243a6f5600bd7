"""On a CPU, with a stand-in for CUDA's graphs: every launch does the recorded calls again."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sknn_tips import MLPClassifier
from sknn_tips.optim.optimizers import OptimizerChoice
from sknn_tips.step import graph_step
from sknn_tips.step.engine_step import EngineStep
from sknn_tips.step.graph_step import GraphStep
from sknn_tips.step.step import Pass
from sknn_tips.training.probes import LastUpdate, Weights

EIGHT = [(i, min(i + 4, 30)) for i in range(0, 30, 4)]


@pytest.fixture
def launches(monkeypatch):
    """Return the launches, as they are made."""
    made = []

    def capture(function, generator):
        def launch():
            made.append(1)
            function()

        return launch

    monkeypatch.setattr(graph_step, "capture", capture)
    return made


def trained(kind, make_net, make_data, plan, *, epochs=6, set_rate=None, sliced=False, **net):
    net, rows = make_net(**net), make_data()
    step, done = kind(net, plan), []
    for epoch in range(epochs):
        order = torch.from_numpy(np.random.RandomState(epoch).permutation(30))
        bounds = EIGHT  # seven of four rows, and one of two
        if sliced:
            order, bounds = None, EIGHT[:7]
        net.set_rate(0.05 / (1 + epoch), keep_velocity=False)
        done.append(step.run(Pass(step, rows, bounds, order, set_rate, lambda: False)))
    assert done == [7 if sliced else 8] * epochs
    return net.flat.vector.detach(), step.total


@pytest.mark.parametrize("sliced", [False, True])
@pytest.mark.parametrize("updates", [4, 7, 32])
@pytest.mark.parametrize(
    "options",
    [{"name": "sgd"}, {"name": "adam", "clip_norm": 0.1}, {"name": "adamw", "weight_decay": 0.1}],
)
def test_it_trains_as_plain_calls_do(
    make_net, make_data, make_plan, launches, monkeypatch, options, updates, sliced
):
    monkeypatch.setattr(graph_step, "UPDATES", updates)
    plan = make_plan(**options, max_epochs=6)
    net = {"dropout": 0.2, "batchnorm": "before", "sliced": sliced}
    plain, graph = (
        trained(kind, make_net, make_data, plan, **net) for kind in (EngineStep, GraphStep)
    )
    for a, b in zip(plain, graph, strict=True):
        np.testing.assert_allclose(
            a, b, rtol=1e-5, atol=1e-7
        )  # the rate on the device is in float32
    assert len(launches) == 5  # one an epoch, and none in the first


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({"optimizer": OptimizerChoice("sgd", {"momentum": 0.9, "dampening": 0.1})}, {}),
        ({"max_epochs": 2}, {}),
        ({}, {"set_rate": lambda i: None}),
    ],
)
def test_what_goes_by_plain_calls(make_net, make_data, make_plan, launches, options, more):
    plan = replace(make_plan(max_epochs=6), **options)
    trained(GraphStep, make_net, make_data, plan, **more)
    assert launches == []


def test_it_stops_between_two_launches(make_net, make_data, make_plan, launches, monkeypatch):
    monkeypatch.setattr(graph_step, "FEWEST_UPDATES", 2)
    monkeypatch.setattr(graph_step, "UPDATES", 2)
    net, rows = make_net(), make_data()
    step = GraphStep(net, make_plan(max_epochs=6))
    work = Pass(step, rows, EIGHT, None, None, lambda: False)
    step.run(work)
    assert step.run(work._replace(stops=lambda: True)) == 2


def test_an_update_that_is_watched_goes_by_a_plain_call(
    make_net, make_data, make_plan, launches, monkeypatch
):
    monkeypatch.setattr(graph_step, "UPDATES", 4)
    net, rows = make_net(), make_data()
    step, watch = GraphStep(net, make_plan(max_epochs=6)), LastUpdate(net, Weights(net), 3)
    bounds = [(i, i + 3) for i in range(0, 24, 3)]
    work = Pass(step, rows, bounds, None, None, lambda: False)
    step.run(work)
    assert step.run(work) == 8
    assert len(launches) == 2
    assert step.run(work._replace(watch=watch)) == 8
    assert len(launches) == 3  # and four plain calls
    assert watch.size is not None
    assert min(watch.size.change) > 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("options", [{}, {"dropout": 0.2, "batchnorm": True}, {"solver": "sgd"}])
def test_a_fit_on_a_gpu(options):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(2000, 20)).astype(np.float32)
    y = (X[:, :3] ** 2).sum(1) > 3
    fits = [
        MLPClassifier(64, device=device, max_iter=30, tol=None, random_state=0, **options)
        for device in ("cpu", "cuda")
    ]
    losses = [fit.fit(X, y).loss_ for fit in fits]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
    assert fits[1].net_.tier_ == "T0"
