import signal
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import (
    DivergedWarning,
    HintWarning,
    InterruptedWarning,
    NonFiniteWeightsError,
)


def test_max_iter_warns_unless_tol_is_none(digits):
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\).*tol=None"):
        MLPClassifier(max_iter=2).fit(*digits)
    clf = MLPClassifier(max_iter=2, tol=None).fit(*digits)
    assert (clf.stop_reason_, clf.n_iter_) == ("max_iter", 2)


def test_counters_over_warm_starts(digits):
    X, y = digits[0][:60], digits[1][:60]
    clf = MLPClassifier(max_iter=5, tol=None, warm_start=True)
    for n in (1, 2):
        clf.fit(X, y)
        assert (clf.n_iter_, clf.t_, len(clf.loss_curve_)) == (5, 300 * n, 5 * n)
    assert clf.best_loss_ == min(clf.loss_curve_)
    assert clf.best_epoch_ == 1 + int(np.argmin(clf.loss_curve_))


def test_attributes_with_and_without_early_stopping(digits):
    plain = MLPClassifier(max_iter=3, tol=None).fit(*digits)
    assert plain.validation_scores_ is None
    assert plain.best_validation_score_ is None
    assert plain.best_loss_ == min(plain.loss_curve_)
    stopped = MLPClassifier(max_iter=30, early_stopping=True, tol=0.5).fit(*digits)
    assert stopped.best_loss_ is None
    assert stopped.best_validation_score_ == max(stopped.validation_scores_)
    assert stopped.stop_reason_ == "early_stopping"
    assert len(stopped.validation_scores_) == stopped.n_iter_


def test_lbfgs_has_no_curve(digits):
    clf = MLPClassifier(solver="lbfgs", max_iter=3, tol=None).fit(*digits)
    for name in ("loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_"):
        assert not hasattr(clf, name)
    assert clf.history_.columns.tolist() == ["loss"]
    assert (len(clf.history_), clf.t_) == (clf.n_iter_, 0)


def test_weights_that_are_no_numbers_are_an_error_with_remedies(diabetes):
    X, y = diabetes
    reg = MLPRegressor(optimizer="gd", learning_rate_init=1e20)
    with pytest.raises(
        NonFiniteWeightsError, match=r"(?s)non-finite.*1e\+20.*Try learning_rate_init"
    ):
        reg.fit(X, y)
    assert not hasattr(reg, "net_")


@pytest.mark.parametrize(
    ("est", "scales_y"),
    [
        (MLPClassifier(), False),
        (MLPRegressor(), True),
        (MLPRegressor("huber"), True),
        (MLPRegressor(normalize_y=True), False),
        (MLPRegressor("poisson"), False),
        (MLPRegressor("gamma"), False),
    ],
    ids=str,
)
def test_scaling_y_is_a_remedy_only_where_it_can_be_scaled(est, scales_y):
    X, y = np.arange(60.0).reshape(30, 2), np.tile([1, 2, 3], 10)
    est.set_params(optimizer="gd", learning_rate_init=1e30, random_state=0)
    with pytest.raises(NonFiniteWeightsError) as error:
        est.fit(X, y)
    text = str(error.value)
    assert ("scale y (normalize_y=True)" in text) == scales_y
    assert "put a StandardScaler in front" in text
    assert "with the learning rate 1e+30" in text


def test_divergence_under_early_stopping_keeps_the_best_weights(diabetes):
    X, y = diabetes
    reg = MLPRegressor(
        activation="identity", solver="sgd", learning_rate_init=5.0, early_stopping=True
    )
    with pytest.warns(
        DivergedWarning,
        match=r"learning rate 5.*best weights before it were kept.*Try learning_rate_init",
    ):
        reg.fit(X, y)
    assert reg.stop_reason_ == "diverged"
    assert np.isfinite(reg.predict(X)).all()
    assert np.isnan(reg.validation_scores_[-1])


def test_ctrl_c_keeps_the_model_and_says_so(digits, monkeypatch, step_class):
    original, calls = step_class.__call__, []

    def interrupted(self, rows, index):
        calls.append(1)
        if len(calls) == 5:
            signal.raise_signal(signal.SIGINT)
        original(self, rows, index)

    monkeypatch.setattr(step_class, "__call__", interrupted)
    with pytest.warns(InterruptedWarning, match="interrupted by user after 3 epochs"):
        clf = MLPClassifier(max_iter=20).fit(*digits)
    assert (clf.stop_reason_, clf.n_iter_) == ("interrupted", 3)
    assert len(clf.predict(digits[0])) == len(digits[1])


def test_converged_gives_no_warning(digits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf = MLPClassifier(tol=0.5, n_iter_no_change=2).fit(*digits)
    assert clf.stop_reason_ == "converged"


@pytest.mark.parametrize("seed", range(6))
def test_the_network_after_divergence_is_never_the_best(seed):
    rng = np.random.RandomState(seed)
    X = rng.randn(300, 5)
    y = np.digitize(X[:, 0] + 0.5 * rng.randn(300), [0.3, 0.8])  # NaN decides for the largest class
    clf = MLPClassifier(
        (10, 10), learning_rate_init=1e18, early_stopping=True, random_state=seed, batch_size=270
    )
    with pytest.warns(DivergedWarning, match="weights (from )?before .* were kept"):
        clf.fit(X, y)
    assert np.isfinite(clf.predict_proba(X)).all()
    assert np.isnan(clf.validation_scores_[-1])


def test_a_monitor_that_is_never_a_number_is_warned_about(digits):
    def odd_score(y_true, y_pred):
        return float("nan")

    X, y = digits
    clf = MLPClassifier(
        5, metrics=[odd_score], monitor="odd_score", restore_best=True, max_iter=4, tol=None
    )
    with pytest.warns(HintWarning, match="val_odd_score, which is monitored, was NaN"):
        clf.fit(X, y, X_val=X, y_val=y)
    assert clf.best_epoch_ == 4


def test_best_epoch_is_of_the_weights_that_are_kept(diabetes):
    X, y = diabetes
    reg = MLPRegressor(
        hidden_layer_sizes=20,
        max_iter=30,
        tol=None,
        warm_start=True,
        random_state=0,
        normalize_y=True,
    )
    reg.fit(X, y)
    first = reg.best_epoch_
    reg.set_params(learning_rate_init=1.0, max_iter=3).fit(X, y)  # worse
    assert (reg.best_epoch_, reg.loss_curve_[first - 1]) == (first, reg.best_loss_)
    reg.set_params(restore_best=True, monitor="loss").fit(X, y)
    assert reg.best_epoch_ > 33


def test_best_epoch_counts_rows_of_the_history(digits):
    X, y = digits
    clf = MLPClassifier(5, solver="lbfgs", max_iter=5, tol=None, warm_start=True, random_state=0)
    clf.fit(X, y)
    clf.set_params(solver="adam", max_iter=4).fit(X, y)
    assert clf.best_epoch_ == 5 + 1 + int(np.argmin(clf.loss_curve_))
    assert clf.history_.loss[clf.best_epoch_] == clf.best_loss_


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_ctrl_c_ends_the_users_loop_and_keeps_the_model(digits, monkeypatch, step_class, kind):
    X, y = digits
    original, calls = step_class.__call__, []

    def interrupted(self, rows, index):
        calls.append(1)
        if len(calls) == 5:  # the first of two batches of the third call
            signal.raise_signal(signal.SIGINT)
        original(self, rows, index)

    monkeypatch.setattr(step_class, "__call__", interrupted)
    est = kind(hidden_layer_sizes=5, random_state=0)
    first = {"classes": np.arange(10)} if kind is MLPClassifier else {}
    est.partial_fit(X, y, **first).partial_fit(X, y)
    with pytest.raises(KeyboardInterrupt, match="model trained so far was kept"):
        est.partial_fit(X, y)
    assert len(calls) == 5
    assert (est.stop_reason_, len(est.history_), est.t_) == ("interrupted", 3, 2 * 300 + 200)
    before = est.coefs_[0].copy()
    est.partial_fit(X, y)
    assert (est.stop_reason_, est.t_) == ("max_iter", 3 * 300 + 200)
    assert not np.array_equal(est.coefs_[0], before)
