"""Graphs of MLPClassifier and MLPRegressor agree with the estimators in onnxruntime."""

from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from sknn_tips import MLPClassifier, MLPRegressor, to_onnx
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES

FEW = {"hidden_layer_sizes": (9, 7), "max_iter": 8, "tol": None, "random_state": 0}
DTYPES = [np.float32, np.float64]
pytestmark = pytest.mark.filterwarnings("ignore::sknn_tips.exceptions.HintWarning")


@pytest.fixture(scope="module")
def flowers():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture(scope="module")
def patients():
    X, y = load_diabetes(return_X_y=True)
    return X * 20, y / 100


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(flowers, agree, activation, dtype):
    X, y = flowers
    X = 3 * X.astype(dtype)  # into the region where activations saturate
    agree(MLPClassifier(activation=activation, init="he_normal", **FEW).fit(X, y), X)


@pytest.mark.parametrize(
    ("activation", "options"),
    [
        ("leaky_relu", {"negative_slope": 0.3}),
        ("elu", {"alpha": 0.7}),
        ("gelu", {"approximate": "tanh"}),
        ("softplus", {"beta": 2.0, "threshold": 1.0}),
        ("maxout", {"pieces": 4}),
    ],
)
def test_options_of_activations(flowers, agree, activation, options):
    X, y = flowers
    net = MLPClassifier(activation=activation, activation_params=options, **FEW).fit(X, y)
    default = MLPClassifier(activation=activation, **FEW)
    assert (
        abs(net.predict_proba(X) - default.fit(X, y).predict_proba(X)).max() > 2e-5
    )  # more than the tolerance
    agree(net, X)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batchnorm", [False, "before", "after"])
@pytest.mark.parametrize("layernorm", [False, True])
def test_norms_input_scaling_and_dropout(flowers, agree, batchnorm, layernorm, dtype):
    X, y = flowers
    net = MLPClassifier(
        batchnorm=batchnorm,
        layernorm=layernorm,
        input_scaling=True,
        input_dropout=0.1,
        dropout=0.2,
        activation=["mish", "maxout"],
        **FEW,
    )
    agree(net.fit(X.astype(dtype), y), X.astype(dtype))


def test_without_hidden_layers(flowers, agree):
    X, y = flowers
    agree(MLPClassifier(**FEW | {"hidden_layer_sizes": ()}).fit(X, y), X)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", CLASSIFIER_LOSSES)
@pytest.mark.parametrize("target", ["exclusive", "binary", "multilabel", "single class"])
def test_every_loss_and_target_of_the_classifier(flowers, agree, loss, target, dtype):
    X, y = flowers
    y = {
        "exclusive": y,
        "binary": y == 1,
        "multilabel": np.c_[y == 0, y == 1, y > 0].astype(int),
        "single class": np.full(len(y), 7),
    }[target]
    agree(MLPClassifier(loss=loss, **FEW).fit(X.astype(dtype), y), X.astype(dtype))


@pytest.mark.parametrize(
    "labels", [["b", "a", "ü"], [10, -3, 4], [0.0, 1.0, 4.0], np.array(["x", "y", "z"], object)]
)
def test_labels_of_any_kind(flowers, agree, labels):
    X, y = flowers
    agree(MLPClassifier(**FEW).fit(X, np.asarray(labels)[y]), X)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("loss", REGRESSOR_LOSSES)
def test_every_loss_of_the_regressor(patients, agree, loss, n_outputs, dtype):
    X, y = patients
    y = y if n_outputs == 1 else np.c_[y, 2 * y, y + 1]
    graph = agree(MLPRegressor(loss, **FEW).fit(X.astype(dtype), y), X.astype(dtype))
    shape = graph.graph.output[0].type.tensor_type.shape.dim
    assert shape[1].dim_value == n_outputs


@pytest.mark.parametrize("quantile", [0.1, 0.9])
def test_quantiles(patients, agree, quantile):
    X, y = patients
    agree(MLPRegressor("quantile", loss_params={"quantile": quantile}, **FEW).fit(X, y), X)


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_normalize_y(patients, agree, n_outputs):
    X, y = patients
    y = 1000 + 100 * (y if n_outputs == 1 else np.c_[y, -y])
    agree(MLPRegressor(normalize_y=True, **FEW).fit(X, y), X)


def test_a_loss_of_the_user_has_the_identity_as_link(patients, agree):
    X, y = patients
    loss = partial(nn.functional.smooth_l1_loss, reduction="none")
    agree(MLPRegressor(loss, **FEW).fit(X, y), X)


def test_float64_weights_predict_in_float64_for_float32_too(flowers, agree):
    X, y = flowers
    X = X.astype(np.float32)
    net = MLPClassifier(dtype="float64", **FEW).fit(X, y)
    graph = agree(net, X)
    assert graph.graph.output[1].type.tensor_type.elem_type == 11  # double
    assert net.predict_proba(X).dtype == np.float64


def test_float32_input_stays_float32(flowers, agree, run):
    X, y = flowers
    X = X.astype(np.float32)
    graph = agree(MLPClassifier(**FEW).fit(X, y), X)
    assert run(graph, X)[1].dtype == np.float32


def test_assigned_weights_are_exported(flowers, agree):
    X, y = flowers
    net = MLPClassifier(**FEW).fit(X, y)
    before = net.predict_proba(X)
    net.coefs_ = [-weight for weight in net.coefs_]
    agree(net, X)
    assert abs(net.predict_proba(X) - before).max() > 0.1


def test_averaged_weights_are_exported(flowers, agree):
    X, y = flowers
    agree(MLPClassifier(ema_decay=0.9, **FEW).fit(X, y), X)


def test_a_known_class_of_torch_is_as_good_as_its_name(flowers, agree):
    X, y = flowers
    agree(MLPClassifier(activation=partial(nn.LeakyReLU, 0.2), **FEW).fit(X, y), X)


def test_an_activation_of_the_user_is_refused_with_the_remedy(flowers):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    X, y = flowers
    model = make_pipeline(StandardScaler(), MLPClassifier(activation=nn.Hardswish, **FEW))
    with pytest.raises(TypeError, match=r"activation=Hardswish: .* one of relu, .*torch\.onnx"):
        to_onnx(model.fit(X, y), X)


def test_labels_that_onnx_does_not_have_are_refused(flowers):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    X, y = flowers
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], "datetime64[D]")[y]
    with pytest.raises(TypeError, match=r"labels such as .*2024-01-01.* text only"):
        to_onnx(MLPClassifier(**FEW).fit(X, days), X)
