import numpy as np
import pytest
import torch

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.training.optimizers import OPTIMIZERS, choose_optimizer, set_rate

TORCH = [name for name, entry in OPTIMIZERS.items() if entry.torch_class]


def choose(name, params=None, **changed):
    settings = {
        "momentum": 0.8,
        "nesterovs_momentum": True,
        "betas": (0.7, 0.9),
        "epsilon": 1e-5,
    }
    return choose_optimizer(name, **(settings | changed), params=params or {})


@pytest.mark.parametrize("name", TORCH)
def test_every_optimizer_descends(name):
    parameter = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizer = choose(name).build(parameter, OPTIMIZERS[name].usual_rate)
    values = []
    for _ in range(200):
        optimizer.zero_grad()
        value = parameter.square().sum()
        value.backward()
        optimizer.step()
        values.append(value.item())
    assert values[-1] < values[0]


@pytest.mark.parametrize("name", TORCH)
def test_obeys_just_what_the_table_says(name):
    choice, entry = choose(name), OPTIMIZERS[name]
    assert (choice.options.get("betas") == (0.7, 0.9)) == ("betas" in entry.obeys)
    assert (choice.options.get("eps") == 1e-5) == ("epsilon" in entry.obeys)
    assert (choice.options.get("momentum") == 0.8) == ("momentum" in entry.obeys)


def test_momentum_and_nesterov_force_their_switch():
    assert choose("sgd").options["nesterov"] is True
    assert choose("sgd", nesterovs_momentum=False).options["nesterov"] is False
    assert choose("momentum").options["nesterov"] is False
    assert choose("nesterov", nesterovs_momentum=False).options["nesterov"] is True
    assert choose("sgd", momentum=0).options["nesterov"] is False
    assert "momentum" not in choose("gd").options


def test_options_of_torch_and_keras():
    assert choose("rmsprop", {"rho": 0.8, "centered": True}).options == {
        "alpha": 0.8,
        "centered": True,
    }
    assert choose("adadelta", {"rho": 0.95}).options == {"rho": 0.95}
    assert choose("amsgrad").options["amsgrad"] is True


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("adadelta", {"roh": 0.9}, "Did you mean 'rho'"),
        ("adam", {"lr": 0.1}, "'lr'"),
        ("adam", {"weight_decay": 0.1}, "'weight_decay'"),
        ("lbfgs", {"maxcor": 5}, "no options"),
        ("amsgrad", {"amsgrad": False}, "amsgrad"),
    ],
)
def test_unknown_options(name, params, words):
    with pytest.raises(UnknownOptionError, match=words):
        choose(name, params)


def test_keep_velocity_keeps_rate_times_buffer():
    parameter = torch.nn.Parameter(torch.ones(3))
    optimizer = choose("sgd").build(parameter, 0.1)
    parameter.grad = torch.tensor([1.0, 2.0, 3.0])
    optimizer.step()
    velocity = 0.1 * optimizer.state[parameter]["momentum_buffer"]
    set_rate(optimizer, 0.02, keep_velocity=True)
    np.testing.assert_allclose(0.02 * optimizer.state[parameter]["momentum_buffer"], velocity)
    set_rate(optimizer, 0.1, keep_velocity=False)
    np.testing.assert_allclose(0.02 * optimizer.state[parameter]["momentum_buffer"], velocity)
    assert optimizer.param_groups[0]["lr"] == 0.1
