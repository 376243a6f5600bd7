"""Fixtures that tests of several folders share."""

import os
import signal
from dataclasses import fields
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes, load_digits

from sknn_tips.data.rows import make_rows
from sknn_tips.metrics.targets import ClassTarget
from sknn_tips.nn.flat import FlatParameters
from sknn_tips.nn.losses import classifier_loss
from sknn_tips.nn.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.ops import native
from sknn_tips.ops.native import NativeProgram
from sknn_tips.ops.python import PythonProgram
from sknn_tips.optim.choice import choose_optimizer
from sknn_tips.parameters import Parameters, table
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step import tiers
from sknn_tips.step.autograd_step import AutogradStep
from sknn_tips.step.engine_step import EngineStep, size_of
from sknn_tips.training.loop import train
from sknn_tips.training.recorder import Recorder

# Parameters that a plan has a value of its own for.
RESOLVED = {each.name for each in fields(Plan)} & set(table(Parameters))


def pytest_addoption(parser):
    parser.addoption("--tier", choices=["T0", "T1"], default="T0", help="T1 keeps the engine out")


def pytest_configure(config):
    tiers.FASTEST = os.environ["SKNN_TIPS_TIER"] = config.getoption("--tier")
    # a shell lets processes in the background ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    if find_spec("skl2onnx") and find_spec("onnxruntime"):
        return
    for item in items:
        if item.name == "sknn_tips.export.conversion.to_onnx":  # the example in its docstring
            item.add_marker(pytest.mark.skip(reason="the extra onnx is not installed"))


@pytest.fixture
def step_class(monkeypatch):
    """What updates the weights, one batch after the other, in this run of the tests."""
    monkeypatch.setattr(tiers, "_engine", lambda vector: EngineStep)
    return EngineStep if tiers.FASTEST == "T0" else AutogradStep


@pytest.fixture
def engine(monkeypatch):
    """The engine, whatever the run was asked for."""
    monkeypatch.setattr(tiers, "FASTEST", "T0")


@pytest.fixture(scope="session")
def digits():
    """300 digits, X in [0, 1], 10 classes."""
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16, y[:300]


@pytest.fixture(scope="session")
def diabetes():
    """442 patients, X and y standardised."""
    X, y = load_diabetes(return_X_y=True)
    return X / X.std(axis=0), (y - y.mean()) / y.std()


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.fixture
def ctrl_c_in_fifth_batch(monkeypatch, step_class):
    """Press Ctrl-C before the fifth batch; return the sizes of those that were trained on."""
    calls, original = [], step_class.__call__

    def interrupted(self, rows, index):
        calls.append(size_of(index))
        if len(calls) == 5:
            signal.raise_signal(signal.SIGINT)
        original(self, rows, index)

    monkeypatch.setattr(step_class, "__call__", interrupted)
    return calls


@pytest.fixture
def make_net():
    def make(
        dropout=0.0,
        batchnorm=None,
        seed=0,
        n_features=4,
        n_outputs=3,
        activation="tanh",
        input_scaling=False,
    ):
        hidden = (HiddenLayer(8, activation, dropout, batchnorm),)
        inputs = {"input_scaling": True} if input_scaling else {}
        network = Network(n_features, n_outputs, hidden, input_layers=inputs)
        module = MLP(network, dtype=torch.float64)
        rng = np.random.RandomState(seed)
        draw_weights(module, "auto", {}, ["tanh"] * 2, rng)
        module.eval()
        loss = classifier_loss("log_loss", n_outputs, exclusive=True)
        net = Net.hold(module, loss, rng, torch.device("cpu"))
        net.seed_dropout()
        net.use_callbacks([])
        return net

    return make


@pytest.fixture
def make_data():
    def make(n=30, seed=0, weight=None):
        rng = np.random.RandomState(seed)
        X = rng.normal(size=(n, 4))
        y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
        loss = classifier_loss("log_loss", 3, exclusive=True)
        like = torch.zeros(1, dtype=torch.float64)
        return make_rows(X, y, weight, loss.encode, like, weight)

    return make


@pytest.fixture
def make_plan():
    def make(name="sgd", **changed):
        optimizer = choose_optimizer(
            name,
            momentum=0.9,
            nesterovs_momentum=True,
            betas=(0.9, 0.999),
            epsilon=1e-8,
            params={},
        )
        given = {name: changed.pop(name) for name in table(Parameters) if name in changed}
        resolved = {name: given.pop(name) for name in RESOLVED if name in given}
        params = Parameters(**{"alpha": 0.0, "tol": None, **given})
        settings = {"rate": 0.05, "batch_size": 10, "max_epochs": 5, "score": "accuracy"}
        settings |= {"target": ClassTarget(np.arange(3), multilabel=False), **resolved, **changed}
        return Plan(params, optimizer, **settings)

    return make


@pytest.fixture
def trained_once(make_data, make_plan):
    """Return what trains a net for an epoch."""
    return lambda net: train(net, make_plan(max_epochs=1), make_data(), None)


@pytest.fixture
def make_record(make_net, make_data, make_plan):
    """Return what makes the record of a training that has not begun."""

    def make(**plan):
        restore = plan.pop("restores_best", False)
        return Recorder(make_net(), make_plan(restore_best=restore), make_data(), None, 3).record

    return make


@pytest.fixture
def make_flat():
    """Return a maker of small networks in float64, with every parameter drawn."""

    def make(
        n_outputs=3,
        units=(6, 4),
        seed=0,
        layernorm=False,
        input_dropout=0.0,
        input_scaling=False,
        **layer,
    ):
        hidden = tuple(HiddenLayer(width, **layer) for width in units)
        given = {"input_dropout": input_dropout, "input_scaling": input_scaling}
        inputs = {name: value for name, value in given.items() if value}
        network = Network(5, n_outputs, hidden, {}, inputs, layernorm)
        module = MLP(network, dtype=torch.float64)
        rng = np.random.RandomState(seed)
        draw_weights(module, "he_normal", {"draw_biases": True}, ["relu"] * (len(units) + 1), rng)
        flat = FlatParameters(module)
        with torch.no_grad():  # the norms' parameters too
            flat.vector.add_(torch.from_numpy(0.1 * rng.randn(len(flat.vector))))
        module.train()
        return flat, module

    return make


@pytest.fixture(params=["python", "native"])
def run(request):
    """Return what runs operations, by either executor."""
    if request.param == "python":
        return lambda operations: PythonProgram(operations)()
    if native.module() is None:
        pytest.skip("the compiled executor is not here")

    def run_compiled(operations):
        if operations:
            last = operations[-1].outputs[0]  # before it, a counter may be of another dtype
            NativeProgram(operations, last.dtype)()

    return run_compiled
