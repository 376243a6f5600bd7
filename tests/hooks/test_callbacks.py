import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from skorch.callbacks import Callback, EpochScoring

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.hooks.callbacks import (
    HOOKS,
    PREDICT_HOOKS,
    TRAINING_HOOKS,
    LambdaCallback,
    StopAt,
    check_callbacks,
    prediction_caller,
    unpaired,
)
from sknn_tips.metrics.metrics import resolve_metrics
from sknn_tips.state import forward as predicting
from sknn_tips.training.loop import train

QUICK = {"hidden_layer_sizes": 8, "max_iter": 30, "tol": None, "random_state": 0}


def noted(calls, names=HOOKS):
    """Return a callback that notes each hook's name and arguments."""
    return LambdaCallback(
        **{name: lambda net, name=name, **given: calls.append((name, given)) for name in names}
    )


# -- functions as callbacks ----------------------------------------------------------------------


def test_every_hook_of_training_is_called_in_order(make_net, make_data, make_plan):
    net, calls = make_net(), []
    net.use_callbacks([noted(calls, TRAINING_HOOKS)])
    train(net, make_plan(max_epochs=2), make_data(), None)
    begin, epoch, batch, gradient, batch_end, epoch_end, end = TRAINING_HOOKS
    one = [epoch, *([batch, gradient, batch_end] * 3), epoch_end]
    assert [name for name, _ in calls] == [begin, *one, *one, end]
    assert net.tier_ == "T2"


def test_hooks_of_epochs_leave_the_lean_loop_alone(make_net, make_data, make_plan):
    net, nothing = make_net(), lambda net, **_: None
    net.use_callbacks([LambdaCallback(on_epoch_end=nothing, on_predict_batch_end=nothing)])
    train(net, make_plan(max_epochs=1), make_data(), None)
    assert net.tier_ != "T2"


@pytest.mark.parametrize(
    ("hook", "n_epochs"), [("on_batch_end", 2), ("on_epoch_begin", 2), ("on_epoch_end", 2)]
)
def test_returning_true_stops_training(make_net, make_data, make_plan, hook, n_epochs):
    net, calls = make_net(), []
    stop = LambdaCallback(**{hook: lambda net, **_: len(net.history) == n_epochs})
    net.use_callbacks([stop, noted(calls, ["on_epoch_end", "on_train_end"])])
    outcome = train(net, make_plan(), make_data(), None)
    assert (outcome.stop_reason, len(outcome.losses)) == ("callback", n_epochs)
    assert [name for name, _ in calls] == ["on_epoch_end"] * n_epochs + ["on_train_end"]


@pytest.mark.parametrize("answer", [None, 1, "yes", [0], np.ones(2), False, np.False_])
def test_other_answers_do_not_stop_training(make_net, make_data, make_plan, answer):
    net = make_net()
    net.use_callbacks([LambdaCallback(on_epoch_end=lambda net, **_: answer)])
    assert train(net, make_plan(), make_data(), None).stop_reason == "max_iter"


def test_unknown_hooks_are_listed():
    with pytest.raises(TypeError, match=r"'on_epoch_ends'.*Did you mean 'on_epoch_end'.*'on_pre"):
        LambdaCallback(on_epoch_ends=print)
    with pytest.raises(TypeError, match="on_epoch_end=3 must be a function"):
        LambdaCallback(on_epoch_end=3)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_function_that_cannot_be_called_as_its_hook_is_refused_at_once(hook):
    with pytest.raises(
        TypeError, match=rf"{hook}=<lambda> gets net and.* function of \(net, \*\*kw"
    ):
        LambdaCallback(**{hook: lambda net: None})
    with pytest.raises(TypeError, match=rf"{hook}=print gets net"):
        LambdaCallback(**{hook: print})
    LambdaCallback(**{hook: lambda *args, **kwargs: None})


def test_a_function_may_name_what_its_hook_gets():
    LambdaCallback(on_epoch_end=lambda net, dataset_train, dataset_valid=None: None)
    LambdaCallback(on_batch_end=lambda net, *, loss, **_: None)


def say(net, **kwargs):
    print(len(net.history))


@pytest.mark.parametrize(
    "callback", [LambdaCallback(on_epoch_end=say), StopAt("loss", 0.1, larger_is_better=False)]
)
def test_callbacks_clone_pickle_and_show_their_parameters(callback):
    for twin in (clone(callback, safe=False), pickle.loads(pickle.dumps(callback))):
        assert repr(twin) == repr(callback)
    for name, value in callback.get_params().items():
        assert f"{name}={value!r}" in repr(callback)


# -- stopping at a threshold ---------------------------------------------------------------------


def test_training_stops_once_the_training_accuracy_is_reached(digits):
    """The callback of the lecture: 80 % on the training rows end training."""
    clf = MLPClassifier(**QUICK, metrics=["accuracy"], callbacks=[StopAt("accuracy", 0.8)])
    history = clf.set_params(max_iter=200).fit(*digits).history_
    assert clf.stop_reason_ == "callback"
    assert (history["accuracy"] >= 0.8).tolist() == [False] * (len(history) - 1) + [True]


@pytest.mark.parametrize(
    ("metric", "threshold", "first"),
    [
        ("loss", 2.2, lambda h: h["loss"] <= 2.2),
        ("train_loss", 2.2, lambda h: h["loss"] <= 2.2),
        ("val_loss", 2.2, lambda h: h["val_loss"] <= 2.2),
        ("valid_accuracy", 0.4, lambda h: h["val_accuracy"] >= 0.4),
        ("val_f1_macro", 0.4, lambda h: h["val_f1_macro"] >= 0.4),
    ],
)
def test_scores_stop_above_and_losses_below(digits, metric, threshold, first):
    clf = MLPClassifier(**QUICK, metrics=["f1_macro"], callbacks=[StopAt(metric, threshold)])
    clf.set_params(max_iter=200)
    history = clf.fit(*digits, X_val=digits[0], y_val=digits[1]).history_
    assert clf.stop_reason_ == "callback"
    assert np.flatnonzero(first(history)).tolist() == [len(history) - 1]


def test_errors_stop_below(diabetes):
    reg = MLPRegressor(**QUICK, metrics=["rmse"], callbacks=[StopAt("rmse", 0.8)])
    history = reg.set_params(max_iter=200).fit(*diabetes).history_
    assert history["rmse"].iloc[-1] <= 0.8 < history["rmse"].iloc[-2]


def test_a_metric_of_unknown_direction_must_be_told(make_net, make_data, make_plan):
    def mistakes(y_true, y_pred):
        return (y_true != y_pred).sum()

    plan = make_plan(metrics=resolve_metrics([mistakes], "accuracy"), max_epochs=50)
    net = make_net()
    net.use_callbacks([StopAt("mistakes", 10)])
    with pytest.raises(ValueError, match=r"whether mistakes is better.*larger_is_better=True"):
        train(net, plan, make_data(), None)
    net.use_callbacks([StopAt("mistakes", 10, larger_is_better=False)])
    assert train(net, plan, make_data(), None).stop_reason == "callback"


def test_an_unknown_column_is_an_error_before_training(digits):
    clf = MLPClassifier(**QUICK, callbacks=[StopAt("val_los", 0.1)])
    message = r"StopAt\(metric='val_los'.*Choose one of: 'loss', 'lr', 'seconds'.*X_val"
    with pytest.raises(UnknownOptionError, match=message):
        clf.fit(*digits)
    assert not hasattr(clf, "net_")
    with pytest.raises(UnknownOptionError, match="Did you mean 'val_loss'"):
        clf.fit(*digits, X_val=digits[0], y_val=digits[1])
    with pytest.raises(UnknownOptionError, match=r"metric='accuracy' is not known.* to metrics"):
        clf.set_params(callbacks=[StopAt("accuracy", 0.8), noted([])]).fit(*digits)


@pytest.mark.parametrize("name", ["val_loss", "valid_loss", "val_accuracy", "val_f1_macro"])
@pytest.mark.parametrize("others", [[], [EpochScoring("accuracy")]])
def test_a_figure_of_a_validation_set_that_is_not_there(digits, name, others):
    clf = MLPClassifier(**QUICK, metrics=["f1_macro"], callbacks=[*others, StopAt(name, 0.1)])
    with pytest.raises(
        UnknownOptionError, match=rf"metric='{name}' is a.*none\. Pass X_val and y_"
    ):
        clf.fit(*digits)


def test_who_records_a_column_must_stand_before_who_looks_at_it(digits):
    scoring = EpochScoring("f1_macro", name="f1", lower_is_better=False)
    stop = StopAt("f1", 0.3, larger_is_better=True)
    clf = MLPClassifier(**QUICK, callbacks=[stop, scoring])
    with pytest.raises(UnknownOptionError, match=r"metric='f1' .*before it.*after it: EpochScor"):
        clf.fit(*digits, X_val=digits[0], y_val=digits[1])


def test_a_metric_of_ours_goes_before_a_callbacks_of_its_name(digits):
    """The column that `history_` shows under the name is the one that is watched."""
    X, y = digits
    wrong = np.roll(y[:50], 1)  # the training rows are learned, these are not
    scoring = EpochScoring("accuracy", lower_is_better=False)
    clf = MLPClassifier(**QUICK, metrics=["accuracy"], callbacks=[scoring, StopAt("accuracy", 0.8)])
    clf.set_params(max_iter=200).fit(X, y, X_val=X[:50], y_val=wrong)
    assert clf.stop_reason_ == "callback"
    assert clf.history_["callback_accuracy"].max() < 0.5 < 0.8 <= clf.history_["accuracy"].iloc[-1]


@pytest.mark.parametrize("threshold", [True, None, "0.8", float("nan")])
def test_a_threshold_that_is_no_number(digits, threshold):
    clf = MLPClassifier(**QUICK, callbacks=[StopAt("loss", threshold)])
    with pytest.raises(ValueError, match="threshold must be a number"):
        clf.fit(*digits)


def test_a_column_of_another_callback_counts_from_its_first_epoch(digits):
    scoring = EpochScoring("f1_macro", name="f1", lower_is_better=False)
    validation = {"X_val": digits[0], "y_val": digits[1]}
    clf = MLPClassifier(**QUICK, callbacks=[scoring, StopAt("f1", 0.3, larger_is_better=True)])
    clf.set_params(max_iter=200)
    assert clf.fit(*digits, **validation).history_["f1"].iloc[-1] >= 0.3
    assert clf.stop_reason_ == "callback"
    clf.set_params(callbacks=[scoring, StopAt("f2", 0.3, larger_is_better=True)])
    with pytest.raises(UnknownOptionError, match=r"metric='f2' is not known.*'f1', 'loss'"):
        clf.fit(*digits, **validation)


# -- what a list of callbacks may hold ------------------------------------------------------------


class Duck:
    """Looks like a callback, and lacks what skorch asks for."""

    def on_epoch_end(self, net, **kwargs):
        """Do nothing."""

    def __repr__(self):  # in the names of tests, which every worker must give alike
        return "<Duck>"


def test_a_callback_is_taken_out_of_its_pair():
    callback = StopAt("loss", 0.1)
    for given in (callback, ("name", callback), ["name", callback]):
        assert unpaired(given) is callback
        check_callbacks([given])
    for given in [(callback,), ("a", callback, 3), (3, callback), [callback, callback]]:
        assert unpaired(given) is given


@pytest.mark.parametrize(
    "given", [Duck(), ("duck", Duck()), ("none", None), (3, StopAt("loss", 0.1)), [], None], ids=str
)
def test_what_skorch_cannot_call_is_refused_with_the_remedy(given):
    with pytest.raises(ValueError, match=r"callbacks holds .*derives from skorch.callbacks.Callb"):
        check_callbacks([EpochScoring("accuracy"), given])


@pytest.mark.parametrize("given", [StopAt, ("stop", StopAt)])
def test_a_class_is_no_callback(given):
    with pytest.raises(ValueError, match=r"holds the class StopAt. Write StopAt\(\)"):
        check_callbacks([given])


# -- hooks of prediction -------------------------------------------------------------------------


@pytest.fixture
def two_chunks(monkeypatch):
    monkeypatch.setattr(predicting, "_VALUES_A_CHUNK", 64 * 200)


@pytest.mark.usefixtures("two_chunks")
@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function", "score"])
def test_prediction_calls_its_hooks_for_every_chunk(digits, method):
    calls = []
    clf = MLPClassifier(**QUICK, callbacks=[noted(calls)])
    clf.fit(*digits, X_val=digits[0], y_val=digits[1])
    assert not [name for name, _ in calls if name in PREDICT_HOOKS]  # as in Keras
    calls.clear()
    getattr(clf, method)(*digits[: 2 if method == "score" else 1])
    begin, batch, batch_end, end = PREDICT_HOOKS
    assert [name for name, _ in calls] == [begin, batch, batch_end, batch, batch_end, end]
    given = [arguments for _, arguments in calls]
    np.testing.assert_allclose(given[0]["X"], digits[0], rtol=1e-6)
    assert [len(given[i]["batch"]) for i in (1, 2, 3, 4)] == [200, 200, 100, 100]
    raw = torch.cat([given[2]["y_pred"], given[4]["y_pred"]])
    assert torch.equal(raw, given[5]["y_pred"])
    np.testing.assert_allclose(raw, clf.decision_function(digits[0]), rtol=1e-5)


class Counts(Callback):
    """A callback of skorch's kind with one hook of prediction."""

    def __init__(self):
        self.rows_ = 0

    def on_predict_batch_end(self, net, batch, y_pred, **kwargs):
        assert isinstance(net.module_, torch.nn.Module)
        self.rows_ += len(y_pred)


def test_any_callback_may_have_them_also_after_unpickling(digits):
    clf = MLPClassifier(**QUICK, callbacks=[["count", Counts()], StopAt("loss", 0.1)])
    clf.fit(*digits)
    twin = pickle.loads(pickle.dumps(clf))
    twin.predict(digits[0])
    assert twin.callbacks[0][1].rows_ == 300
    assert clf.callbacks[0][1].rows_ == 0
    twin.set_params(callbacks=()).predict(digits[0])


def test_nobody_is_told_where_no_callback_has_a_hook_of_prediction(make_net):
    assert prediction_caller(make_net(), [StopAt("loss", 0.1), EpochScoring("accuracy")]) is None
