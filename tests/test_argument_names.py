"""Unknown parameters and arguments: the errors say what is meant."""

import re
from inspect import signature

import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips._argument_names import OTHER_NAMES

X, Y = [[0.0], [1.0]], [0, 1]
BOTH = {**signature(MLPClassifier).parameters, **signature(MLPRegressor).parameters}

# What people write, and what they mean.
TYPED = {
    "lr": "learning_rate_init",
    "epochs": "max_iter",
    "dropout_rate": "dropout",
    "l2": "alpha",
    "n_hidden": "hidden_layer_sizes",
    "hidden_layer_size": "hidden_layer_sizes",
    "batch_norm": "batchnorm",
    "batchsize": "batch_size",
    "early_stoping": "early_stopping",
    "n_jobs": "n_threads",
}
# Where a name alone is not enough.
MORE = {
    "patience": "MLPClassifier(early_stopping=True, n_iter_no_change=...)",
    "quantile": 'MLPClassifier(loss="quantile", loss_params={"quantile": ...})',
    "validation_data": "fit(X, y, X_val=..., y_val=...)",
    "X_val": "fit(X, y, X_val=..., y_val=...)",
    "sample_weight": "fit(X, y, sample_weight=...)",
}
SUGGESTED = {typed: f"Did you mean '{meant}'?" for typed, meant in TYPED.items()}
SUGGESTED |= {typed: f"Write {code}." for typed, code in MORE.items()}


@pytest.mark.parametrize("typed", SUGGESTED)
def test_the_constructor_suggests_a_parameter(typed):
    words = f"MLPClassifier.__init__() got an unexpected keyword argument '{typed}'. "
    with pytest.raises(TypeError, match=rf"^{re.escape(words + SUGGESTED[typed])}$"):
        MLPClassifier(**{typed: 1})


@pytest.mark.parametrize("typed", SUGGESTED)
def test_set_params_suggests_a_parameter_in_the_error_of_scikit_learn(typed):
    words = f"Invalid parameter '{typed}' for estimator MLPClassifier(). {SUGGESTED[typed]} Valid"
    with pytest.raises(ValueError, match=f"^{re.escape(words)} parameters are: .*'alpha', "):
        MLPClassifier().set_params(**{typed: 1})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mlp__lr", "learning_rate_init"),
        ("model__mlp__droput", "dropout"),
        ("optimizer__rho", "optimizer_params__rho"),
        ("optimizer__alpha", "optimizer_params__alpha"),
        ("optimizer__lr", "learning_rate_init"),
    ],
)
def test_set_params_suggests_the_end_of_a_nested_name(typed, meant):
    with pytest.raises(ValueError, match=rf"'{typed}' for .* Did you mean '{meant}'\?"):
        MLPClassifier().set_params(**{typed: 1})


def test_a_search_suggests_a_parameter():
    search = GridSearchCV(Pipeline([("mlp", MLPClassifier())]), {"mlp__lr": [0.1]}, cv=2)
    with pytest.raises(ValueError, match=r"'lr' for .* Did you mean 'learning_rate_init'\?"):
        search.fit(X * 2, Y * 2)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("validation_data", "Write fit(X, y, X_val=..., y_val=...)."),
        ("eval_set", "Write fit(X, y, X_val=..., y_val=...)."),
        ("x_val", "Did you mean 'X_val'?"),
        ("sample_weights", "Did you mean 'sample_weight'?"),
        ("epochs", "Write MLPRegressor(max_iter=...)."),
        ("batch_size", "Write MLPRegressor(batch_size=...)."),
        ("verbos", "Write MLPRegressor(verbose=...)."),
        ("patience", "Write MLPRegressor(early_stopping=True, n_iter_no_change=...)."),
    ],
)
def test_fit_suggests_an_argument_or_a_parameter(argument, words):
    words = f"MLPRegressor.fit() got an unexpected keyword argument '{argument}'. {words}"
    with pytest.raises(TypeError, match=rf"^{re.escape(words)}$"):
        MLPRegressor().fit(X, Y, **{argument: 1})


def test_partial_fit_suggests_an_argument():
    with pytest.raises(TypeError, match=r"MLPClassifier\.partial_fit\(\) .* mean 'classes'\?$"):
        MLPClassifier().partial_fit(X, Y, clases=[0, 1])


def test_nothing_is_suggested_for_a_name_like_no_other():
    with pytest.raises(TypeError, match=r"'foo'\.$"):
        MLPClassifier(foo=1)
    with pytest.raises(ValueError, match=r"'foo__bar' for estimator MLPClassifier\(\)\. Valid"):
        MLPClassifier().set_params(foo__bar=1)


def test_other_errors_about_arguments_name_the_estimator():
    with pytest.raises(TypeError, match=r"^MLPRegressor\.__init__\(\) takes from 1 to 4 pos"):
        MLPRegressor("huber", 3, "relu", "sgd")


def test_a_subclass_suggests_only_what_its_own_constructor_takes():
    class Narrow(MLPClassifier):
        def __init__(self, width=3, part=None):
            super().__init__(hidden_layer_sizes=width)
            self.width, self.part = width, part

    net = Narrow(part=MLPClassifier())
    with pytest.raises(ValueError, match=r"Did you mean 'width'\? Valid parameters are"):
        net.set_params(widht=2)
    with pytest.raises(ValueError, match=r"'lr' for estimator [^.]*\. Valid parameters are"):
        net.set_params(lr=0.1)
    assert clone(net.set_params(part__alpha=3.0)).part.alpha == 3.0
    with pytest.raises(TypeError, match=r"'epochs'\.$"):
        net.fit(X, Y, epochs=3)


@pytest.mark.parametrize("meant", OTHER_NAMES)
def test_the_table_leads_from_unknown_names_to_known_ones(meant):
    written = {*re.findall(r"(\w+)=", meant)} or {meant}
    assert written <= {*BOTH, *signature(MLPClassifier.fit).parameters}
    assert not BOTH.keys() & {*OTHER_NAMES[meant]}
