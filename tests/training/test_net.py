import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, Checkpoint, EpochScoring, LRScheduler

from sknn_tips.training.copies import from_arrays, to_arrays
from sknn_tips.training.loop import train


def copied(net):
    return from_arrays(pickle.loads(pickle.dumps(to_arrays(net))))


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


def test_a_function_of_one_object_counts_as_a_hook_of_batches(make_net):
    callback = CountEpochs()
    callback.on_batch_begin = lambda net, **kwargs: None
    net = make_net()
    net.use_callbacks([callback])
    assert net.tier_ == "T2"


@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_hook_that_returns_true_asks_to_stop(make_net, answer):
    callback = CountEpochs()
    callback.on_epoch_end = lambda net, **kwargs: answer
    net = make_net()
    net.use_callbacks([callback, CountEpochs()])
    net.tell("on_epoch_end")
    assert net.stop_training is True


def test_skorchs_checkpoint_puts_the_best_weights_back(make_net, make_data, make_plan, tmp_path):
    """With all of its files, though our loss has no state of its own."""
    net, best = make_net(), {}

    class Keep(Callback):
        def on_epoch_end(self, net, **kwargs):
            if net.history[-1, "valid_loss_best"]:
                best["vector"] = net.flat.vector.detach().clone()

    checkpoint = Checkpoint(dirname=tmp_path, load_best=True)
    net.use_callbacks([Keep(), checkpoint])
    train(net, make_plan(rate=3.0, max_epochs=10), make_data(), make_data(12, seed=1))
    assert (tmp_path / "criterion.pt").exists()
    assert torch.equal(net.flat.vector, best["vector"])
