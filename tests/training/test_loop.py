import signal

import numpy as np
import pytest
import torch
from skorch.callbacks import (
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    PrintLog,
    ProgressBar,
    TrainEndCheckpoint,
)

from sknn_tips import MLPClassifier
from sknn_tips.exceptions import InterruptedWarning
from sknn_tips.metrics.metrics import resolve_metrics
from sknn_tips.metrics.monitor import Monitor
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.runtime import interrupts
from sknn_tips.step import tiers
from sknn_tips.training import recorder
from sknn_tips.training.loop import train


class Recorder(Callback):
    """Notes every hook, with the batch hooks too."""

    def __init__(self):
        self.calls = []

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        self.calls.append("train")

    def on_batch_begin(self, net, batch=None, training=None, **kwargs):
        self.calls.append("batch")

    def on_batch_end(self, net, batch=None, training=None, **kwargs):
        assert kwargs["y_pred"].shape == (len(batch[0]), 3)
        self.calls.append("end batch")

    def on_grad_computed(self, net, named_parameters, **kwargs):
        assert all(parameter.grad is not None for _, parameter in named_parameters)
        self.calls.append("gradient")

    def on_epoch_end(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        assert len(dataset_train) == 30
        self.calls.append("epoch")

    def on_train_end(self, net, X=None, y=None, **kwargs):
        self.calls.append("end")


class Stop(Callback):
    def __init__(self, how):
        self.how = how

    def on_batch_end(self, net, training=None, **kwargs):
        if self.how == "batch" and len(net.history) == 2:
            raise KeyboardInterrupt

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 2:
            if self.how == "raise":
                raise KeyboardInterrupt
            net.stop_training = True


QUICK = {"hidden_layer_sizes": 8, "max_iter": 4, "tol": None, "random_state": 0}
SCORE = Monitor("valid_accuracy", larger_is_better=True)
STOCHASTIC = [name for name, entry in OPTIMIZERS.items() if not entry.line_search]


@pytest.mark.parametrize("name", STOCHASTIC)
def test_callbacks_at_batches_change_no_number(make_net, make_data, make_plan, name, monkeypatch):
    """The loop with batch hooks (T2) and the lean one (T1) give equal weights to the last bit."""
    monkeypatch.setattr(tiers, "FASTEST", "T1")
    vectors = []
    for callbacks in ([], [Recorder()]):
        net = make_net(dropout=0.3, batchnorm="before")
        net.use_callbacks(callbacks)
        train(net, make_plan(name, alpha=0.1), make_data(), make_data(12, seed=1))
        vectors.append(net.flat.vector.detach().clone())
    assert net.tier_ == "T2"
    assert torch.equal(*vectors)


def test_hooks_come_in_order(make_net, make_data, make_plan):
    net, recorder = make_net(), Recorder()
    net.use_callbacks([recorder])
    train(net, make_plan(max_epochs=2), make_data(), None)
    batch = ["batch", "gradient", "end batch"]
    assert recorder.calls == ["train", *((batch * 3 + ["epoch"]) * 2), "end"]
    assert [len(row["batches"]) for row in net.history] == [1, 3]  # one is kept of earlier epochs


@pytest.mark.parametrize("how", ["raise", "flag", "batch"])
def test_a_callback_stops_training(make_net, make_data, make_plan, how):
    net = make_net()
    net.use_callbacks([Stop(how)])
    outcome = train(net, make_plan(), make_data(), None)
    assert (outcome.stop_reason, len(outcome.losses)) == ("callback", 2)
    assert outcome.losses[-1] > 0


OTHERS = {
    "Checkpoint": lambda path: Checkpoint(dirname=path),
    "TrainEndCheckpoint": lambda path: TrainEndCheckpoint(dirname=path),
    "EarlyStopping": lambda path: EarlyStopping(patience=20),
    "ProgressBar": lambda path: ProgressBar(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_skorchs_own_callbacks(make_net, make_data, make_plan, tmp_path, name):
    net = make_net()
    net.use_callbacks([OTHERS[name](tmp_path)])
    train(net, make_plan(), make_data(), make_data(12, seed=1))
    assert len(net.history) == 5


@pytest.mark.parametrize("on_train", [False, True])
@pytest.mark.parametrize("use_caching", [False, True])
def test_skorchs_scores_are_right_and_leave_torchs_generator_alone(
    make_net, make_data, make_plan, on_train, use_caching
):
    net, rows, valid = make_net(), make_data(), make_data(12, seed=1)
    before = torch.get_rng_state()
    scoring = EpochScoring(
        "accuracy", name="score", on_train=on_train, lower_is_better=False, use_caching=use_caching
    )
    net.use_callbacks([scoring])
    train(net, make_plan(max_epochs=3, shuffle=False), rows, valid)
    scores = [row["score"] for row in net.history]
    if not on_train:
        assert scores == [row["valid_accuracy"] for row in net.history]
    assert all(0 <= score <= 1 for score in scores)
    assert torch.equal(before, torch.get_rng_state())


def mistakes(y_true, y_pred):
    return (y_true != y_pred).sum()


def test_history_holds_train_and_validation(make_net, make_data, make_plan):
    net, valid = make_net(), make_data(12, seed=1)
    plan = make_plan(metrics=resolve_metrics(["accuracy", mistakes], "accuracy"))
    outcome = train(net, plan, make_data(), valid)
    names = {"train_loss", "valid_loss", "valid_accuracy", "lr", "dur"}
    names |= {"train_accuracy", "train_mistakes", "valid_mistakes"}
    assert all(names <= set(row) for row in net.history)
    assert [row["train_loss"] for row in net.history] == outcome.losses
    best = min(range(5), key=lambda i: net.history[i]["valid_loss"])
    assert [row["valid_loss_best"] for row in net.history][best]
    assert outcome.best_epoch == 1 + int(np.argmin(outcome.losses))
    assert outcome.scores == []


def test_early_stopping_restores_the_best_weights(make_net, make_data, make_plan):
    valid = make_data(40, seed=1)
    net = make_net()
    by_score = {"early_stopping": True, "monitor": SCORE, "restore_best": True}
    plan = make_plan("sgd", rate=3.0, max_epochs=20, **by_score)
    outcome = train(net, plan, make_data(), valid)
    assert len(outcome.scores) == 20
    again = make_net()
    plan = make_plan("sgd", rate=3.0, max_epochs=outcome.best_epoch)
    train(again, plan, make_data(), valid)
    assert outcome.scores[-1] < max(outcome.scores)  # otherwise nothing had to be restored
    assert torch.equal(net.flat.vector, again.flat.vector)


def test_restoring_by_the_training_loss_needs_no_validation_set(make_net, make_data, make_plan):
    net, again = make_net(), make_net()
    plan = make_plan("sgd", rate=5.0, max_epochs=20, restore_best=True)
    outcome = train(net, plan, make_data(), None)
    assert outcome.best_epoch == 1 + int(np.argmin(outcome.losses)) < 20
    train(again, make_plan("sgd", rate=5.0, max_epochs=outcome.best_epoch), make_data(), None)
    assert torch.equal(net.flat.vector, again.flat.vector)


def test_skorchs_best_columns_follow_the_monitor(make_net, make_data, make_plan):
    net = make_net()
    train(net, make_plan(rate=3.0, max_epochs=9, monitor=SCORE), make_data(), make_data(9, seed=1))
    best = -np.inf
    for row in net.history:
        assert row["valid_accuracy_best"] == (row["valid_accuracy"] >= best)
        best = max(best, row["valid_accuracy"])
    assert {"train_loss_best", "valid_loss_best"} <= set(net.history[0])


def test_patience_stops(make_net, make_data, make_plan):
    plan = make_plan(tol=10.0, n_iter_no_change=3, max_epochs=50)
    outcome = train(make_net(), plan, make_data(), None)
    assert (outcome.stop_reason, len(outcome.losses)) == ("converged", 5)
    plan = make_plan(tol=10.0, n_iter_no_change=3, max_epochs=50, monitor=SCORE)
    outcome = train(make_net(), plan, make_data(), make_data(12, seed=1))
    assert (outcome.stop_reason, len(outcome.losses)) == ("early_stopping", 5)


def test_adaptive_lowers_the_rate_before_it_stops(make_net, make_data, make_plan, capsys):
    plan = make_plan(
        tol=10.0, n_iter_no_change=1, max_epochs=200, schedule="adaptive", rate=0.1, verbose=2
    )
    net = make_net()
    outcome = train(net, plan, make_data(), None)
    rates = sorted({row["lr"] for row in net.history}, reverse=True)
    assert outcome.stop_reason == "converged"
    np.testing.assert_allclose(rates, [0.1 / 5**k for k in range(len(rates))])
    assert rates[-1] <= 1e-6 < rates[-2]
    assert "Setting learning rate to 0.020000" in capsys.readouterr().out


def test_a_nan_loss_ends_training_at_once(make_net, make_data, make_plan):
    rows = make_data()
    rows.X.X[3] = torch.nan
    outcome = train(make_net(), make_plan(max_epochs=50), rows, None)
    assert (outcome.stop_reason, len(outcome.losses)) == ("diverged", 1)


def test_what_goes_wrong_is_shown_once_a_code(make_net, make_data, make_plan, capsys, monkeypatch):
    lines = "sknn_tips.training.loop.severe_so_far"
    monkeypatch.setattr(lines, lambda record: {"code": f"code: {len(record.losses)}"})
    train(make_net(), make_plan(verbose=2), make_data(), None)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("code")] == ["code: 1"]


def test_ctrl_c_in_the_epoch_that_diverges_leaves_good_weights(
    make_net, make_data, make_plan, monkeypatch, step_class, ctrl_c_in_fifth_batch
):
    net, rows, interrupted = make_net(), make_data(), step_class.__call__

    def diverging(self, rows, index):
        if len(ctrl_c_in_fifth_batch) == 4:
            with torch.no_grad():
                self.net.flat.vector.fill_(torch.nan)
        interrupted(self, rows, index)

    monkeypatch.setattr(step_class, "__call__", diverging)
    outcome = train(net, make_plan(), rows, None)
    assert outcome.stop_reason == "interrupted"
    assert outcome.record.non_finite is not None
    assert outcome.is_usable
    assert net.flat.all_finite()


def test_ctrl_c_ends_the_epoch_and_keeps_the_model(
    make_net, make_data, make_plan, monkeypatch, ctrl_c_in_fifth_batch
):
    net, rows, calls = make_net(), make_data(), ctrl_c_in_fifth_batch
    outcome = train(net, make_plan(), rows, make_data(12, seed=1))
    assert (outcome.stop_reason, len(outcome.losses), len(calls)) == ("interrupted", 2, 5)
    assert net.history[-1]["valid_loss"] > 0
    assert 0 < outcome.losses[-1] < 5
    assert not net.module_.training
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    calls.clear()
    monkeypatch.setattr(interrupts, "called_directly", lambda: False)
    with pytest.raises(KeyboardInterrupt):
        train(make_net(), make_plan(), rows, None)


def test_one_batch_needs_no_permutation_and_no_shuffle_keeps_the_order(
    make_net, make_data, make_plan
):
    for changed in ({"batch_size": 30}, {"shuffle": False}):
        net = make_net()
        before = net.random_state.get_state()[2]
        train(net, make_plan(**changed), make_data(), None)
        assert net.random_state.get_state()[2] == before


def test_a_batch_without_weight_is_shown_to_callbacks(make_net, make_data, make_plan):
    seen = []

    class Watch(Callback):
        def on_batch_end(self, net, batch, training, y_pred, **kwargs):
            seen.append((len(batch[0]), len(y_pred)))

    weight = np.r_[np.ones(20), np.zeros(10)]
    net = make_net()
    net.use_callbacks([Watch()])
    train(
        net, make_plan(max_epochs=1, shuffle=False, batch_size=15), make_data(weight=weight), None
    )
    train(net, make_plan(max_epochs=1, shuffle=False), make_data(weight=weight[::-1].copy()), None)
    assert seen == [(15, 15)] * 2 + [(10, 10)] * 3


def test_of_equal_epochs_the_first_is_best(make_net, make_data, make_plan):
    net = make_net()
    plan = make_plan(monitor=Monitor("valid_accuracy", larger_is_better=True), rate=0.0)
    assert train(net, plan, make_data(), make_data()).best_epoch == 1
    assert [row["valid_accuracy_best"] for row in net.history] == [True] + [False] * 4


@pytest.mark.parametrize("name", ["valid_accuracy", "train_accuracy", "valid_loss", "lr"])
def test_a_callback_cannot_overwrite_what_training_records(digits, name):
    X, y = digits
    settings = {**QUICK, "metrics": ["accuracy"], "early_stopping": True}
    alone = MLPClassifier(**settings).fit(X, y)
    scoring = EpochScoring(lambda net, X, y: -1.0, name=name, lower_is_better=False)
    beside = MLPClassifier(**settings, callbacks=[scoring]).fit(X, y)
    assert (beside.history_[f"callback_{name}"] == -1.0).all()
    ours = [column for column in alone.history_ if column != "seconds"]
    np.testing.assert_allclose(beside.history_[ours], alone.history_[ours], rtol=1e-5)
    assert beside.history_["val_accuracy"].tolist() == beside.validation_scores_


@pytest.mark.parametrize(("verbose", "printed"), [(0, False), (1, True), (2, True)])
def test_skorchs_log_is_printed_when_the_estimator_is_verbose(digits, capsys, verbose, printed):
    MLPClassifier(**QUICK, verbose=verbose, callbacks=[PrintLog()]).fit(*digits)
    assert ("train_loss" in capsys.readouterr().out) is printed


@pytest.mark.usefixtures("engine")
def test_a_callback_that_asks_for_the_optimizer_gets_the_one_that_trains(
    make_net, make_data, make_plan
):
    class Slower(Callback):
        def on_epoch_end(self, net, **kwargs):
            if len(net.history) == 2:
                net.optimizer_.param_groups[0]["lr"] = 0.0

    net = make_net()
    net.use_callbacks([Slower()])
    outcome = train(net, make_plan("adam", shuffle=False), make_data(), None)
    assert (net.tier_, net.tier_reason_) == ("T1", "a callback asked for optimizer_")
    assert [row["lr"] for row in net.history] == [0.05, 0.05, 0.0, 0.0, 0.0]
    assert outcome.losses[1] > outcome.losses[2] == pytest.approx(outcome.losses[4])


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_ctrl_c_after_the_last_batch_keeps_the_model(monkeypatch, solver):
    """The end of training takes a moment, and Ctrl-C was lost there."""
    end = recorder.Recorder.end

    def pressed(self, *args):
        signal.raise_signal(signal.SIGINT)
        return end(self, *args)

    monkeypatch.setattr(recorder.Recorder, "end", pressed)
    net = MLPClassifier(4, solver=solver, max_iter=3, tol=None, tips="ignore")
    with pytest.warns(InterruptedWarning):
        net.fit(np.eye(8), np.arange(8) % 2)
    assert (net.stop_reason_, net.n_iter_) == ("interrupted", 3)
