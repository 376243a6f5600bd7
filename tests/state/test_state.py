from dataclasses import fields

import numpy as np
import pytest
import torch

from sknn_tips.state.state import NAMES, TrainingState, changed
from sknn_tips.training.loop import train


@pytest.fixture
def trained(make_net, make_data, make_plan):
    net = make_net(dropout=0.3, batchnorm="before")
    train(net, make_plan("adam"), make_data(), None)
    return net


def assert_same(found, expected):
    if isinstance(expected, torch.Tensor):
        assert torch.equal(found, expected)
    elif isinstance(expected, np.random.RandomState):
        assert found["state"]["pos"] == expected.get_state(legacy=False)["state"]["pos"]
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(found, expected)
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_same(found[key], value)
    elif isinstance(expected, list):
        for pair in zip(found, expected, strict=True):
            assert_same(*pair)
    else:
        assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_stays_as_training_goes_on(trained, make_data, make_plan, name):
    copy, before = TrainingState.of(trained).copied(), TrainingState.of(trained)
    assert_same(getattr(copy, name), getattr(before, name))
    again = TrainingState.of(trained).copied()
    train(trained, make_plan("adam"), make_data(seed=1), None)
    assert_same(getattr(copy, name), getattr(again, name))


def test_a_net_goes_on_from_any_state(trained, make_data, make_plan):
    saved = TrainingState.of(trained).copied()
    train(trained, make_plan("adam"), make_data(seed=1), None)
    first = trained.flat.vector.detach().clone()
    saved.put_into(trained)
    train(trained, make_plan("adam"), make_data(seed=1), None)
    assert torch.equal(trained.flat.vector, first)


def test_what_training_moves_is_in_the_state(trained, make_data, make_plan):
    """Every plain attribute that a training changes is carried on, or begins anew in each."""
    anew = {"columns", "failed_metrics", "stop_training", "verbose", "history", "callbacks_"}
    anew |= {"rule", "pending_moments", "tier_reason_"}
    before = {name: value for name, value in vars(trained).items() if np.isscalar(value)}
    train(trained, make_plan("sgd", batch_size=5, max_epochs=2), make_data(), None)
    moved = {name for name, value in before.items() if vars(trained)[name] != value}
    assert moved <= {field.name for field in fields(TrainingState)} | anew


def test_changed_reaches_into_lists_and_dicts():
    found = changed({"a": [1, (2.0, "b")], "c": 3}, int, lambda number: -number)
    assert found == {"a": [-1, (2.0, "b")], "c": -3}
