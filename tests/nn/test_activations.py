import inspect
import re
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.activations import (
    ACTIVATIONS,
    NAMES,
    Maxout,
    activation_of,
    canonical,
    check_own,
)
from sknn_tips.nn.signals import Signal

OPTIONS = {
    "elu": {"alpha": 0.7},
    "gelu": {"approximate": "tanh"},
    "leaky_relu": {"negative_slope": 0.3},
    "maxout": {"pieces": 3},
    "softplus": {"beta": 2.0, "threshold": 1.0},
}
CASES = [(name, {}) for name in ACTIVATIONS] + list(OPTIONS.items())


def test_options_are_those_of_the_module():
    # `inplace` would overwrite what autograd needs; it is speed, not a choice about the network
    for name, entry in ACTIVATIONS.items():
        found = list(inspect.signature(entry.module).parameters)
        assert list(entry.options) == [n for n in found if n not in ("args", "kwargs", "inplace")]
        assert list(entry.options) == list(OPTIONS.get(name, ()))


@pytest.mark.parametrize(("name", "options"), CASES)
def test_gradient(name, options):
    x = torch.linspace(-2.9, 3.1, 24, dtype=torch.float64).reshape(4, 6).requires_grad_()
    assert torch.autograd.gradcheck(ACTIVATIONS[name].build(options), (x,))


@pytest.mark.parametrize(("name", "options"), CASES)
def test_operations_are_autograds(name, options, run):
    rng = np.random.RandomState(0)
    module = ACTIVATIONS[name].build(options)
    value = torch.from_numpy(3 * rng.randn(7, 6))
    value[0] = 0.0  # the kink
    leaf = value.clone().requires_grad_()
    expected = module(leaf)
    gradient = torch.from_numpy(rng.randn(*expected.shape))
    (wanted,) = torch.autograd.grad(expected, leaf, gradient)

    alone = ACTIVATIONS[name].operations(module, Signal(value.clone()))
    run(alone.forward)
    np.testing.assert_allclose(alone.y.value, expected.detach(), rtol=1e-12, atol=1e-15)
    assert not alone.backward

    x = Signal(value, torch.empty_like(value))
    part = ACTIVATIONS[name].operations(module, x)
    run(part.forward)
    np.testing.assert_allclose(part.y.value, expected.detach(), rtol=1e-12, atol=1e-15)
    part.y.grad.copy_(gradient)
    run(part.backward)
    np.testing.assert_allclose(x.grad, wanted, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "maxout"])
def test_facts_are_those_of_the_curve(name):
    entry = ACTIVATIONS[name]
    x = torch.linspace(-40, 40, 801, dtype=torch.float64).requires_grad_()
    y = entry.build({})(x)
    (derivative,) = torch.autograd.grad(y.sum() + 0 * x.sum(), x)
    assert entry.passes_gradient == bool(derivative.any())
    assert entry.may_die == (not y[x < 0].any() and entry.passes_gradient)
    flat = bool(derivative[[0, -1]].abs().max() < 1e-9)
    assert (entry.ends is not None) == (flat and entry.passes_gradient)
    if entry.ends is not None:
        assert y[[0, -1]].tolist() == pytest.approx(entry.ends)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_a_registry_name(name):
    assert canonical(name) in ACTIVATIONS


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("relu", -2.0, 0.0),
        ("leaky_relu", -2.0, -0.02),
        ("elu", -1.0, -0.6321205588285577),
        ("selu", 1.0, 1.0507009873554805),
        ("gelu", 1.0, 0.8413447460685429),
        ("silu", 1.0, 0.7310585786300049),
        ("mish", 1.0, 0.8650983882673103),
        ("tanh", 0.5, 0.46211715726000973),
        ("logistic", 0.0, 0.5),
        ("softplus", 0.0, 0.6931471805599453),
        ("identity", -3.0, -3.0),
        ("step", 0.1, 1.0),
        ("step", 0.0, 0.0),
    ],
)
def test_values_of_the_papers(name, x, expected):
    value = ACTIVATIONS[name].build({})(torch.tensor([[x]], dtype=torch.float64))
    assert value.item() == pytest.approx(expected, rel=1e-12)


def test_maxout_takes_the_largest_piece_of_each_unit():
    x = torch.tensor([[1.0, 5.0, 3.0, 2.0]])  # two pieces of two units
    assert Maxout(2)(x).tolist() == [[3.0, 5.0]]
    maxout, relu = ACTIVATIONS["maxout"], ACTIVATIONS["relu"]
    assert maxout.pieces({}) == maxout.build({}).pieces == 2
    assert maxout.pieces({"pieces": 3}) == 3
    assert relu.pieces({"pieces": 3}) == 1


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("maxout", {"pieces": 1}, "pieces=1 must be a whole number >= 2"),
        ("maxout", {"pieces": 2.0}, "pieces=2.0 must be a whole number"),
        ("maxout", {"pieces": True}, "pieces=True must be a whole number"),
        ("gelu", {"approximate": "x"}, "approximate='x' must be 'none' or 'tanh'"),
        ("elu", {"alpha": "a"}, "alpha='a' must be a finite number"),
        ("leaky_relu", {"negative_slope": float("nan")}, "negative_slope=nan must be a finite"),
        ("softplus", {"beta": 0}, "beta=0 must be a finite number above 0"),
        ("softplus", {"threshold": None}, "threshold=None must be a finite number"),
    ],
)
def test_values_out_of_range(name, params, words):
    with pytest.raises(ValueError, match=f"activation_params: {words}"):
        ACTIVATIONS[name].build(params)


def test_numbers_of_numpy_become_pythons():
    assert type(ACTIVATIONS["elu"].build({"alpha": np.float32(0.5)}).alpha) is float
    assert ACTIVATIONS["maxout"].build({"pieces": np.int64(3)}).pieces == 3


def test_options_reach_the_module_and_others_are_left_to_other_layers():
    module = ACTIVATIONS["leaky_relu"].build({"negative_slope": 0.1, "alpha": 2.0})
    assert isinstance(module, nn.LeakyReLU)
    assert module.negative_slope == 0.1


def test_each_call_makes_a_fresh_module():
    entry = activation_of("relu")
    assert entry is ACTIVATIONS["relu"]
    assert entry.build({}) is not entry.build({})


def test_an_own_class_of_a_known_kind_has_what_is_known_of_it():
    for given in (nn.Sigmoid, partial(nn.Sigmoid)):
        entry = activation_of(canonical(given))
        assert (entry.ends, entry.sklearn_factor) == ((0.0, 1.0), 2.0)
    leaky = activation_of(partial(nn.LeakyReLU, 0.3)).build({"negative_slope": 0.1})
    assert leaky.negative_slope == 0.3
    entry = activation_of(nn.Hardswish)
    assert (entry.ends, entry.may_die, entry.pieces({"pieces": 3})) == (None, False, 1)
    assert entry.operations is None


class Rounds(nn.Module):
    def forward(self, x):
        return x.float()


WRONG = {"Tanh()": nn.Tanh(), "GLU": nn.GLU, "dict": dict, "Rounds": Rounds, "RReLU": nn.RReLU}


@pytest.mark.parametrize("name", WRONG)
def test_an_own_class_must_make_what_can_follow_a_layer(name):
    check_own(nn.Hardswish, 4)
    with pytest.raises(ValueError, match=rf"activation={re.escape(name)}: .*torch.nn.Hardswish"):
        check_own(WRONG[name], 4)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(UnknownOptionError, match="Did you mean 'leaky_relu'"):
        canonical("leakyrelu")
