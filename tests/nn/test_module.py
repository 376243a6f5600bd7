import numpy as np
import pytest
import torch
from torch import nn

from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.layers import Dense, Dropout
from sknn_tips.nn.losses import classifier_loss
from sknn_tips.nn.module import MLP, HiddenLayer, Network, draw_weights


def build(**kwargs):
    return MLP(Network(**kwargs), dtype=torch.float32)


def test_layers_stand_in_the_order_of_the_docstring():
    hidden = (HiddenLayer(4, "relu", 0.5, "before"), HiddenLayer(3, "tanh", 0.0, "after"))
    module = build(
        n_features=5,
        n_outputs=2,
        hidden=hidden,
        input_layers={"input_dropout": 0.1},
        layernorm=True,
    )
    kinds = [type(layer) for layer in module]
    assert kinds == [
        Dropout,
        *(Dense, nn.BatchNorm1d, nn.LayerNorm, nn.ReLU, Dropout),
        *(Dense, nn.LayerNorm, nn.Tanh, nn.BatchNorm1d),
        Dense,
    ]


def test_no_hidden_layer_is_one_dense_layer():
    assert [type(layer) for layer in build(n_features=3, n_outputs=2)] == [Dense]


def test_parameter_count_of_lecture_a1():
    module = build(n_features=784, n_outputs=10, hidden=(HiddenLayer(512, batchnorm="before"),))
    trainable = sum(parameter.numel() for parameter in module.parameters())
    statistics = sum(b.numel() for b in module.buffers() if b.is_floating_point())
    assert (trainable + statistics, trainable, statistics) == (409_098, 408_074, 1_024)


def test_maxout_has_twice_the_parameters():
    plain = build(n_features=3, n_outputs=2, hidden=(HiddenLayer(4, "relu"),))
    maxout = build(n_features=3, n_outputs=2, hidden=(HiddenLayer(4, "maxout"),))
    assert maxout.dense_layers[0].weight.shape == (3, 8)
    assert maxout.dense_layers[1].weight.shape == plain.dense_layers[1].weight.shape
    assert maxout(torch.zeros(6, 3)).shape == (6, 2)


def test_batchnorm_and_layernorm_normalise():
    for options in ({"layernorm": True}, {}):
        norm = "before" if not options else None
        layer = HiddenLayer(50, "identity", batchnorm=norm)
        module = build(n_features=20, n_outputs=1, hidden=(layer,), **options)
        draw_weights(module, "normal", {"std": 3.0}, ["identity"] * 2, np.random.RandomState(0))
        x = torch.from_numpy(np.random.RandomState(1).normal(size=(64, 20))).float()
        hidden = module[1](module[0](x))
        axis = 0 if norm else 1
        np.testing.assert_allclose(hidden.mean(dim=axis).detach(), 0, atol=1e-5)
        np.testing.assert_allclose(hidden.var(dim=axis, correction=0).detach(), 1, atol=1e-3)


@pytest.mark.parametrize("activation", ["relu", "logistic"])
def test_auto_draws_sklearns_own_numbers(activation):
    from sklearn.neural_network import MLPClassifier

    X, y = np.zeros((4, 3)), [0, 1, 2, 0]
    theirs = MLPClassifier((5, 4), activation, random_state=7).partial_fit(X, y, classes=[0, 1, 2])
    start = MLPClassifier((5, 4), activation, random_state=7)
    start._random_state = np.random.RandomState(7)
    hidden = (HiddenLayer(5, activation), HiddenLayer(4, activation))
    module = MLP(Network(3, 3, hidden), dtype=torch.float64)
    draw_weights(module, "auto", {}, [activation] * 3, np.random.RandomState(7))
    for layer, (n_in, n_out) in zip(module.dense_layers, [(3, 5), (5, 4), (4, 3)], strict=True):
        weight, bias = start._init_coef(n_in, n_out, np.float64)
        np.testing.assert_array_equal(layer.weight.detach(), weight)
        np.testing.assert_array_equal(layer.bias.detach(), bias)
    assert len(theirs.coefs_) == 3


def test_named_inits_give_zero_biases():
    module = build(n_features=3, n_outputs=2, hidden=(HiddenLayer(4, "maxout"),))
    draw_weights(module, "he_normal", {}, ["maxout"] * 2, np.random.RandomState(0))
    assert all((layer.bias == 0).all() for layer in module.dense_layers)
    assert all((layer.weight != 0).all() for layer in module.dense_layers)


def test_set_generator_reaches_every_dropout():
    layer = HiddenLayer(4, dropout=0.5)
    module = build(
        n_features=3, n_outputs=2, hidden=(layer, layer), input_layers={"input_dropout": 0.2}
    )
    generator = torch.Generator()
    module.set_generator(generator)
    found = [layer.generator for layer in module if isinstance(layer, Dropout)]
    assert found == [generator] * 3


@pytest.mark.parametrize("batchnorm", [None, "before", "after"])
@pytest.mark.parametrize("layernorm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient(activation, batchnorm, layernorm):
    hidden = (HiddenLayer(5, activation, batchnorm=batchnorm),)
    network = Network(n_features=4, n_outputs=3, hidden=hidden, layernorm=layernorm)
    module = MLP(network, dtype=torch.float64)
    draw_weights(module, "auto", {}, [activation] * 2, np.random.RandomState(1))
    module.train()
    X = torch.from_numpy(np.random.RandomState(2).normal(size=(6, 4)))
    loss, target = classifier_loss("log_loss", 3, exclusive=True), torch.tensor([0, 2, 1, 1, 0, 2])
    names = [name for name, _ in module.named_parameters()]

    def total(*parameters):
        raw = torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), (X,))
        return loss.total(raw, target)

    parameters = tuple(p.detach().clone().requires_grad_() for p in module.parameters())
    assert torch.autograd.gradcheck(total, parameters, fast_mode=True)


class Drawn(nn.Module):
    """An activation whose first parameter is drawn."""

    def __init__(self):
        super().__init__()
        self.slope = nn.Parameter(torch.rand(2))

    def forward(self, x):
        return x * self.slope.sum()


def test_own_activations_are_drawn_by_the_seed_in_dtype():
    network = Network(
        3, 1, (HiddenLayer(4, Drawn, 0.1), HiddenLayer(4, "relu"), HiddenLayer(4, Drawn))
    )
    before = torch.get_rng_state()
    first, same, other = (MLP(network, dtype=torch.float64, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert [activation is not None for activation in first.activations] == [
        isinstance(layer, Drawn | nn.ReLU) for layer in first
    ]
    assert first[1].slope.dtype == torch.float64
    assert torch.equal(first[1].slope, same[1].slope)
    assert not torch.equal(first[1].slope, other[1].slope)
    assert not torch.equal(first[1].slope, first[6].slope)
    assert len(first.activities(torch.ones(2, 3, dtype=torch.float64))[1]) == 3
