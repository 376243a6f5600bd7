import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.data import features
from sknn_tips.exceptions import HintWarning
from sknn_tips.nn.activations import NAMES as ACTIVATIONS
from sknn_tips.nn.initializers import NAMES as INITIALIZERS
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES

STOCHASTIC = [name for name, entry in OPTIMIZERS.items() if not entry.line_search]
RICH = {
    "hidden_layer_sizes": (12, 8),
    "activation": ["maxout", "elu"],
    "dropout": 0.2,
    "input_dropout": 0.1,
    "input_scaling": True,
    "batchnorm": "after",
    "optimizer": "adamw",
    "learning_rate": "cosine",
    "max_iter": 4,
    "tol": None,
    "random_state": 0,
}


def both(digits):
    X, y = digits
    return [(MLPClassifier, X, y), (MLPRegressor, X, y.astype(float))]


# -- every name of the registries trains ---------------------------------------------------------


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
@pytest.mark.parametrize("batchnorm", [False, True])
def test_every_activation_learns(digits, activation, batchnorm):
    clf = MLPClassifier(32, activation, batchnorm=batchnorm, learning_rate_init=0.02, max_iter=40)
    clf.set_params(tol=None, random_state=0, init="glorot_uniform").fit(*digits)
    assert clf.loss_ < 0.5 * clf.loss_curve_[0]
    assert clf.score(*digits) > 0.9


@pytest.mark.parametrize("init", [name for name in INITIALIZERS if name != "zeros"])
def test_every_initialiser_learns(digits, init):
    clf = MLPClassifier(32, init=init, learning_rate_init=0.02, max_iter=30, tol=None)
    assert clf.set_params(random_state=0).fit(*digits).score(*digits) > 0.9


def test_zeros_learn_nothing_but_the_class_frequencies(digits):
    clf = MLPClassifier(32, init="zeros", learning_rate_init=0.02, max_iter=30, tol=None)
    clf.fit(*digits)
    assert all((coef == 0).all() for coef in clf.coefs_)
    assert clf.score(*digits) < 0.2


SCHEDULE_PARAMS = {
    "step": {"step_size": 2},
    "exponential": {"gamma": 0.9},
    "inverse_time": {"decay": 0.01},
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns_at_its_usual_rate(digits, optimizer):
    epochs = {"gd": 600, "lbfgs": 60}.get(optimizer, 40)
    clf = MLPClassifier(32, optimizer=optimizer, learning_rate_init="auto", max_iter=epochs)
    assert clf.set_params(batch_size="auto" if optimizer in ("gd", "lbfgs") else 32, tol=None)
    assert clf.set_params(random_state=0).fit(*digits).score(*digits) > 0.85


@pytest.mark.parametrize("optimizer", STOCHASTIC)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.filterwarnings("ignore:learning_rate=:sknn_tips.exceptions.HintWarning")
def test_every_schedule_goes_with_every_optimizer(digits, schedule, optimizer):
    clf = MLPClassifier(
        8,
        optimizer=optimizer,
        learning_rate=schedule,
        schedule_params=SCHEDULE_PARAMS.get(schedule),
        max_iter=3,
        tol=None,
    )
    rates = clf.fit(digits[0], digits[1]).history_["lr"]
    sgd = OPTIMIZERS[optimizer].is_sgd_family
    falls = schedule not in {"constant", "adaptive", "invscaling", "plateau"}
    falls = falls or (schedule == "invscaling" and sgd)
    assert (rates.iloc[-1] < rates.iloc[0]) == falls


# -- what is learnt --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize(
    ("dtype", "given", "trained", "predicted"),
    [
        ("float32", np.float32, np.float32, np.float32),
        ("float32", np.float64, np.float32, np.float64),
        ("float32", np.int64, np.float32, np.float64),
        ("float32", np.float16, np.float32, np.float64),
        ("float64", np.float32, np.float64, np.float64),
        ("auto", np.float32, np.float32, np.float32),
        ("auto", np.float64, np.float64, np.float64),
        ("auto", np.int64, np.float64, np.float64),
    ],
)
def test_dtype(digits, kind, dtype, given, trained, predicted):
    estimator, X, y = both(digits)[kind]
    X = (X * 16).astype(given)
    fitted = estimator(hidden_layer_sizes=8, max_iter=1, tol=None, dtype=dtype).fit(X, y)
    assert fitted.coefs_[0].dtype == trained
    names = (
        ["predict_proba", "predict_log_proba", "decision_function"] if kind == 0 else ["predict"]
    )
    assert {getattr(fitted, name)(X).dtype for name in names} == {np.dtype(predicted)}


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("batchnorm", ["before", "after"])
def test_other_rows_beside_it_do_not_change_a_prediction_in_float64(digits, kind, batchnorm):
    estimator, X, y = both(digits)[kind]
    options = {"hidden_layer_sizes": (40, 30), "batchnorm": batchnorm, "input_scaling": True}
    fitted = estimator(**options, max_iter=5, tol=None, random_state=0).fit(X, y)
    predict = fitted.decision_function if kind == 0 else fitted.predict
    together = predict(X)
    order = np.random.RandomState(0).permutation(len(X))
    np.testing.assert_allclose(predict(X[order]), together[order], rtol=1e-12, atol=1e-12)
    one_by_one = np.concatenate([predict(X[i : i + 1]) for i in range(20)])
    np.testing.assert_allclose(one_by_one, together[:20], rtol=1e-12, atol=1e-12)
    single = predict(X.astype(np.float32))  # what float32 rows are answered
    np.testing.assert_allclose(single, together, rtol=1e-3, atol=1e-4)


def test_sparse_is_dense(digits):
    X, y = digits
    kwargs = {"max_iter": 3, "tol": None, "random_state": 0, "early_stopping": True}
    dense = MLPClassifier(16, **kwargs).fit(X, y)
    for kind in (sparse.csr_array, sparse.csc_matrix):
        found = MLPClassifier(16, **kwargs).fit(kind(X), y)
        np.testing.assert_array_equal(found.predict_proba(kind(X)), dense.predict_proba(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_order_of_x_in_memory_does_not_matter(digits, dtype):
    X, y = digits[0].astype(dtype), digits[1]
    strided = np.repeat(X, 2, axis=1)[:, ::2]
    kwargs = {"max_iter": 3, "tol": None, "random_state": 0, "dtype": dtype.__name__}
    expected = MLPClassifier(16, **kwargs).fit(X, y)
    for same in (np.asfortranarray(X), strided, X[::-1].copy()[::-1]):
        found = MLPClassifier(16, **kwargs).fit(same, y)
        np.testing.assert_array_equal(found.coefs_[0], expected.coefs_[0])


def test_history(digits):
    X, y = digits
    clf = MLPClassifier(
        16, max_iter=4, tol=None, metrics=["balanced_accuracy"], learning_rate="cosine"
    )
    clf.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    frame = clf.history_
    assert isinstance(frame, pd.DataFrame)
    assert frame.index.tolist() == [1, 2, 3, 4]
    columns = ["loss", "balanced_accuracy", "val_loss", "val_accuracy", "val_balanced_accuracy"]
    assert frame.columns.tolist() == [*columns, "lr", "seconds"]
    assert frame["loss"].tolist() == clf.loss_curve_
    assert frame["val_accuracy"].iloc[-1] == clf.score(X[200:], y[200:])
    assert clf.validation_scores_ is None
    assert (frame["seconds"] > 0).all()
    with pytest.raises(AttributeError, match="before fit"):
        MLPClassifier().history_  # noqa: B018 the property is what raises


def test_before_fit():
    for estimator in (MLPClassifier(), MLPRegressor()):
        with pytest.raises(NotFittedError):
            estimator.predict([[1.0]])
        assert not hasattr(estimator, "module_")
        assert not hasattr(estimator, "history_")
        assert "MLP" in estimator._repr_html_()


@pytest.mark.parametrize(
    ("verbose", "start"), [(2, "Iteration 1, loss = "), (10, "Iteration 1, "), (True, "epoch 3/3")]
)
def test_verbose(digits, capsys, verbose, start):
    MLPClassifier(8, max_iter=3, tol=None, verbose=verbose).fit(*digits)
    assert capsys.readouterr().out.startswith(start)
    MLPClassifier(8, max_iter=3, tol=None).fit(*digits)
    assert capsys.readouterr() == ("", "")


# -- going on --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("optimizer", STOCHASTIC)
def test_partial_fits_and_warm_starts_are_one_long_fit(digits, optimizer, kind):
    estimator, X, y = both(digits)[kind]
    kwargs = {"optimizer": optimizer, "dropout": 0.2, "batchnorm": True, "random_state": 0}
    kwargs |= {"hidden_layer_sizes": 8, "tol": None, "batch_size": "auto", "input_scaling": True}
    whole = estimator(max_iter=6, **kwargs).fit(X, y)
    warm = estimator(max_iter=3, warm_start=True, **kwargs).fit(X, y).fit(X, y)
    pieces = estimator(**kwargs)
    first = {"classes": np.unique(y)} if kind == 0 else {}
    for _ in range(6):
        pieces.partial_fit(X, y, **first)
    for other in (warm, pieces, pickle.loads(pickle.dumps(warm))):
        for a, b in zip(whole.coefs_, other.coefs_, strict=True):
            np.testing.assert_array_equal(a, b)
    assert warm.loss_curve_ == pieces.loss_curve_ == whole.loss_curve_
    assert whole.t_ == warm.t_ == pieces.t_ == 6 * len(y)


def test_partial_fits_follow_the_schedule_of_one_long_fit(digits):
    kwargs = {"hidden_layer_sizes": 8, "learning_rate": "cosine", "max_iter": 5, "random_state": 0}
    whole = MLPClassifier(**kwargs, tol=None).fit(*digits)
    pieces = MLPClassifier(**kwargs)
    for _ in range(5):
        pieces.partial_fit(*digits, classes=np.arange(10))
    np.testing.assert_array_equal(whole.coefs_[0], pieces.coefs_[0])
    assert pieces.history_["lr"].tolist() == whole.history_["lr"].tolist()
    # then the schedule starts again, as it does after a fit
    assert pieces.partial_fit(*digits).history_["lr"].iloc[-1] == 0.001
    assert whole.partial_fit(*digits).history_["lr"].iloc[-1] == 0.001


def test_a_pickled_fit_goes_on_as_if_it_had_never_stopped(digits):
    fitted = MLPClassifier(**RICH).fit(*digits)
    other = pickle.loads(pickle.dumps(fitted))
    for _ in range(2):
        fitted.partial_fit(*digits)
        other.partial_fit(*digits)
    np.testing.assert_array_equal(fitted.predict_proba(digits[0]), other.predict_proba(digits[0]))


def test_dropout_added_later_draws_from_a_generator_of_its_own(digits):
    before = torch.get_rng_state()
    clf = MLPClassifier(8, max_iter=1, tol=None, warm_start=True).fit(*digits)
    clf.set_params(dropout=0.5).fit(*digits)
    assert torch.equal(before, torch.get_rng_state())


def test_warm_start_takes_changed_parameters_but_not_another_shape(digits):
    clf = MLPClassifier(8, max_iter=2, tol=None, warm_start=True, random_state=0).fit(*digits)
    clf.set_params(dropout=0.5, optimizer="sgd", max_iter=1).fit(*digits)
    assert clf.net_.network.hidden[0].dropout == 0.5
    assert len(clf.loss_curve_) == 3
    clf.set_params(loss="squared_error").fit(*digits)
    assert clf.loss_curve_[-1] < 0.5 < clf.loss_curve_[-2]
    with pytest.raises(ValueError, match=r"64-8-10 fitted, 64-9-10 asked.*warm_start=False"):
        clf.set_params(hidden_layer_sizes=9).fit(*digits)
    with pytest.raises(ValueError, match=r"64-8-10 fitted, 64-8-10 \(batchnorm before\) asked"):
        clf.set_params(hidden_layer_sizes=8, batchnorm=True).fit(*digits)
    clf.set_params(hidden_layer_sizes=9, batchnorm=False, warm_start=False)
    with pytest.raises(ValueError, match=r"64-9-10 asked.*to start afresh, call fit\.$"):
        clf.partial_fit(*digits)
    assert clf.set_params(warm_start=False).fit(*digits).coefs_[0].shape == (64, 9)


def test_a_long_row_of_partial_fits_stays_fast(digits):
    """The curve is not copied at every call."""
    clf = MLPClassifier(8).partial_fit(*digits, classes=np.arange(10))
    curve = clf.loss_curve_
    for _ in range(5):
        clf.partial_fit(*digits)
    assert clf.loss_curve_ is curve
    assert len(curve) == 6
    assert clf.best_loss_ == min(curve)


def test_lbfgs_after_adam_leaves_no_old_curve(digits):
    clf = MLPClassifier(8, max_iter=3, tol=None).fit(*digits)
    clf.set_params(solver="lbfgs").fit(*digits)
    assert not hasattr(clf, "loss_curve_")
    assert not hasattr(clf, "best_loss_")


# -- what is watched -------------------------------------------------------------------------------

OVERFITS = {"hidden_layer_sizes": (64,), "learning_rate_init": 0.05, "random_state": 0}


@pytest.mark.parametrize("monitor", ["val_loss", "valid_loss", "log_loss"])
def test_the_best_epoch_of_a_monitored_loss_is_restored(digits, monitor):
    X, y = digits[0][:200], digits[1][:200]
    valid = {"X_val": digits[0][200:], "y_val": digits[1][200:]}
    clf = MLPClassifier(**OVERFITS, early_stopping=True, monitor=monitor, tol=None, max_iter=25)
    clf.fit(X, y, **valid)
    losses = clf.history_["val_loss"]
    assert clf.best_epoch_ == losses.idxmin() < 25
    assert log_loss(valid["y_val"], clf.predict_proba(valid["X_val"])) == pytest.approx(
        losses.min(), rel=1e-5
    )
    assert len(clf.validation_scores_) == 25
    last = clone(clf).set_params(restore_best=False).fit(X, y, **valid)
    found = log_loss(valid["y_val"], last.predict_proba(valid["X_val"]))
    assert found == pytest.approx(losses.iloc[-1], rel=1e-5)


def test_a_monitored_figure_stops_without_early_stopping_too(digits):
    X, y = digits[0][:200], digits[1][:200]
    clf = MLPClassifier(**OVERFITS, monitor="val_loss", n_iter_no_change=3, max_iter=100)
    clf.fit(X, y, X_val=digits[0][200:], y_val=digits[1][200:])
    assert clf.stop_reason_ == "early_stopping"
    assert clf.n_iter_ < 100
    assert clf.validation_scores_ is None


def test_metrics_and_monitor_in_partial_fit(digits):
    clf = MLPClassifier(8, metrics=["f1_macro"], monitor="val_loss", random_state=0)
    with pytest.warns(HintWarning, match="monitor='val_loss' has no effect in partial_fit"):
        clf.partial_fit(*digits, classes=np.arange(10))
    clf.partial_fit(*digits)
    assert list(clf.history_.columns) == ["loss", "f1_macro", "lr", "seconds"]


def test_l1_makes_weights_small_and_activity_l1_activities(digits):
    settings = {"hidden_layer_sizes": (16,), "max_iter": 150, "tol": None, "random_state": 0}
    plain = MLPClassifier(**settings).fit(*digits)
    sparse = MLPClassifier(**settings, l1=1e-2).fit(*digits)
    assert np.abs(sparse.coefs_[0]).sum() < 0.5 * np.abs(plain.coefs_[0]).sum()
    quiet = MLPClassifier(**settings, activity_l1=0.05).fit(*digits)
    activity = [
        np.maximum(digits[0] @ clf.coefs_[0] + clf.intercepts_[0], 0).sum()
        for clf in (plain, quiet)
    ]
    assert activity[1] < 0.5 * activity[0]


def test_schedule_params_and_loss_params_are_set_key_by_key():
    reg = MLPRegressor("quantile", learning_rate="step", schedule_params={"step_size": 3})
    reg.set_params(loss_params__quantile=0.9, schedule_params__gamma=0.5)
    assert reg.loss_params == {"quantile": 0.9}
    assert reg.schedule_params == {"step_size": 3, "gamma": 0.5}


def test_nested_parameters_can_be_searched():
    clf = MLPClassifier(optimizer="rmsprop", optimizer_params={"rho": 0.9})
    assert clf.get_params()["optimizer_params"] == {"rho": 0.9}
    clf.set_params(optimizer_params__rho=0.8)
    assert clf.optimizer_params == {"rho": 0.8}
    assert MLPClassifier().set_params(init_params__a=0.1).init_params == {"a": 0.1}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_mapped_file_is_fitted_as_an_array(digits, tmp_path, monkeypatch, dtype, early_stopping):
    X, y = digits[0].astype(dtype), digits[1]
    X.tofile(tmp_path / "X")
    mapped = np.memmap(tmp_path / "X", dtype=dtype, mode="r", shape=X.shape)
    clf = MLPClassifier(
        8, max_iter=3, tol=None, random_state=0, early_stopping=early_stopping, batch_size=50
    )
    expected = clf.fit(X, y).predict_proba(X)
    monkeypatch.setattr(features, "DENSE_BUDGET_BYTES", 0)
    found = clone(clf).fit(mapped, y).predict_proba(mapped)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
