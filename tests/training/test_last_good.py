import numpy as np
import pytest
import torch

from sknn_tips.training.last_good import LastGood


@torch.no_grad()
def scale(net, factor):
    net.flat.vector.mul_(factor)


def test_the_epoch_of_the_least_loss_comes_back(make_net, make_data, make_plan, trained_once):
    net = make_net(batchnorm="before")
    good = LastGood(net)
    trained_once(net)
    good.update(1, 0.5)
    best = net.flat.snapshot()
    scale(net, 100)
    good.update(2, 0.7)
    scale(net, np.nan)
    assert good.restore(make_data())
    assert good.epoch == 1
    assert all(map(torch.equal, net.flat.snapshot(), best))


def test_weights_that_are_no_better_than_the_first_are_no_good(make_net, make_data):
    net = make_net()
    good, first = LastGood(net), net.flat.snapshot()
    scale(net, 1e3)
    good.update(1, 0.1)  # the mean over its updates was, the weights at its end are not
    assert not good.restore(make_data())
    assert all(map(torch.equal, net.flat.snapshot(), first))


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_no_epoch_is_no_good(make_net, make_data, loss):
    good = LastGood(make_net())
    good.update(1, loss)
    assert good.epoch == 0
    assert not good.restore(make_data())
