import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, EpochScoring, LRScheduler

from sknn_tips.network.module import HiddenLayer, Network
from sknn_tips.training.loop import train
from sknn_tips.training.net import Net


def copied(net):
    return Net.from_arrays(pickle.loads(pickle.dumps(net.to_arrays())))


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

    walk(net.to_arrays())


def test_rollback_undoes_a_training(make_net, make_data, make_plan):
    plan, rows = make_plan("adam"), make_data()
    net, twin = make_net(dropout=0.3), make_net(dropout=0.3)
    for each in (net, twin):
        train(each, plan, rows, None)
    saved = net.snapshot()
    train(net, plan, make_data(seed=5), None)
    net.rollback(saved)
    assert torch.equal(net.flat.vector, twin.flat.vector)
    for each in (net, twin):
        train(each, plan, rows, None)
    assert torch.equal(net.flat.vector, twin.flat.vector)
    assert len(net.history) == len(twin.history) == 10


def test_changed_options_reset_the_moments_and_a_changed_rate_does_not(
    make_net, make_data, make_plan
):
    net = make_net()
    train(net, make_plan("adam"), make_data(), None)
    first = net.optimizer_
    train(net, make_plan("adam", rate=0.001), make_data(), None)
    assert net.optimizer_ is first
    train(net, make_plan("amsgrad"), make_data(), None)
    assert net.optimizer_ is not first


def test_weights_are_the_modules_own_memory(make_net):
    net = make_net()
    coefs, intercepts = net.weights()
    coefs[0][:] = 0.5
    assert (net.module_.dense_layers[0].weight == 0.5).all()
    assert not net.take_weights(coefs, intercepts)


def test_assigned_weights_are_copied_in(make_net):
    net = make_net()
    coefs, intercepts = net.weights()
    coefs[1] = np.full((8, 3), 2.0)
    assert net.take_weights(coefs, intercepts)
    assert (net.module_.dense_layers[1].weight == 2).all()
    with pytest.raises(ValueError, match=r"coefs_\[1\] has shape \(3, 8\).*\(8, 3\)"):
        net.take_weights([coefs[0], coefs[1].T], intercepts)
    with pytest.raises(ValueError, match="intercepts_ holds 1 arrays for 2 layers"):
        net.take_weights(coefs, intercepts[:1])


def test_arrays_handed_out_before_keep_their_numbers(make_net, make_data, make_plan):
    """Save, replace and restore works as with scikit-learn's plain arrays."""
    net, plan, rows = make_net(), make_plan("adam"), make_data()
    train(net, plan, rows, None)
    twin = copied(net)
    old = net.weights()
    assert net.take_weights([np.zeros((4, 8)), np.zeros((8, 3))], old[1])
    assert (old[0][0] != 0).any()
    assert net.take_weights(*old)
    for each in (net, twin):
        each.use_callbacks([])
        train(each, plan, rows, None)  # the moments went on too
    assert torch.equal(net.flat.vector, twin.flat.vector)


def test_a_wrong_shape_changes_nothing(make_net):
    net = make_net()
    coefs, intercepts = net.weights()
    before = coefs[0].copy()
    with pytest.raises(ValueError, match="shape"):
        net.take_weights([np.ones((4, 8)), np.ones((2, 2))], intercepts)
    np.testing.assert_array_equal(coefs[0], before)


def test_recast_keeps_what_fits_and_copies_what_does_not(make_net, make_data, make_plan):
    net = make_net()
    train(net, make_plan(), make_data(), None)
    cpu = torch.device("cpu")
    assert net.recast(net.network, torch.float64, cpu) is net
    single = net.recast(net.network, torch.float32, cpu)
    assert torch.equal(single.flat.vector, net.flat.vector.float())
    with_dropout = net.recast(
        Network(4, 3, (HiddenLayer(8, "tanh", dropout=0.5),)), torch.float64, cpu
    )
    assert torch.equal(with_dropout.flat.vector, net.flat.vector)
    assert len(with_dropout.history) == 5
    moments = with_dropout.use_optimizer(net.optimizer_choice, 0.05).state
    expected = net.optimizer_.state[net.flat.vector]["momentum_buffer"]
    assert torch.equal(moments[with_dropout.flat.vector]["momentum_buffer"], expected)


class CountEpochs(Callback):
    def on_epoch_end(self, net, **kwargs):
        pass


def test_tier_tells_whether_a_callback_hooks_batches(make_net):
    net = make_net()
    net.use_callbacks([CountEpochs()])
    assert net.tier_ == "T1"
    net.use_callbacks([("scoring", EpochScoring("accuracy"))])
    assert net.tier_ == "T2"


def test_skorchs_scheduler_sets_the_rate(make_net, make_data, make_plan):
    net = make_net()
    net.use_callbacks([LRScheduler("StepLR", step_size=1, gamma=0.5)])
    train(net, make_plan(rate=0.08), make_data(), None)
    assert net.optimizer_.param_groups[0]["lr"] < 0.08
