"""coefs_ and intercepts_ of a net: its own memory, or arrays that a user assigned."""

import pickle

import numpy as np
import pytest
import torch

from sknn_tips.state.copies import from_arrays, to_arrays
from sknn_tips.training.loop import train


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
    twin = from_arrays(pickle.loads(pickle.dumps(to_arrays(net))))
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
