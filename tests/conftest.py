"""Data that many tests share: small, real and scaled."""

import os
import signal

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from sknn_tips.training import tiers
from sknn_tips.training.autograd_step import AutogradStep
from sknn_tips.training.engine_step import EngineStep, size_of


def pytest_addoption(parser):
    parser.addoption("--tier", choices=["T0", "T1"], default="T0", help="T1 keeps the engine out")


def pytest_configure(config):
    tiers.FASTEST = os.environ["SKNN_TIPS_TIER"] = config.getoption("--tier")


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
def ctrl_c_works():
    """Python's own handler of Ctrl-C, which a process started in the background lacks."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def ctrl_c_in_fifth_batch(ctrl_c_works, monkeypatch, step_class):
    """Press Ctrl-C before the fifth batch; return the sizes of those that were trained on."""
    calls, original = [], step_class.__call__

    def interrupted(self, rows, index):
        calls.append(size_of(index))
        if len(calls) == 5:
            signal.raise_signal(signal.SIGINT)
        original(self, rows, index)

    monkeypatch.setattr(step_class, "__call__", interrupted)
    return calls
