import numpy as np
import pytest

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.estimators import options

X, Y = np.arange(40.0).reshape(20, 2), np.tile([0, 1], 10)


@pytest.mark.parametrize("value", [["min_rate"], [], (), 3, "x", {"gain"}], ids=str)
@pytest.mark.parametrize("name", options.DICTS)
def test_what_is_no_dict_is_an_error_in_scikit_learns_words(name, value):
    words = f"The '{name}' parameter of MLPRegressor must be an instance of 'dict' or None"
    with pytest.raises(ValueError, match=words):
        MLPRegressor(learning_rate="cosine", **{name: value}).fit(X, Y)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"activation": "elu", "activation_params": {"alfa": 1}}, "Did you mean 'alpha'"),
        ({"activation": "gelu", "activation_params": {"approximate": "x"}}, "'none' or 'tanh'"),
        ({"activation": "softplus", "activation_params": {"beta": 0}}, "beta=0 must be"),
        ({"activation": ["relu", "elu"], "activation_params": {"alpha": "a"}}, "alpha='a' must"),
        ({"init": "uniform", "init_params": {"low": 1, "high": -1}}, "low=1 is above high=-1"),
        ({"init": "he_normal", "init_params": {"draw_biases": "x"}}, "draw_biases='x' must be"),
        ({"optimizer": "rmsprop", "optimizer_params": {"rho": 2}}, "rho=2 must be"),
        ({"optimizer_params": {"betas": 0.9}}, "betas=0.9 must be two numbers"),
        ({"optimizer_params": {"lr": 0.1}}, "write learning_rate_init=0.1"),
        ({"learning_rate": "cosine", "schedule_params": {"min_rate": -1}}, "min_rate=-1 must be"),
    ],
    ids=str,
)
def test_values_are_checked_before_training(params, words):
    clf = MLPClassifier((3, 3), **params)
    with pytest.raises(ValueError, match=words):
        clf.fit(X, Y)
    assert not hasattr(clf, "net_")


def test_numbers_of_numpy_as_a_search_draws_them():
    params = {"negative_slope": np.float32(0.5), "pieces": np.int64(3), "alpha": np.int64(1)}
    clf = MLPClassifier((4, 4, 4), ["leaky_relu", "maxout", "elu"], activation_params=params)
    clf.set_params(max_iter=2, tol=None).fit(X, Y)
    assert [coef.shape for coef in clf.coefs_] == [(2, 4), (4, 12), (4, 4), (4, 1)]


def test_a_dict_that_the_class_has_not_is_no_parameter():
    given = {"alpha": 1, "loss_params__delta": 1, "init_params__gain": 2, "init_params__a": 3}
    keyed = {"init_params": {"gain": 2, "a": 3}}
    plain, found = options.split_nested(given, MLPClassifier._get_param_names())
    assert (plain, found) == ({"alpha": 1, "loss_params__delta": 1}, keyed)
    plain, found = options.split_nested(given, MLPRegressor._get_param_names())
    assert (plain, found) == ({"alpha": 1}, keyed | {"loss_params": {"delta": 1}})
