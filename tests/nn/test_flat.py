import numpy as np
import pytest
import torch
from torch import nn

from sknn_tips.nn.flat import FlatParameters
from sknn_tips.nn.module import MLP, HiddenLayer, Network, draw_weights


@pytest.fixture
def module():
    network = Network(3, 2, (HiddenLayer(4, "tanh", batchnorm="before"),))
    module = MLP(network, dtype=torch.float64)
    draw_weights(module, "auto", {}, ["tanh"] * 2, np.random.RandomState(0))
    return module


def test_weights_come_first_then_biases_then_norms(module):
    dense = module.dense_layers
    expected = [layer.weight.detach().clone().ravel() for layer in dense]
    expected += [layer.bias.detach().clone() for layer in dense]
    expected += [torch.ones(4), torch.zeros(4)]
    flat = FlatParameters(module)
    assert torch.equal(flat.vector.detach(), torch.cat([e.double() for e in expected]))
    assert len(flat.weights) == 3 * 4 + 4 * 2


def test_parameters_and_gradients_are_views(module):
    flat = FlatParameters(module)
    with torch.no_grad():
        flat.vector.fill_(0.25)
    assert all((p == 0.25).all() for p in module.parameters())
    module(torch.ones(5, 3, dtype=torch.float64)).sum().backward()
    gradients = torch.cat([layer.weight.grad.ravel() for layer in module.dense_layers])
    assert torch.equal(flat.weights_grad, gradients)
    assert flat.grad.abs().sum() > 0


def test_restore_undoes_everything_since_the_snapshot(module):
    flat = FlatParameters(module)
    saved = flat.snapshot()
    before = [tensor.clone() for tensor in module.state_dict().values()]
    with torch.no_grad():
        flat.vector.mul_(2)
    module.train()
    module(torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)))
    assert not torch.equal(flat.buffers[0], torch.zeros(4))
    flat.restore(saved)
    floating = [t for t in before if t.is_floating_point()]
    after = [t for t in module.state_dict().values() if t.is_floating_point()]
    assert all(torch.equal(a, b) for a, b in zip(floating, after, strict=True))


def test_all_finite(module):
    flat = FlatParameters(module)
    assert flat.all_finite()
    with torch.no_grad():
        flat.vector[3] = torch.nan
    assert not flat.all_finite()


def test_double_has_the_numbers_of_now():
    network = Network(
        3, 2, (HiddenLayer(4, "tanh", batchnorm="before"),), {}, {"input_scaling": True}
    )
    flat = FlatParameters(MLP(network, dtype=torch.float32))
    first = flat.double()
    with torch.no_grad():
        flat.vector.add_(3)
        for buffer in flat.buffers:
            buffer.add_(1)
    again = flat.double()
    assert again is first
    assert again.vector.dtype == torch.float64
    assert torch.equal(again.vector, flat.vector.detach().double())
    for buffer in (b for b in flat.memory.module.buffers() if b.is_floating_point()):
        assert torch.equal(again.buffer(buffer), flat.memory.buffer(buffer).double())


def test_double_of_float64_is_the_memory_itself(module):
    flat = FlatParameters(module)
    assert flat.double() is flat.memory


def test_double_of_a_layer_that_torch_alone_knows():
    network = Network(3, 2, (HiddenLayer(4, nn.PReLU, batchnorm="before"),))
    module = MLP(network, dtype=torch.float32)
    draw_weights(module, "he_normal", {}, ["relu"] * 2, np.random.RandomState(0))
    flat, x = FlatParameters(module.eval()), torch.randn(5, 3, generator=torch.Generator())
    for _ in range(2):
        memory = flat.double()
        assert memory.vector.dtype == torch.float64
        torch.testing.assert_close(memory.module(x.double()).float(), module(x))
        with torch.no_grad():
            flat.vector.add_(1)
            flat.buffers[0].add_(1)
