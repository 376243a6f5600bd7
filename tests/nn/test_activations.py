import numpy as np
import pytest
import torch
from torch import nn

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.activations import (
    ACTIVATIONS,
    NAMES,
    RANGES,
    Maxout,
    build_activation,
    canonical,
    options_of,
    pieces_of,
)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradient(name):
    x = torch.linspace(-2.9, 3.1, 24, dtype=torch.float64).reshape(4, 6).requires_grad_()
    assert torch.autograd.gradcheck(build_activation(name, {}), (x,))


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
    value = build_activation(name, {})(torch.tensor([[x]], dtype=torch.float64))
    assert value.item() == pytest.approx(expected, rel=1e-12)


def test_maxout_takes_the_largest_piece_of_each_unit():
    x = torch.tensor([[1.0, 5.0, 3.0, 2.0]])  # two pieces of two units
    assert Maxout(2)(x).tolist() == [[3.0, 5.0]]
    assert pieces_of("maxout", {"pieces": 3}) == 3
    assert pieces_of("relu", {"pieces": 3}) == 1


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
        build_activation(name, params)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_option_has_a_range(name):
    assert set(options_of(name)) <= set(RANGES)


def test_numbers_of_numpy_become_pythons():
    assert type(build_activation("elu", {"alpha": np.float32(0.5)}).alpha) is float
    assert build_activation("maxout", {"pieces": np.int64(3)}).pieces == 3


def test_options_reach_the_module_and_others_are_left_to_other_layers():
    module = build_activation("leaky_relu", {"negative_slope": 0.1, "alpha": 2.0})
    assert isinstance(module, nn.LeakyReLU)
    assert module.negative_slope == 0.1
    assert options_of("elu") == ["alpha"]


def test_each_call_makes_a_fresh_module():
    assert build_activation("relu", {}) is not build_activation("relu", {})


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(UnknownOptionError, match="Did you mean 'leaky_relu'"):
        canonical("leakyrelu")
