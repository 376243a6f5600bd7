"""A small net with its rows and its plan, without an estimator around them."""

import numpy as np
import pytest
import torch

from sknn_tips.network.losses import classifier_loss
from sknn_tips.network.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.training.loop import train
from sknn_tips.training.metrics import Predicted
from sknn_tips.training.net import Net
from sknn_tips.training.optimizers import choose_optimizer
from sknn_tips.training.plan import Plan
from sknn_tips.training.recording import Recorder
from sknn_tips.training.rows import make_rows


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
        network = Network(n_features, n_outputs, hidden, input_scaling=input_scaling)
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


def predicted(loss, rows, raw):
    finite = bool(torch.isfinite(raw).all())
    decided = loss.decide(raw).numpy()
    return Predicted(rows.y, decided, rows.sample_weight, finite, lambda codes: codes, lambda: None)


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
        settings = {"rate": 0.05, "batch_size": 10, "max_epochs": 5, "score": "accuracy"}
        settings |= {"predicted": predicted, **changed}
        return Plan(optimizer, **settings)

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
