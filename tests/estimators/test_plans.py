import numpy as np
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.estimators import parameters, plans
from sknn_tips.exceptions import HintWarning


def test_batch_size():
    assert plans.batch_size(MLPClassifier(), 1000) == 200
    assert plans.batch_size(MLPClassifier(), 50) == 50
    assert plans.batch_size(MLPClassifier(batch_size=32), 50) == 32
    assert plans.batch_size(MLPClassifier(optimizer="gd"), 1000) == 1000


def test_partial_fit_is_one_epoch_without_stopping():
    clf = MLPClassifier(max_iter=50)
    network = parameters.network_of(clf, 2, 1)
    plan = plans.make_plan(clf, network, 10, validated=False, incremental=True)
    assert (plan.max_epochs, plan.tol) == (1, None)


def test_a_batch_larger_than_the_data_is_clipped_with_a_warning():
    clf = MLPClassifier(batch_size=64, max_iter=1, tol=None)
    with pytest.warns(UserWarning, match="batch_size=64 is larger than the 10.*clipped to 10"):
        clf.fit(np.zeros((10, 2)), np.tile([0, 1], 5))


@pytest.mark.parametrize("schedule", ["invscaling", "adaptive"])
def test_a_schedule_of_sgd_alone_is_hinted_at(schedule, recwarn):
    plans.hint(MLPClassifier(learning_rate=schedule, solver="sgd"))
    plans.hint(MLPClassifier(learning_rate=schedule))  # scikit-learn is silent for Adam too
    assert not recwarn
    with pytest.warns(HintWarning, match="with optimizer='adam'"):
        plans.hint(MLPClassifier(learning_rate=schedule, optimizer="adam"))
    with pytest.warns(HintWarning, match=f"{schedule}.*SGD family.*'rmsprop'.*'cosine'"):
        plans.hint(MLPClassifier(learning_rate=schedule, optimizer="rmsprop"))


def test_early_stopping_of_lbfgs_is_hinted_at():
    with pytest.warns(HintWarning, match="no effect with lbfgs"):
        plans.hint(MLPClassifier(solver="lbfgs", early_stopping=True))


def test_callbacks_of_lbfgs_are_hinted_at():
    with pytest.warns(HintWarning, match="callbacks are not called by lbfgs"):
        plans.hint(MLPClassifier(solver="lbfgs", callbacks=["any"]))


def test_lbfgs_trains_in_float64_and_hands_back_what_was_asked(digits):
    clf = MLPClassifier(5, solver="lbfgs", max_iter=3, tol=None, random_state=0).fit(*digits)
    assert clf.coefs_[0].dtype == np.float32
    assert clf.predict_proba(digits[0]).dtype == np.float32
    double = MLPClassifier(5, solver="lbfgs", max_iter=3, tol=None, random_state=0, dtype="float64")
    np.testing.assert_array_equal(clf.coefs_[0], double.fit(*digits).coefs_[0].astype(np.float32))


@pytest.mark.parametrize("schedule", ["cosine", "plateau", "inverse_time"])
def test_our_schedules_have_no_effect_with_lbfgs_and_say_so(schedule):
    with pytest.warns(HintWarning, match=f"learning_rate='{schedule}' has no effect with lbfgs"):
        plans.hint(MLPClassifier(solver="lbfgs", learning_rate=schedule))


@pytest.mark.parametrize("parameter", [{"monitor": "loss"}, {"restore_best": True}])
def test_lbfgs_watches_nothing_and_says_so(parameter):
    with pytest.warns(HintWarning, match="no effect with lbfgs: it minimises"):
        plans.hint(MLPClassifier(solver="lbfgs", **parameter))


def test_the_step_activation_is_hinted_at():
    with pytest.warns(HintWarning, match=r"slope 0 everywhere.*Assign coefs_"):
        plans.hint(MLPClassifier(activation="step"))


def test_decay_of_weights_is_the_optimizers_own_unless_given():
    def decay(**given):
        clf = MLPClassifier(**given)
        network = parameters.network_of(clf, 2, 1)
        return plans.make_plan(clf, network, 10, validated=False, incremental=False).weight_decay

    assert decay() == 0
    assert decay(optimizer="adamw") == 0.01
    assert decay(optimizer="adamw", weight_decay=0) == 0
    assert decay(optimizer="sgd", weight_decay=0.3) == 0.3


@pytest.mark.parametrize(
    ("given", "column", "restores"),
    [
        ({}, "train_loss", False),
        ({"early_stopping": True}, "valid_accuracy", True),
        ({"early_stopping": True, "restore_best": False}, "valid_accuracy", False),
        ({"early_stopping": True, "monitor": "val_loss"}, "valid_loss", True),
        ({"monitor": "loss", "restore_best": True}, "train_loss", True),
        ({"monitor": "roc_auc"}, "valid_roc_auc", False),
    ],
)
def test_what_is_watched_and_restored(given, column, restores):
    clf = MLPClassifier(**given)
    network = parameters.network_of(clf, 2, 1)
    plan = plans.make_plan(clf, network, 10, validated=True, incremental=False)
    assert (plan.monitor.column, plan.restore_best) == (column, restores)
    plan = plans.make_plan(clf, network, 10, validated=False, incremental=True)
    assert (plan.monitor.column, plan.restore_best) == ("train_loss", False)
