import pickle

import pytest
import torch

from sknn_tips.nn.module import HiddenLayer, Network
from sknn_tips.state.copies import from_arrays, recast, rollback, snapshot, to_arrays
from sknn_tips.training.loop import train


def copied(net):
    return from_arrays(pickle.loads(pickle.dumps(to_arrays(net))))


@pytest.mark.parametrize(
    "name", ["sgd", "adam", "rmsprop", "nadam", "adadelta", "adagrad", "adamw"]
)
def test_a_copy_trains_on_exactly_as_if_never_stopped(make_net, make_data, make_plan, name):
    plan, rows = make_plan(name, alpha=0.1), make_data()
    net = make_net(dropout=0.3, batchnorm="after")
    train(net, plan, rows, None)
    other = copied(net)
    other.use_callbacks([])
    train(net, plan, rows, None)
    train(other, plan, rows, None)
    assert torch.equal(net.flat.vector, other.flat.vector)
    assert net.samples_seen == other.samples_seen
    assert len(net.history) == len(other.history) == 10


def test_arrays_hold_no_tensor_and_no_module(make_net, make_data, make_plan):
    net = make_net(dropout=0.3)
    train(net, make_plan("adam"), make_data(), None)

    def walk(value):
        assert not isinstance(value, torch.Tensor | torch.nn.Module | torch.Generator)
        inner = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list | tuple):
            for item in inner:
                walk(item)
        elif hasattr(value, "__dict__"):
            walk(vars(value))

    walk(to_arrays(net))


def test_rollback_undoes_a_training(make_net, make_data, make_plan):
    plan, rows = make_plan("adam"), make_data()
    net, twin = make_net(dropout=0.3), make_net(dropout=0.3)
    for each in (net, twin):
        train(each, plan, rows, None)
    saved = snapshot(net)
    train(net, plan, make_data(seed=5), None)
    rollback(net, saved)
    assert torch.equal(net.flat.vector, twin.flat.vector)
    for each in (net, twin):
        train(each, plan, rows, None)
    assert torch.equal(net.flat.vector, twin.flat.vector)
    assert len(net.history) == len(twin.history) == 10


def test_recast_keeps_what_fits_and_copies_what_does_not(make_net, make_data, make_plan):
    net = make_net()
    train(net, make_plan(), make_data(), None)
    cpu = torch.device("cpu")
    assert recast(net, net.network, torch.float64, cpu) is net
    single = recast(net, net.network, torch.float32, cpu)
    assert torch.equal(single.flat.vector, net.flat.vector.float())
    with_dropout = recast(
        net, Network(4, 3, (HiddenLayer(8, "tanh", dropout=0.5),)), torch.float64, cpu
    )
    assert torch.equal(with_dropout.flat.vector, net.flat.vector)
    assert len(with_dropout.history) == 5
    found, expected = with_dropout.moments, net.moments
    buffers = [moments["state"]["momentum_buffer"] for moments in (found, expected)]
    assert torch.equal(*buffers)
    assert found["rate"] == expected["rate"]
