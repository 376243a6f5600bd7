import numpy as np
import pytest
import torch

from sknn_tips.nn import activations as network
from sknn_tips.nn.activation_operations import ACTIVATIONS
from sknn_tips.nn.activations import build_activation
from sknn_tips.nn.signals import Signal

OPTIONS = {
    "elu": {"alpha": 0.7},
    "gelu": {"approximate": "tanh"},
    "leaky_relu": {"negative_slope": 0.3},
    "maxout": {"pieces": 3},
    "softplus": {"beta": 2.0, "threshold": 1.0},
}
CASES = [(name, {}) for name in network.ACTIVATIONS] + list(OPTIONS.items())


def test_every_activation_is_here():
    assert set(ACTIVATIONS) == set(network.ACTIVATIONS.values())
    named = {name for name in network.ACTIVATIONS if network.options_of(name)}
    assert named == set(OPTIONS)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_forward_and_backward_are_autograds(name, options, run):
    rng = np.random.RandomState(0)
    module = build_activation(name, options)
    value = torch.from_numpy(3 * rng.randn(7, 6))
    value[0] = 0.0  # the kink
    leaf = value.clone().requires_grad_()
    expected = module(leaf)
    slopes = torch.from_numpy(rng.randn(*expected.shape))
    (wanted,) = torch.autograd.grad(expected, leaf, slopes)

    x = Signal(value, torch.empty_like(value))
    part = ACTIVATIONS[type(module)](module, x)
    run(part.forward)
    np.testing.assert_allclose(part.y.value, expected.detach(), rtol=1e-12, atol=1e-15)
    part.y.grad.copy_(slopes)
    run(part.backward)
    np.testing.assert_allclose(x.grad, wanted, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", network.ACTIVATIONS)
def test_without_derivatives(name, run):
    module = build_activation(name, {})
    value = torch.from_numpy(np.random.RandomState(0).randn(7, 6))
    expected = module(value.clone())
    part = ACTIVATIONS[type(module)](module, Signal(value))
    run(part.forward)
    np.testing.assert_allclose(part.y.value, expected, rtol=1e-12, atol=1e-15)
