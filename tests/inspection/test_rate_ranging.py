import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, learning_rate_range
from sknn_tips.exceptions import HintWarning
from sknn_tips.hooks.callbacks import LambdaCallback
from sknn_tips.inspection.rate_ranging import _rounded, _suggest
from sknn_tips.inspection.rising_rate import RisingRate

SMALL = {"hidden_layer_sizes": (16,), "random_state": 0}


@pytest.fixture(scope="module")
def raw_digits(digits):
    """Digits whose columns differ in scale, so that a scaler in front makes a difference."""
    return digits[0] * np.linspace(1, 20, 64), digits[1]


# -- the model around ----------------------------------------------------------------------------


def test_a_pipeline_passes_x_through_its_steps(raw_digits):
    X, y = raw_digits
    model = make_pipeline(StandardScaler(), MLPClassifier(**SMALL))
    found = learning_rate_range(model, X, y)
    by_hand = learning_rate_range(model[-1], StandardScaler().fit_transform(X), y)
    np.testing.assert_array_equal(found.table, by_hand.table)
    assert found.suggested_rate == by_hand.suggested_rate


@pytest.mark.parametrize("fitted", [False, True])
def test_searches_and_targets_wherever_they_are(diabetes, fitted):
    X, y = diabetes[0], 100 + 10 * diabetes[1]
    net = MLPRegressor(**SMALL, max_iter=2, tol=None)
    grid = {"mlpregressor__activation": ["tanh"]}
    search = GridSearchCV(make_pipeline(MinMaxScaler(), net), grid, cv=2)
    model = TransformedTargetRegressor(regressor=search, transformer=StandardScaler())
    if fitted:
        model.fit(X, y)
        net = clone(net).set_params(activation="tanh")
    found = learning_rate_range(model, X, y)
    X, y = MinMaxScaler().fit_transform(X), StandardScaler().fit_transform(y[:, None]).ravel()
    np.testing.assert_array_equal(found.table, learning_rate_range(net, X, y).table)


def test_fit_parameters_keep_their_names(digits):
    X, y = digits
    weight = np.random.RandomState(0).rand(len(y))
    model = make_pipeline(MinMaxScaler((0, 1)), MLPClassifier(**SMALL))
    found = learning_rate_range(model, X, y, mlpclassifier__sample_weight=weight)
    alone = learning_rate_range(model[-1], model[0].fit_transform(X), y, sample_weight=weight)
    np.testing.assert_array_equal(found.table, alone.table)
    with pytest.raises(TypeError, match="n_update"):
        learning_rate_range(model[-1], X, y, n_update=20)


def test_sparse_rows(digits):
    dense, rows = (
        learning_rate_range(MLPClassifier(**SMALL), X, digits[1]).table
        for X in (digits[0], sparse.csr_array(digits[0]))
    )
    np.testing.assert_allclose(dense[:100], rows[:100], rtol=1e-4)


@pytest.mark.parametrize("fitted", [False, True])
def test_the_model_is_not_changed(digits, fitted):
    rng = np.random.RandomState(0)
    net = MLPClassifier(**SMALL | {"random_state": rng}, max_iter=2, tol=None, warm_start=True)
    model = make_pipeline(StandardScaler(), net)
    if fitted:
        model.fit(*digits)
    parameters, attributes, drawn = net.get_params(), set(vars(net)), rng.get_state()[1].copy()
    weights = [coef.copy() for coef in net.coefs_] if fitted else []
    learning_rate_range(model, *digits)
    assert net.get_params() == parameters
    assert set(vars(net)) == attributes
    assert hasattr(net, "coefs_") is hasattr(model[0], "mean_") is fitted
    np.testing.assert_array_equal(rng.get_state()[1], drawn)
    for now, before in zip(net.coefs_ if fitted else [], weights, strict=True):
        np.testing.assert_array_equal(now, before)


def test_a_fitted_model_starts_afresh(digits):
    net = MLPClassifier(**SMALL, max_iter=3, tol=None, warm_start=True)
    first = learning_rate_range(net, *digits).table
    np.testing.assert_array_equal(first, learning_rate_range(net.fit(*digits), *digits).table)


def test_what_is_no_update_is_left_out(digits, capsys):
    def fail(*_, **__):
        raise AssertionError("called")

    noisy = MLPClassifier(
        **SMALL,
        callbacks=[LambdaCallback(on_epoch_end=fail, on_batch_end=fail)],
        metrics=["f1_macro"],
        monitor="val_f1_macro",
        early_stopping=True,
        learning_rate="one_cycle",
        schedule_params={"max_rate": 0.5},
        verbose=2,
        max_iter=1,
    )
    found = learning_rate_range(noisy, *digits)
    quiet = learning_rate_range(MLPClassifier(**SMALL), *digits)
    np.testing.assert_array_equal(found.table, quiet.table)
    assert capsys.readouterr().out == ""


def test_callbacks_of_scikit_learn_are_left_out(digits):
    pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9")

    class Never:
        def setup(self, *_, **__):
            raise AssertionError("called")

        teardown = on_fit_task_begin = on_fit_task_end = setup

    never = Never()
    net = MLPClassifier(**SMALL).set_callbacks(never)
    model = make_pipeline(StandardScaler(), net).set_callbacks(never)
    learning_rate_range(model, *digits)
    assert model._skl_callbacks == net._skl_callbacks == [never]


# -- the suggestion ------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adagrad"])
def test_the_suggested_rate_trains_better_than_far_ones(digits, optimizer):
    net = MLPClassifier(**SMALL, optimizer=optimizer, max_iter=15, tol=None)
    rate = learning_rate_range(net, *digits).suggested_rate
    low, suggested, high = (
        clone(net).set_params(learning_rate_init=factor * rate).fit(*digits).loss_
        for factor in (0.03, 1, 30)
    )
    assert suggested < 0.5 * min(low, high)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(0.012, 0.01), (0.0142, 0.02), (0.3, 0.2), (0.33, 0.5), (8.0, 10.0), (3e-7, 2e-7), (1, 1)],
)
def test_suggestions_are_1_2_and_5_times_a_power_of_ten(rate, expected):
    assert _rounded(rate) == expected


def test_it_lies_below_the_rate_of_the_smallest_loss(digits):
    found = learning_rate_range(MLPClassifier(**SMALL), *digits)
    lowest = found.table.loc[found.table["smoothed_loss"].idxmin(), "learning_rate"]
    assert found.suggested_rate == _rounded(0.3 * lowest)


def test_a_few_rows_learnt_by_heart_suggest_no_rate_without_bounds():
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPClassifier(random_state=1))
    assert learning_rate_range(model, X, y).suggested_rate == 0.05


def test_the_bound_is_not_taken_for_the_end_of_the_range(recwarn):
    test = RisingRate(np.geomspace(0.06, 10, 100))
    test.losses = [*np.linspace(2, 0.1, 90), *[3.0] * 10]
    assert _suggest(test.table, test, usual=0.001) == 0.06  # 50 times the usual rate is below it
    assert not recwarn


def test_no_suggestion_where_the_range_ends_too_early(digits):
    message = r"did not fall between 1e-06 and 1e-05, so.*highest larger \(now 1e-05\)"
    with pytest.warns(HintWarning, match=message) as caught:
        found = learning_rate_range(MLPClassifier(**SMALL), *digits, highest=1e-5)
    assert np.isnan(found.suggested_rate)
    assert caught[0].filename == __file__


def test_no_suggestion_where_the_loss_explodes_at_once(diabetes):
    model = MLPRegressor(**SMALL, optimizer="sgd")
    message = r"between 9 and 9[.0-9]*, where it exploded, so.*lowest be smaller \(now 9\)\."
    with pytest.warns(HintWarning, match=message):
        found = learning_rate_range(model, *diabetes, lowest=9)
    assert np.isnan(found.suggested_rate)


def test_no_suggestion_where_there_is_nothing_to_learn():
    rng = np.random.RandomState(1)
    one_row_a_batch = MLPClassifier(**SMALL, batch_size=1)
    X, y = rng.rand(300, 5), rng.randint(2, size=300)
    with pytest.warns(HintWarning, match=r"n_updates be larger \(now 200\)"):
        assert np.isnan(learning_rate_range(one_row_a_batch, X, y).suggested_rate)


def test_no_suggestion_where_the_first_loss_is_no_number():
    X = np.full((40, 2), 1e30) * np.array([[1], [-1]] * 20)
    with pytest.warns(HintWarning, match=r"before the first update.*Scale the input.*the target"):
        found = learning_rate_range(MLPRegressor(**SMALL), X, np.sign(X[:, 0]))
    assert found.table.empty
    assert np.isnan(found.suggested_rate)


def test_a_range_that_begins_too_late(digits):
    with pytest.warns(HintWarning, match=r"near lowest=0\.1.*lowest be smaller"):
        found = learning_rate_range(MLPClassifier(**SMALL), *digits, lowest=0.1)
    assert found.suggested_rate == 0.1


# -- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("params", [{"solver": "lbfgs"}, {"optimizer": "lbfgs"}])
def test_an_optimizer_without_a_rate(digits, params):
    with pytest.raises(ValueError, match=r"'lbfgs', which has no learning rate.*optimizer='adam'"):
        learning_rate_range(MLPClassifier(**params), *digits)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"lowest": 0}, r"lowest=0 must be a rate"),
        ({"highest": np.inf}, r"highest=inf must be a rate"),
        ({"highest": "1"}, r"highest='1' must be a rate"),
        ({"lowest": 1.0, "highest": 0.1}, r"lowest=1\.0 is not below highest=0\.1"),
        ({"n_updates": 9}, r"n_updates=9 must be a whole number of at least 10"),
        ({"n_updates": 50.0}, r"n_updates=50\.0 must be a whole number"),
    ],
)
def test_a_range_that_is_none(digits, params, message):
    with pytest.raises(ValueError, match=message):
        learning_rate_range(MLPClassifier(**SMALL), *digits, **params)


def test_another_network_in_front_is_an_error(digits):
    front = SelectFromModel(MLPClassifier(**SMALL))
    with pytest.raises(ValueError, match="holds another network, a MLPClassifier"):
        learning_rate_range(make_pipeline(front, MLPClassifier(**SMALL)), *digits)


def test_what_holds_no_network_or_a_wrong_one(digits):
    with pytest.raises(TypeError, match="learning_rate_range got LogisticRegression"):
        learning_rate_range(LogisticRegression(), *digits)
    with warnings.catch_warnings(), pytest.raises(ValueError, match="Did you mean 'relu'"):
        learning_rate_range(MLPClassifier(activation="rleu"), *digits)
