"""Every option of the estimators trains equally by the compiled executor and from Python."""

import numpy as np
import pytest
import torch

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES
from sknn_tips.ops import native
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES

pytestmark = [
    pytest.mark.skipif(native.module() is None, reason="the compiled executor is not here"),
    pytest.mark.filterwarnings("ignore::sknn_tips.exceptions.HintWarning"),
]

NEEDED = {
    "exponential": {"gamma": 0.9},
    "inverse_time": {"decay": 0.01},
    "step": {"step_size": 1, "gamma": 0.5},
}
OPTIONS = [
    {},
    {"hidden_layer_sizes": ()},
    {"hidden_layer_sizes": (7, 6, 5)},
    {"batchnorm": "before"},
    {"batchnorm": "after"},
    {"layernorm": True},
    {"input_scaling": True},
    {"dropout": 0.3},
    {"dropout": [0.1, 0.4], "input_dropout": 0.1},
    {"alpha": 0.1},
    {"l1": 0.01},
    {"activity_l1": 0.01},
    {"weight_decay": 0.1},
    {"clip_norm": 0.1},
    {"clip_value": 0.01},
    {"ema_decay": 0.9},
    {"shuffle": False},
    {"batch_size": 150},
    {"early_stopping": True},
    {"restore_best": True},
    {"optimizer": "adam", "optimizer_params": {"amsgrad": True}},
    {"optimizer": "rmsprop", "optimizer_params": {"centered": True, "momentum": 0.5}},
    {"optimizer": "momentum", "optimizer_params": {"dampening": 0.5}},
    *({"activation": name} for name in ACTIVATIONS),
    *(
        {"optimizer": name, **({"batch_size": "auto"} if entry.full_batch else {})}
        for name, entry in OPTIMIZERS.items()
        if entry.rule
    ),
    *(
        {"learning_rate": name, "schedule_params": NEEDED.get(name), "optimizer": "sgd"}
        for name in SCHEDULES
    ),
]


def spelled(options):
    return ",".join(f"{name}={value}" for name, value in options.items()) or "defaults"


@pytest.fixture
def in_both_executors(engine, monkeypatch):
    """Return what fits an estimator by each executor, and the weights and losses of both."""

    def fit(estimator, *data, reason=None):
        found = []
        for missing in (None, "left out"):
            monkeypatch.setattr(native, "_found", lambda m=missing: (native_module, m))
            net = estimator.fit(*data)
            assert ("compiled" in net.net_.tier_reason_) == (missing is None)
            found.append(np.concatenate([np.ravel(a) for a in (*net.coefs_, net.loss_curve_)]))
        return found

    native_module = native.module()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield fit
    torch.set_num_threads(before)


def assert_agree(found, dtype):
    exact = {"rtol": 1e-9, "atol": 1e-10} if dtype == "float64" else {"rtol": 1e-2, "atol": 2e-4}
    np.testing.assert_allclose(*found, **exact)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("options", OPTIONS, ids=spelled)
def test_options(in_both_executors, digits, options, dtype):
    given = {"hidden_layer_sizes": (8, 6), "batch_size": 64, "max_iter": 3, "tol": None, **options}
    net = MLPClassifier(**given, dtype=dtype, random_state=0)
    assert_agree(in_both_executors(net, *digits), dtype)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("n_classes", [2, 10])
@pytest.mark.parametrize("loss", CLASSIFIER_LOSSES)
def test_losses_of_classes(in_both_executors, digits, loss, n_classes, smoothing):
    X, y = digits
    weight = np.random.RandomState(0).rand(len(y))
    net = MLPClassifier(
        8, loss=loss, label_smoothing=smoothing, max_iter=3, tol=None, dtype="float64"
    ).set_params(class_weight="balanced", random_state=0)
    assert_agree(in_both_executors(net, X, y % n_classes, weight), "float64")


def test_loss_of_several_labels(in_both_executors, digits):
    X, y = digits
    net = MLPClassifier(8, max_iter=3, tol=None, dtype="float64", random_state=0)
    assert_agree(in_both_executors(net, X, np.c_[y > 3, y % 2 == 0].astype(int)), "float64")


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("loss", REGRESSOR_LOSSES)
def test_losses_of_values(in_both_executors, diabetes, loss, n_outputs):
    X, y = diabetes
    y = np.exp(y / 2)  # above 0, as some losses need
    y = y if n_outputs == 1 else np.c_[y, y**2, 1 / y]
    net = MLPRegressor(loss, 8, max_iter=3, tol=None, dtype="float64", random_state=0)
    assert_agree(in_both_executors(net, X, y), "float64")
