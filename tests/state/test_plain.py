import pickle

import numpy as np
import pytest
import torch

from sknn_tips.nn.losses import (
    CLASSIFIER_LOSSES,
    LOSSES,
    REGRESSOR_LOSSES,
    OwnLoss,
    classifier_loss,
)
from sknn_tips.nn.module import HiddenLayer, Network
from sknn_tips.optim.optimizers import OptimizerChoice
from sknn_tips.state import plain


def is_plain(value):
    if isinstance(value, dict):
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    return value is None or isinstance(value, bool | int | float | str | np.ndarray)


@pytest.mark.parametrize("name", REGRESSOR_LOSSES)
def test_a_loss_of_a_regressor(name):
    loss = REGRESSOR_LOSSES[name]()
    stored = plain.plain_loss(loss)
    assert is_plain(stored)
    found = plain.loss_of(stored)
    assert (type(found), vars(found)) == (type(loss), vars(loss))


@pytest.mark.parametrize("name", CLASSIFIER_LOSSES)
@pytest.mark.parametrize("exclusive", [False, True])
def test_a_loss_of_a_classifier(name, exclusive):
    loss = classifier_loss(name, 3, exclusive=exclusive, label_smoothing=0.1)
    stored = plain.plain_loss(loss)
    assert is_plain(stored)
    found = plain.loss_of(stored)
    assert (type(found), vars(found)) == (type(loss), vars(loss))


def test_a_loss_of_the_user_keeps_its_function():
    loss = OwnLoss(torch.nn.functional.l1_loss)
    loss.is_per_value = False
    found = plain.loss_of(pickle.loads(pickle.dumps(plain.plain_loss(loss))))
    assert found.given is torch.nn.functional.l1_loss
    assert not found.is_per_value
    assert found.reported_scale(2) == 1.0


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({"class": "HingeLoss"}, "'HingeLoss', which is none of SquaredError"),
        ({"class": "OwnLoss", "given": "print", "is_per_value": True}, "'print', which is no func"),
    ],
)
def test_another_loss_is_an_error(stored, message):
    with pytest.raises(ValueError, match=message):
        plain.loss_of(stored)
    assert "OwnLoss" not in LOSSES


def test_a_network():
    layers = (HiddenLayer(8, "maxout", 0.5, "after"), HiddenLayer(3))
    network = Network(4, 3, layers, {"pieces": 3}, {"input_dropout": 0.1}, True)
    stored = plain.plain_network(network)
    assert is_plain(stored)
    assert plain.network_of(stored) == network
    stored["hidden"][1]["activation"] = "reul"
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        plain.network_of(stored)


def test_the_choice_of_an_optimizer():
    choice = OptimizerChoice("adam", {"betas": (0.9, 0.999), "eps": 1e-8})
    stored = plain.plain_choice(choice)
    assert is_plain(stored)
    assert plain.choice_of(stored) == choice
    assert plain.choice_of(plain.plain_choice(None)) is None
    with pytest.raises(KeyError, match="adma"):
        plain.choice_of({"name": "adma", "options": {}})


def test_tensors_are_copied_both_ways():
    given = {"rate": 0.1, "state": [torch.ones(2), torch.tensor(3.0)]}
    stored = plain.to_numpy(given)
    assert is_plain(stored)
    found = plain.to_torch(stored)
    given["state"][0][:] = 5
    stored["state"][1][...] = 7
    assert stored["state"][0].tolist() == found["state"][0].tolist() == [1, 1]
    assert (found["state"][1], found["rate"]) == (3, 0.1)
