import numpy as np
import pytest
import torch

from sknn_tips.training.probes import LastUpdate, Weights, identical_units, probe_units, share


@pytest.fixture
def sample(make_data):
    return make_data()[0:30]


def dense(net):
    return [layer.weight.detach().numpy() for layer in net.module_.dense_layers]


def test_norms_are_those_of_each_layers_weights(make_net):
    net = make_net(batchnorm="before")
    found = Weights(net).norms(net.flat.memory.vector.numpy())
    assert found == pytest.approx([np.linalg.norm(weight) for weight in dense(net)])


def test_an_update_is_measured_against_the_weights(make_net):
    net = make_net()
    last = LastUpdate(net, Weights(net), 7)
    last.before()
    before = [weight.copy() for weight in dense(net)]
    with torch.no_grad():
        net.flat.vector.mul_(1.25)
        net.flat.grad.fill_(2.0)
    assert last.size is None
    last.after()
    update = last.size
    assert update.epoch == 7
    assert update.change == pytest.approx([0.2, 0.2])
    assert update.weight == pytest.approx([1.25 * np.linalg.norm(weight) for weight in before])
    assert update.gradient == pytest.approx([2 * np.sqrt(weight.size) for weight in before])


def test_shares_of_zero_weights_are_no_error():
    assert (share(1.0, 0.0), share(0.0, 0.0), share(1.0, 4.0)) == (np.inf, 0.0, 0.25)


@torch.no_grad()
def set_biases(net, values):
    first = net.module_.dense_layers[0]
    first.weight.mul_(1e-3)
    first.bias.copy_(torch.tensor(values, dtype=first.bias.dtype))


def test_units_at_an_end_of_their_range_are_saturated(make_net, sample):
    net = make_net()  # eight tanh units
    set_biases(net, [5, -5, 9, 0, 0.5, -0.5, 1, 0])
    look = probe_units(net, sample, 3)
    assert look.epoch == 3
    assert look.saturated == [pytest.approx(3 / 8)]
    assert np.isnan(look.dead).all()


def test_relus_that_no_row_wakes_are_dead(make_net, sample):
    net = make_net(activation="relu")
    set_biases(net, [-5, -5, 1, 1, 1, 1, 1, -5])
    look = probe_units(net, sample, 0)
    assert look.dead == [pytest.approx(3 / 8)]
    assert np.isnan(look.saturated).all()


def test_the_loss_is_without_dropout(make_net, sample):
    nets = make_net(dropout=0.9), make_net()
    probes = [probe_units(net, sample, 0) for net in nets]
    assert probes[0].loss == probes[1].loss


def test_units_that_began_alike_are_found(make_net):
    net = make_net()
    assert identical_units(net) == [False]
    with torch.no_grad():
        net.module_.dense_layers[0].weight.fill_(0.1)
    assert identical_units(net) == [True]
