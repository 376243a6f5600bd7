import numpy as np
import pytest

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.estimators import networks, plans
from sknn_tips.optim.optimizers import OPTIMIZERS


def make_plan(clf, network, **how):
    clf._learn_target(np.array([0, 1]), continuing=False, incremental=False)
    return plans.make_plan(clf, network, 10, user_validation=False, continuing=False, **how)


def test_batch_size():
    assert plans.batch_size(MLPClassifier(), 1000) == 200
    assert plans.batch_size(MLPClassifier(), 50) == 50
    assert plans.batch_size(MLPClassifier(batch_size=32), 50) == 32
    assert plans.batch_size(MLPClassifier(optimizer="gd"), 1000) == 1000
    grows = MLPClassifier(batch_size="sqrt")
    sizes = {n: plans.batch_size(grows, n) for n in (10, 50, 400, 10_000, 10**6)}
    assert sizes == {10: 10, 50: 16, 400: 40, 10_000: 200, 10**6: 2000}


def test_partial_fit_is_one_epoch_without_stopping():
    clf = MLPClassifier(max_iter=50)
    network = networks.network_of(clf, 2, 1)
    plan = make_plan(clf, network, validated=False, incremental=True)
    assert (plan.max_epochs, plan.tol) == (1, None)


def test_a_batch_larger_than_the_data_is_clipped_with_a_warning():
    clf = MLPClassifier(batch_size=64, max_iter=1, tol=None)
    with pytest.warns(UserWarning, match="batch_size=64 is larger than the 10.*clipped to 10"):
        clf.fit(np.zeros((10, 2)), np.tile([0, 1], 5))


def test_lbfgs_trains_in_float64_and_hands_back_what_was_asked(digits):
    clf = MLPClassifier(5, solver="lbfgs", max_iter=3, tol=None, random_state=0).fit(*digits)
    assert clf.coefs_[0].dtype == np.float32
    assert clf.predict_proba(digits[0].astype(np.float32)).dtype == np.float32
    double = MLPClassifier(5, solver="lbfgs", max_iter=3, tol=None, random_state=0, dtype="float64")
    np.testing.assert_array_equal(clf.coefs_[0], double.fit(*digits).coefs_[0].astype(np.float32))


def test_decay_of_weights_is_the_optimizers_own_unless_given():
    def decay(**given):
        clf = MLPClassifier(**given)
        network = networks.network_of(clf, 2, 1)
        return make_plan(clf, network, validated=False, incremental=False).weight_decay

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
    network = networks.network_of(clf, 2, 1)
    plan = make_plan(clf, network, validated=True, incremental=False)
    assert (plan.monitor.column, plan.restore_best) == (column, restores)
    plan = make_plan(clf, network, validated=False, incremental=True)
    assert (plan.monitor.column, plan.restore_best) == ("train_loss", False)


@pytest.mark.parametrize(
    ("given", "column"),
    [
        ({}, "valid_loss"),
        ({"monitor": "val_r2"}, "valid_r2"),
        ({"early_stopping": False}, "train_loss"),
        ({"loss": "absolute_error"}, "valid_r2"),
        ({"loss": "huber"}, "valid_r2"),
        ({"loss": "gamma"}, "valid_r2"),
    ],
    ids=str,
)
def test_early_stopping_does_not_judge_a_quantile_by_r2(given, column):
    reg = MLPRegressor(**{"loss": "quantile", "early_stopping": True, **given})
    assert plans.monitored(reg, validated=True).column == column


def test_early_stopping_finds_the_quantile():
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(1500, 1))
    y = X[:, 0] + rng.exponential(1 + X[:, 0])
    settings = {"learning_rate_init": 0.01, "early_stopping": True, "random_state": 0}
    reg = MLPRegressor("quantile", 16, loss_params={"quantile": 0.9}, **settings).fit(X, y)
    assert (y < reg.predict(X)).mean() == pytest.approx(0.9, abs=0.03)
    assert reg.stop_reason_ == "early_stopping"
    assert reg.best_epoch_ == reg.history_["val_loss"].idxmin()
    assert reg.best_validation_score_ == reg.history_["val_r2"].max()
    by_score = reg.set_params(monitor="val_r2").fit(X, y)
    assert (y < by_score.predict(X)).mean() < 0.7


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_solver_takes_every_optimizer_and_auto_its_usual_rate(name):
    clf = MLPClassifier(solver=name, learning_rate_init="auto")
    assert plans.optimizer_name(clf) == name
    assert plans.initial_rate(clf) == OPTIMIZERS[name].usual_rate
    assert plans.initial_rate(MLPClassifier(solver=name)) == 0.001


def test_optimizer_decides_when_it_is_set():
    assert plans.optimizer_name(MLPClassifier(optimizer="rmsprop")) == "rmsprop"
    assert plans.optimizer_name(MLPClassifier(solver="sgd", optimizer="sgd")) == "sgd"
