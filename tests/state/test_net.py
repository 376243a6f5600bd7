import io
import os
import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, Checkpoint, EpochScoring, LRScheduler

from sknn_tips.ops.python import PythonProgram
from sknn_tips.state.copies import from_arrays, to_arrays
from sknn_tips.step import tiers
from sknn_tips.training.loop import train


def copied(net):
    return from_arrays(pickle.loads(pickle.dumps(to_arrays(net))))


@pytest.fixture(params=["T0", "T1"])
def tier(request, monkeypatch):
    monkeypatch.setattr(tiers, "FASTEST", request.param)
    return request.param


@pytest.mark.usefixtures("tier")
def test_changed_options_reset_the_moments_and_a_changed_rate_does_not(
    make_net, make_data, make_plan
):
    net = make_net()
    train(net, make_plan("adam"), make_data(), None)
    assert net.moments["state"]["step"] == 15
    train(net, make_plan("adam", rate=0.001), make_data(), None)
    assert net.moments["state"]["step"] == 30
    train(net, make_plan("amsgrad"), make_data(), None)
    assert net.moments["state"]["step"] == 15


def test_a_changed_rate_keeps_the_velocity_if_asked_to(tier, make_net, make_data, make_plan):
    net = make_net()
    train(net, make_plan("sgd", rate=0.1), make_data(), None)
    velocity = 0.1 * net.moments["state"]["momentum_buffer"]
    net.set_rate(0.02, keep_velocity=True)
    np.testing.assert_allclose(0.02 * net.moments["state"]["momentum_buffer"], velocity)
    net.set_rate(0.1, keep_velocity=False)
    np.testing.assert_allclose(0.02 * net.moments["state"]["momentum_buffer"], velocity)
    assert (net.rate, net.tier_) == (0.1, tier)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", ["adam", "amsgrad", "momentum", "rmsprop", "gd"])
def test_who_asks_for_the_optimizer_gets_one_with_the_moments(make_net, make_data, make_plan, name):
    net, twin = make_net(), make_net()
    for each in (net, twin):
        train(each, make_plan(name), make_data(), None)
    assert net.tier_ == "T0"
    assert isinstance(net.optimizer_, torch.optim.Optimizer)
    assert net.rule is None
    assert net.tier_ == "T0"  # that is what trained it
    for each in (net, twin):
        train(each, make_plan(name), make_data(), None)  # by the engine again
    net.optimizer_.step()  # by torch, once more
    with torch.no_grad():
        rule = twin.use_rule(twin.optimizer_choice, net.rate)
        PythonProgram(rule.operations(torch.tensor(net.rate, dtype=torch.float64)))()
    np.testing.assert_allclose(net.flat.vector.detach(), twin.flat.vector.detach(), rtol=1e-12)
    with pytest.raises(AttributeError, match="optimizer_x"):
        net.optimizer_x  # noqa: B018


class CountEpochs(Callback):
    def on_epoch_end(self, net, **kwargs):
        pass


def test_batch_hooks_are_found(make_net):
    net = make_net()
    net.use_callbacks([CountEpochs()])
    assert net.batch_hooks == []
    net.use_callbacks([("scoring", EpochScoring("accuracy"))])
    assert net.batch_hooks == ["scoring"]


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
    assert len(net.batch_hooks) == 1


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


@pytest.mark.skipif(os.name == "nt", reason="Windows does not replace files that are being read")
@pytest.mark.parametrize(
    ("name", "safetensors"),
    [("f_params", False), ("f_params", True), ("f_optimizer", False), ("f_history", False)],
)
def test_who_reads_a_file_of_a_checkpoint_sees_all_of_it(
    make_net, make_data, make_plan, tmp_path, name, safetensors
):
    """Also if another process writes it meanwhile."""
    if safetensors:
        pytest.importorskip("safetensors")
    net, path = make_net(), tmp_path / "file"
    others = dict.fromkeys(["f_params", "f_optimizer", "f_criterion", "f_history"])
    files = {**others, name: str(path)}
    net.use_callbacks([Checkpoint(None, **files, use_safetensors=safetensors)])
    train(net, make_plan(max_epochs=1), make_data(), None)
    before = path.read_bytes()
    with open(path, "rb") as reader:
        train(net, make_plan(max_epochs=1), make_data(), None)
        assert reader.read() == before
    assert path.read_bytes() != before
    net.load_params(**{name: path}, use_safetensors=safetensors)
    assert list(tmp_path.iterdir()) == [path]


def test_a_history_that_cannot_be_saved_leaves_the_old_file(make_net, tmp_path):
    net, path = make_net(), tmp_path / "history.json"
    net.save_params(f_history=path)
    net.history.new_epoch()
    net.history.record("value", object())
    with pytest.raises(TypeError, match="not JSON serializable"):
        net.save_params(f_history=path)
    assert path.read_text() == "[]"


def test_parameters_are_saved_to_an_open_file(make_net):
    net, file, twin = make_net(), io.BytesIO(), make_net()
    net.save_params(file)
    twin.flat.vector.detach().zero_()
    file.seek(0)
    twin.load_params(file)
    assert torch.equal(twin.flat.vector, net.flat.vector)
