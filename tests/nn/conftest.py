"""What tests of several kinds of layers share."""

import numpy as np
import pytest
import torch

from sknn_tips.nn.layers import LAYERS
from sknn_tips.nn.signals import Signal


@pytest.fixture
def check_operations(make_flat, run):
    """Return what compares the operations of a network's layers in training with autograd."""

    def check(**net):
        (flat, module), (twin_flat, twin) = (make_flat(activation="tanh", **net) for _ in "ab")
        X = torch.from_numpy(np.random.RandomState(0).randn(8, 5))
        gradient = torch.from_numpy(np.random.RandomState(1).randn(8, 3))
        twin.set_generator(np.random.Philox(3))
        expected = twin(X)
        expected.backward(gradient)

        module.set_generator(np.random.Philox(3))
        parts, x = [], Signal(X.clone())
        for layer in module:
            parts.append(LAYERS[type(layer)].operations(layer, x, flat.memory, training=True))
            x = parts[-1].y
        with torch.no_grad():
            for part in parts:
                run(part.forward)
            np.testing.assert_allclose(x.value, expected.detach(), rtol=1e-9)
            x.grad.copy_(gradient)
            for part in reversed(parts):
                run(part.backward)
        np.testing.assert_allclose(flat.grad, twin_flat.grad, rtol=1e-9, atol=1e-12)
        for found, wanted in zip(flat.buffers, twin_flat.buffers, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12)

    return check
