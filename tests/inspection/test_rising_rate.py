import signal

import numpy as np
import pytest
from sklearn.base import clone

from sknn_tips import MLPClassifier, MLPRegressor, learning_rate_range
from sknn_tips.exceptions import HintWarning
from sknn_tips.step import tiers
from sknn_tips.step.step import RUN_PASS, run_pass

SMALL = {"hidden_layer_sizes": (16,), "random_state": 0}


# -- the losses ----------------------------------------------------------------------------------


def test_losses_are_those_of_gradient_descent_at_rising_rates(diabetes):
    X, y = diabetes
    plain = {"optimizer": "gd", "momentum": 0, "alpha": 0, "init": "zeros", "dtype": "float64"}
    model = MLPRegressor(hidden_layer_sizes=(), **plain)
    found = learning_rate_range(model, X, y, lowest=1e-3, highest=20, n_updates=40)
    rates = 1e-3 * (20 / 1e-3) ** (np.arange(len(found.table)) / 39)
    np.testing.assert_allclose(found.table["learning_rate"], rates)
    weight, bias = np.zeros(X.shape[1]), 0.0
    for rate, loss in zip(rates, found.table["loss"], strict=True):
        residual = X @ weight + bias - y
        assert loss == pytest.approx(0.5 * np.mean(residual**2))
        weight, bias = weight - rate * X.T @ residual / len(X), bias - rate * residual.mean()


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nadam"])
def test_at_one_rate_it_is_a_fit(optimizer, digits):
    params = {**SMALL, "optimizer": optimizer, "batch_size": 120, "learning_rate_init": 0.01}
    net = MLPClassifier(**params, max_iter=4, tol=None).fit(*digits)
    span = {"lowest": 0.01, "highest": 0.01 * (1 + 1e-9), "n_updates": 12}
    with pytest.warns(HintWarning, match="did not fall between 0.01 and 0.01"):
        found = learning_rate_range(net, *digits, **span)
    epochs = found.table["loss"].to_numpy().reshape(4, 3)
    np.testing.assert_allclose(epochs @ [0.4, 0.4, 0.2], net.loss_curve_, rtol=1e-5)


def test_the_engine_and_autograd_agree(digits, monkeypatch):
    tables = []
    for tier in ("T0", "T1"):
        monkeypatch.setattr(tiers, "FASTEST", tier)
        model = MLPClassifier(**SMALL, batchnorm=True, dropout=0.2, dtype="float64")
        tables.append(learning_rate_range(model, *digits).table)
    np.testing.assert_allclose(*tables, rtol=1e-6)


def test_a_batch_without_weight_is_no_update(digits):
    X, y = digits
    weight = np.repeat([0.0, 1.0, 2.0, 0.0, 1.0, 1.0], 50)
    model = MLPClassifier(**SMALL, batch_size=50, shuffle=False, dtype="float64")
    found = learning_rate_range(model, X, y, sample_weight=weight)
    some = weight > 0
    alone = learning_rate_range(model, X[some], y[some], sample_weight=weight[some])
    np.testing.assert_allclose(found.table, alone.table, rtol=1e-9)


def test_the_same_seed_gives_the_same_losses(digits):
    first, second, other = (
        learning_rate_range(MLPClassifier(**SMALL | {"random_state": seed}), *digits).table
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, second)
    assert (first["loss"][:100] != other["loss"][:100]).all()


def test_smoothing_moves_nothing(digits):
    table = learning_rate_range(MLPClassifier(**SMALL), *digits).table
    low = table["learning_rate"] < 1e-5
    assert table["smoothed_loss"][low].std() < 0.5 * table["loss"][low].std()
    middle = [np.interp(-1.5, -table[c][:140], table.index[:140]) for c in table.columns[1:]]
    assert abs(middle[0] - middle[1]) < 3


# -- the end -------------------------------------------------------------------------------------


def test_it_ends_where_the_loss_explodes(digits):
    found = learning_rate_range(MLPClassifier(64, random_state=0), *digits)
    losses = found.table["loss"].to_numpy()
    assert 100 < len(losses) < 200
    assert losses[-20:].mean() > 4 * losses[:20].mean() > losses[-21:-1].mean()
    assert list(found.table.index) == list(range(1, len(losses) + 1))


def test_it_ends_where_the_loss_is_no_number(diabetes):
    model = MLPRegressor(**SMALL, optimizer="sgd")
    found = learning_rate_range(model, *diabetes, n_updates=60, highest=1e30)
    assert len(found.table) < 40
    assert np.isfinite(found.table).all(axis=None)


def test_ctrl_c_ends_it(digits, ctrl_c_in_fifth_batch):
    with pytest.raises(KeyboardInterrupt):
        learning_rate_range(MLPClassifier(**SMALL), *digits)
    assert len(ctrl_c_in_fifth_batch) == 5
    assert RUN_PASS.get() is run_pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_fits_after_it_are_those_before(digits):
    net = MLPClassifier(**SMALL, max_iter=3, tol=None)
    losses = net.fit(*digits).loss_curve_
    learning_rate_range(net, *digits)
    with pytest.raises(ValueError, match="NaN"):
        learning_rate_range(net, digits[0] * np.nan, digits[1])
    assert RUN_PASS.get() is run_pass
    assert clone(net).fit(*digits).loss_curve_ == losses
