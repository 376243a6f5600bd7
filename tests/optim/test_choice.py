import numpy as np
import pytest
import torch

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.optim.optimizers import OPTIMIZERS

TORCH = [name for name, entry in OPTIMIZERS.items() if entry.torch_class]


@pytest.mark.parametrize("name", TORCH)
def test_obeys_just_what_the_table_says(name, choose):
    choice, entry = choose(name), OPTIMIZERS[name]
    assert (choice.options.get("betas") == (0.7, 0.9)) == ("betas" in entry.estimator_parameters)
    assert (choice.options.get("eps") == 1e-5) == ("epsilon" in entry.estimator_parameters)
    assert (choice.options.get("momentum") == 0.8) == ("momentum" in entry.estimator_parameters)


def test_momentum_and_nesterov_force_their_switch(choose):
    assert choose("sgd").options["nesterov"] is True
    assert choose("sgd", nesterovs_momentum=False).options["nesterov"] is False
    assert choose("momentum").options["nesterov"] is False
    assert choose("nesterov", nesterovs_momentum=False).options["nesterov"] is True
    assert choose("sgd", momentum=0).options["nesterov"] is False
    assert "momentum" not in choose("gd").options


def test_options_of_torch_and_keras(choose):
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
        ("adam", {"lr": 0.1}, r"'lr': write learning_rate_init=0.1 beside it"),
        ("adam", {"weight_decay": 0.1}, "'weight_decay'"),
        ("lbfgs", {"maxcor": 5}, "no options"),
        ("amsgrad", {"amsgrad": False}, "amsgrad"),
    ],
)
def test_unknown_options(name, params, words, choose):
    with pytest.raises(UnknownOptionError, match=words):
        choose(name, params)


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("rmsprop", {"rho": 2}, "rho=2 must be a number of at least 0 and below 1"),
        ("rmsprop", {"alpha": -0.1}, "alpha=-0.1 must be"),
        ("rmsprop", {"momentum": -1}, "momentum=-1 must be a number from 0 to 1"),
        ("rmsprop", {"centered": "x"}, "centered='x' must be True or False"),
        ("momentum", {"dampening": -1}, "dampening=-1 must be"),
        ("adam", {"betas": 0.9}, r"betas=0.9 must be two numbers .*\(0.9, 0.999\)"),
        ("adam", {"betas": (0.9, 1)}, r"betas=\(0.9, 1\) must be two numbers"),
        ("adam", {"betas": (0.9, "a")}, "must be two numbers"),
        ("adam", {"eps": -1}, "eps=-1 must be a finite number, 0 or more"),
        ("nadam", {"eps": "a"}, "eps='a' must be"),
        ("adam", {"amsgrad": "x"}, "amsgrad='x' must be True or False"),
        ("adadelta", {"rho": 7}, "rho=7 must be"),
        ("adagrad", {"lr_decay": -1}, "lr_decay=-1 must be"),
        ("nadam", {"momentum_decay": -1}, "momentum_decay=-1 must be"),
        ("rmsprop", {"rho": 0.9, "alpha": 0.8}, "rho=0.9 and alpha=0.8, two names .*Give one"),
        ("nesterov", {"dampening": 0.5}, "dampening=0.5 does not go.*optimizer='momentum'"),
        ("sgd", {"dampening": 0.5}, "dampening=0.5 does not go"),
        ("gd", {"nesterov": True}, "nesterov=True needs a momentum.*'momentum': 0.9"),
    ],
)
def test_values_out_of_range_are_found_without_building_an_optimizer(name, params, words, choose):
    with pytest.raises(ValueError, match=f"optimizer_params.*{words}"):
        choose(name, params)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("momentum", {"dampening": 0.5}),
        ("gd", {"nesterov": True, "momentum": 0.9}),
        ("adam", {"betas": [0.5, 0.9], "eps": 0}),
        ("rmsprop", {"rho": np.float32(0.5)}),
    ],
)
def test_values_in_range(name, params, choose):
    parameter = torch.nn.Parameter(torch.ones(2))
    assert choose(name, params).build([(parameter, 1.0)], 0.1)


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam"])
def test_whole_numbers_as_betas(choose, name):
    optimizer = choose(name, {"betas": (0, 0.9)}).build(
        [([torch.nn.Parameter(torch.ones(2))], 1)], 0.1
    )
    assert optimizer.param_groups[0]["betas"] == (0.0, 0.9)


def test_a_list_of_betas_is_the_same_choice_as_a_tuple(choose):
    assert choose("adam", {"betas": [0.5, 0.9]}) == choose("adam", {"betas": (0.5, 0.9)})
