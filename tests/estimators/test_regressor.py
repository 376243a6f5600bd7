import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import DataConversionWarning
from sklearn.metrics import root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPRegressor

QUICK = {"hidden_layer_sizes": 16, "max_iter": 30, "tol": None, "random_state": 0}


def test_predictions_have_the_shape_of_y(diabetes):
    X, y = diabetes
    assert MLPRegressor(**QUICK).fit(X, y).predict(X).shape == y.shape
    with pytest.warns(DataConversionWarning):
        assert MLPRegressor(**QUICK).fit(X, y[:, None]).predict(X).shape == y.shape
    Y = np.c_[y, -y, y**2]
    reg = MLPRegressor(**QUICK).fit(X, Y)
    assert reg.predict(X).shape == Y.shape
    assert (reg.n_outputs_, reg.out_activation_) == (3, "identity")


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_normalize_y_is_a_transformed_target_regressor(diabetes, outputs, optimizer):
    X, y = diabetes
    y = y * 40 + 150 if outputs == 1 else np.c_[y * 40 + 150, y**2 * 1e4]
    kwargs = {**QUICK, "optimizer": optimizer, "dtype": "float64"}
    ours = MLPRegressor(**kwargs, normalize_y=True).fit(X, y)
    theirs = TransformedTargetRegressor(MLPRegressor(**kwargs), transformer=StandardScaler())
    np.testing.assert_allclose(ours.predict(X), theirs.fit(X, y).predict(X), rtol=1e-9)


def test_figures_are_in_the_users_units(diabetes):
    X, y = diabetes
    y = y * 40 + 150
    reg = MLPRegressor(**QUICK, normalize_y=True, metrics=["rmse", "mae"])
    reg.fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    last = reg.history_.iloc[-1]
    expected = root_mean_squared_error(y[300:], reg.predict(X[300:]))
    assert last["val_rmse"] == pytest.approx(expected, rel=1e-5)
    assert last["val_r2"] == pytest.approx(reg.score(X[300:], y[300:]), rel=1e-5)
    assert 10 < last["mae"] < last["rmse"] < 80


def test_a_constant_target(diabetes):
    X, _ = diabetes
    reg = MLPRegressor(**QUICK, normalize_y=True, solver="lbfgs").fit(X, np.full(len(X), 7.0))
    np.testing.assert_allclose(reg.predict(X), 7, atol=0.05)


def test_partial_fit_keeps_the_scale_of_the_first_call(diabetes):
    X, y = diabetes
    reg = MLPRegressor(**QUICK, normalize_y=True).partial_fit(X, y * 40 + 150)
    before = reg.predict(X)
    reg.set_params(learning_rate_init=1e-9).partial_fit(X, y * 1e6)
    np.testing.assert_allclose(reg.predict(X), before, rtol=1e-3)
    with pytest.raises(ValueError, match="y has 2 outputs, and y had 1 in fit"):
        reg.partial_fit(X, np.c_[y, y])


def test_poisson_predicts_positive_means(diabetes, rng):
    X = diabetes[0]
    y = rng.poisson(np.exp(X[:, 2]))
    reg = MLPRegressor("poisson", 16, max_iter=100, tol=None, random_state=0).fit(X, y)
    assert (reg.predict(X) > 0).all()
    assert reg.out_activation_ == "exp"
    assert np.corrcoef(reg.predict(X), np.exp(X[:, 2]))[0, 1] > 0.8


def test_weights_are_repetitions(diabetes, rng):
    X, y = diabetes
    repeats = rng.randint(0, 4, len(y))
    kwargs = {**QUICK, "optimizer": "gd", "dtype": "float64"}
    weighted = MLPRegressor(**kwargs).fit(X, y, sample_weight=repeats)
    repeated = MLPRegressor(**kwargs).fit(np.repeat(X, repeats, axis=0), np.repeat(y, repeats))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-7)
    assert weighted.loss_ == pytest.approx(repeated.loss_)


def test_partial_fit_is_not_there_for_lbfgs():
    assert not hasattr(MLPRegressor(solver="lbfgs"), "partial_fit")


def test_validation_weights_count(diabetes):
    X, y = diabetes
    weight = np.r_[np.ones(100), np.zeros(342)]
    all_rows = MLPRegressor(**QUICK).fit(X, y, X_val=X, y_val=y, sample_weight_val=weight)
    some = MLPRegressor(**QUICK).fit(X, y, X_val=X[:100], y_val=y[:100])
    np.testing.assert_allclose(all_rows.history_["val_loss"], some.history_["val_loss"], rtol=1e-5)
    np.testing.assert_allclose(all_rows.history_["val_r2"], some.history_["val_r2"], rtol=1e-4)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_quantile_lies_above_its_share_of_targets(level):
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(600, 1))
    y = X[:, 0] + rng.exponential(1 + X[:, 0])
    reg = MLPRegressor("quantile", 16, loss_params={"quantile": level}, max_iter=150, tol=None)
    reg.set_params(learning_rate_init=0.01, learning_rate="cosine", random_state=0).fit(X, y)
    assert (y < reg.predict(X)).mean() == pytest.approx(level, abs=0.04)


@pytest.mark.parametrize("loss", ["absolute_error", "huber"])
def test_outliers_move_the_mean_and_not_these(loss):
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (400, 1))
    clean = 2 * X[:, 0]
    y = np.where(rng.uniform(size=400) < 0.1, 50.0, clean)
    errors = []
    for name in (loss, "squared_error"):
        reg = MLPRegressor(name, 16, learning_rate_init=0.01, max_iter=150, tol=None)
        errors.append(np.abs(reg.set_params(random_state=0).fit(X, y).predict(X) - clean).mean())
    assert errors[0] < 0.2 * errors[1]


def test_gamma_predicts_the_mean_of_positive_amounts():
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(800, 1))
    mean = np.exp(1 + 2 * X[:, 0])
    reg = MLPRegressor("gamma", 16, learning_rate_init=0.01, max_iter=100, tol=None, random_state=0)
    reg.fit(X, rng.gamma(2, mean / 2))
    assert reg.out_activation_ == "exp"
    assert np.abs(np.log(reg.predict(X) / mean)).mean() < 0.1


@pytest.mark.parametrize(
    ("loss", "params", "words"),
    [
        ("huber", {"delta": 0}, "delta=0 must be a finite number above 0"),
        ("quantile", {"quantile": 95}, "quantile=95 must be one number between 0 and 1"),
        (
            "quantile",
            {"quantile": [0.1, 0.9]},
            r"loss_params: quantile=\[0.1, 0.9\].*one estimator each",
        ),
        ("quantile", {"level": 0.9}, "'level', which loss='quantile' does not take"),
        ("squared_error", {"delta": 1}, "no options"),
        ("huber", {"delta": "big"}, "loss_params: delta='big' must be a finite number"),
    ],
)
def test_wrong_options_of_the_loss(loss, params, words):
    with pytest.raises(ValueError, match=words):
        MLPRegressor(loss, loss_params=params).fit(np.zeros((4, 1)), np.arange(4.0))


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_an_exponential_output_and_normalize_y_contradict_each_other(loss):
    with pytest.raises(ValueError, match="normalize_y=False"):
        MLPRegressor(loss, normalize_y=True).fit(np.zeros((4, 1)), np.arange(1.0, 5.0))
