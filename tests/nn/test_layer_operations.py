import numpy as np
import pytest
import torch

from sknn_tips.nn.layer_operations import LAYERS
from sknn_tips.nn.layers import Dropout
from sknn_tips.nn.signals import Signal

N = 8
NETS = {
    "plain": {},
    "batchnorm before": {"batchnorm": "before"},
    "batchnorm after": {"batchnorm": "after"},
    "layernorm": {"layernorm": True},
    "both": {"batchnorm": "after", "layernorm": True},
    "dropout": {"dropout": 0.4, "input_dropout": 0.2},
    "scaling": {"input_scaling": True},
    "scaling after dropout": {"input_scaling": True, "input_dropout": 0.2},
    "scaling of a linear model": {"input_scaling": True, "units": ()},
}


def chain(memory, module, x, *, training):
    parts = []
    for layer in module:
        parts.append(LAYERS[type(layer)](layer, x, memory, training=training))
        x = parts[-1].y
    return parts


def inputs(seed=0):
    return torch.from_numpy(np.random.RandomState(seed).randn(N, 5))


def seeded(module):
    module.set_generator(np.random.Philox(3))


@pytest.mark.parametrize("net", NETS)
def test_a_training_pass_is_autograds(make_flat, run, net):
    (flat, module), (twin_flat, twin) = (make_flat(activation="tanh", **NETS[net]) for _ in "ab")
    X, slopes = inputs(), torch.from_numpy(np.random.RandomState(1).randn(N, 3))
    seeded(twin)
    expected = twin(X)
    expected.backward(slopes)

    seeded(module)
    with torch.no_grad():
        parts = chain(flat.memory, module, Signal(X.clone()), training=True)
        for part in parts:
            run(part.forward)
        np.testing.assert_allclose(parts[-1].y.value, expected.detach(), rtol=1e-9)
        parts[-1].y.grad.copy_(slopes)
        for part in reversed(parts):
            run(part.backward)
    np.testing.assert_allclose(flat.grad, twin_flat.grad, rtol=1e-9, atol=1e-12)
    for found, wanted in zip(flat.buffers, twin_flat.buffers, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_dropout_scales_what_it_keeps(make_flat, run):
    flat, _ = make_flat()
    x = Signal(torch.ones(200, 50), torch.empty(200, 50))
    layer = Dropout(0.25)
    layer.generator = np.random.Philox(0)
    part = LAYERS[Dropout](layer, x, flat.memory, training=True)
    run(part.forward)
    kept = part.y.value
    assert kept.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert (kept > 0).double().mean() == pytest.approx(0.75, abs=0.02)
    part.y.grad.fill_(1.0)
    run(part.backward)
    assert torch.equal(x.grad, kept)
