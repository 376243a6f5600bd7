import numpy as np
import pytest
import torch

from sknn_tips.nn.layers import Dense, Dropout
from sknn_tips.nn.signals import Signal

NETS = {
    "plain": {},
    "dropout": {"dropout": 0.4, "input_dropout": 0.2},
    "scaling": {"input_scaling": True},
    "scaling after dropout": {"input_scaling": True, "input_dropout": 0.2},
    "scaling of a linear model": {"input_scaling": True, "units": ()},
}


@pytest.mark.parametrize("net", NETS)
def test_operations_are_autograds(net, check_operations):
    check_operations(**NETS[net])


def test_dense_is_x_times_weight_plus_bias():
    layer = Dense(2, 3, dtype=torch.float64)
    layer.weight.data = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
    layer.bias.data = torch.tensor([10.0, 20.0, 30.0], dtype=torch.float64)
    assert layer(torch.tensor([[1.0, 2.0]], dtype=torch.float64)).tolist() == [[16.0, 29.0, 42.0]]


def test_dense_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    Dense(4, 4, dtype=torch.float32)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean_and_drops_the_share(p):
    layer = Dropout(p)
    layer.generator = torch.Generator().manual_seed(0)
    out = layer(torch.ones(400, 250))
    assert (out == 0).float().mean().item() == pytest.approx(p, abs=0.01)
    assert out.mean().item() == pytest.approx(1.0, abs=0.03)


def test_dropout_does_nothing_in_evaluation_mode():
    layer = Dropout(0.9).eval()
    x = torch.randn(5, 5, generator=torch.Generator().manual_seed(0))
    assert layer(x) is x


def test_dropout_draws_from_its_generator_alone():
    before = torch.get_rng_state()
    masks = []
    for seed in (3, 3, 4):
        layer = Dropout(0.5)
        layer.generator = torch.Generator().manual_seed(seed)
        masks.append(layer(torch.ones(8, 8)))
    assert torch.equal(masks[0], masks[1])
    assert not torch.equal(masks[0], masks[2])
    assert torch.equal(before, torch.get_rng_state())


def test_dropout_gradient_is_its_mask():
    layer = Dropout(0.5)
    layer.generator = torch.Generator().manual_seed(0)
    x = torch.ones(3, 4, requires_grad=True)
    out = layer(x)
    out.sum().backward()
    assert torch.equal(x.grad, out.detach())


def test_dropout_scales_what_it_keeps(make_flat, run):
    flat, _ = make_flat()
    x = Signal(torch.ones(200, 50), torch.empty(200, 50))
    layer = Dropout(0.25)
    layer.generator = np.random.Philox(0)
    part = layer.operations(x, flat.memory, training=True)
    run(part.forward)
    kept = part.y.value
    assert kept.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert (kept > 0).double().mean() == pytest.approx(0.75, abs=0.02)
    part.y.grad.fill_(1.0)
    run(part.backward)
    assert torch.equal(x.grad, kept)
