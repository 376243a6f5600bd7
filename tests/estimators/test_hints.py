import re

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips._registry import shown
from sknn_tips.estimators import hints
from sknn_tips.exceptions import HintWarning

SGD = "optimizer='gd', 'sgd', 'momentum' or 'nesterov'"
ADAM = "optimizer='adam', 'amsgrad', 'adamw' or 'nadam'"
UNUSED = [
    ({"learning_rate": "adaptive"}, f"learning_rate='adaptive' has no effect: it needs {SGD}"),
    ({"learning_rate": "invscaling", "solver": "rmsprop"}, f"it needs {SGD}. 'cosine' acts on all"),
    ({"learning_rate": "invscaling", "solver": "lbfgs"}, f"it needs {SGD}"),
    (
        {"learning_rate": "adaptive", "solver": "sgd", "tol": None},
        "learning_rate='adaptive' has no effect: it needs a number for tol.",
    ),
    ({"power_t": 0.3, "solver": "sgd"}, "power_t=0.3 has no effect: it needs learning_rate='inv"),
    ({"momentum": 0.5}, "momentum=0.5 has no effect: it needs optimizer='sgd', 'momentum' or 'nes"),
    (
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.1, "optimizer": "rmsprop"},
        f"beta_1=0.5 and beta_2=0.9 and epsilon=0.1 have no effect: they need {ADAM}.",
    ),
    ({"momentum": 0.5, "optimizer": torch.optim.RAdam}, "momentum=0.5 has no effect"),
    ({"batch_size": 7, "solver": "lbfgs"}, "batch_size=7 has no effect: it needs another"),
    (
        {"learning_rate_init": 0.1, "n_iter_no_change": 3, "solver": "lbfgs", "tol": None},
        "n_iter_no_change=3 and learning_rate_init=0.1 have no effect: they need another",
    ),
    ({"max_fun": 9}, "max_fun=9 has no effect: it needs optimizer='lbfgs'."),
    ({"validation_fraction": 0.3}, "validation_fraction=0.3 has no effect: it needs early_stop"),
    ({"n_iter_no_change": 3, "tol": None}, "n_iter_no_change=3 has no effect: it needs a number"),
]
USED = [
    {},
    *({"learning_rate": name, "solver": "sgd"} for name in ("invscaling", "adaptive")),
    {"learning_rate": "plateau", "tol": None},
    {"learning_rate": "invscaling", "power_t": 0.3, "solver": "momentum", "momentum": 0.5},
    {"momentum": 0, "nesterovs_momentum": False, "optimizer": "gd"},
    {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.1, "optimizer": "nadam"},
    {"learning_rate_init": "auto", "solver": "lbfgs", "max_fun": 9},
    {"validation_fraction": 0.3, "n_iter_no_change": 3, "early_stopping": True},
    {"n_iter_no_change": np.inf, "tol": None},
]


@pytest.mark.parametrize(("params", "words"), UNUSED)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_parameters_that_have_no_effect_are_hinted_at(params, words, digits, recwarn):
    net = MLPClassifier(4, max_iter=3, random_state=0, **params)
    with pytest.warns(HintWarning, match=re.escape(words)) as caught:
        net.fit(*digits)
    (hint,) = (str(each.message) for each in caught if each.category is HintWarning)
    unused = {name for name, value in params.items() if f"{name}={shown(value)} " in hint}
    defaults = {name: getattr(MLPClassifier(), name) for name in unused}
    other = clone(net).set_params(**defaults).fit(*digits)
    for one, same in zip(net.coefs_, other.coefs_, strict=True):
        np.testing.assert_array_equal(one, same)
    assert not [each for each in recwarn if each.category is HintWarning]


@pytest.mark.parametrize("params", USED, ids=str)
def test_parameters_that_act_are_not_hinted_at(params, recwarn):
    hints.hint(MLPClassifier(**params), validated=False)
    assert not recwarn


def test_a_validation_set_replaces_the_split():
    net = MLPClassifier(early_stopping=True, validation_fraction=0.3)
    words = "validation_fraction=0.3 has no effect: it needs a fit without X_val"
    with pytest.warns(HintWarning, match=words):
        hints.hint(net, validated=True)


@pytest.mark.parametrize("wrap", [lambda net: make_pipeline(net), lambda net: net])
def test_a_pipeline_is_hinted_at_and_a_search_is_not(wrap, digits, recwarn):
    net = wrap(MLPClassifier(4, max_iter=2, tol=None, tips="ignore", momentum=0.5))
    cross_val_score(net, *digits, cv=2)
    assert not recwarn
    with pytest.warns(HintWarning, match="momentum"):
        net.fit(*digits)


def test_early_stopping_of_lbfgs_is_hinted_at():
    with pytest.warns(HintWarning, match="no effect with lbfgs"):
        hints.hint(MLPClassifier(solver="lbfgs", early_stopping=True), validated=False)


def test_short_calls_of_lbfgs_are_hinted_at(recwarn):
    hints.hint(MLPClassifier(solver="lbfgs", warm_start=True, max_iter=2), validated=False)
    assert not recwarn
    with pytest.warns(HintWarning, match="max_iter=1: .* without the curvature .* larger max_iter"):
        hints.hint(MLPClassifier(solver="lbfgs", warm_start=True, max_iter=1), validated=False)


def test_callbacks_of_lbfgs_are_hinted_at():
    with pytest.warns(HintWarning, match="callbacks are not called by lbfgs"):
        hints.hint(MLPClassifier(solver="lbfgs", callbacks=["any"]), validated=False)


@pytest.mark.parametrize("schedule", ["cosine", "plateau", "inverse_time"])
def test_our_schedules_have_no_effect_with_lbfgs_and_say_so(schedule):
    with pytest.warns(HintWarning, match=f"learning_rate='{schedule}' has no effect with lbfgs"):
        hints.hint(MLPClassifier(solver="lbfgs", learning_rate=schedule), validated=False)


@pytest.mark.parametrize("parameter", [{"monitor": "loss"}, {"restore_best": True}])
def test_lbfgs_watches_nothing_and_says_so(parameter):
    with pytest.warns(HintWarning, match="no effect with lbfgs: it minimises"):
        hints.hint(MLPClassifier(solver="lbfgs", **parameter), validated=False)


def test_the_step_activation_is_hinted_at():
    with pytest.warns(HintWarning, match=r"derivative 0 everywhere.*Assign coefs_"):
        hints.hint(MLPClassifier(activation="step"), validated=False)


def test_the_best_epoch_by_the_training_loss_beside_a_validation_set(digits, recwarn):
    X, y = digits
    valid = {"X_val": X, "y_val": y}
    clf = MLPClassifier(8, max_iter=2, tol=None, restore_best=True)
    for watching in ({"monitor": "val_loss"}, {"monitor": "loss"}, {"early_stopping": True}):
        MLPClassifier(**{**clf.get_params(), **watching}).fit(X, y, **valid)
    assert not recwarn
    with pytest.warns(HintWarning, match="because there is no validation set.*X_val and y_val"):
        clf.fit(X, y)
    words = "restore_best=True watches the training loss.*monitor='val_loss' or 'val_accuracy'"
    with pytest.warns(HintWarning, match=words):
        clf.fit(X, y, **valid)
    with pytest.warns(HintWarning, match="or 'val_r2'"):
        MLPRegressor(max_iter=2, tol=None, restore_best=True).fit(X, y, **valid)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"dropout": 0.5}, r"dropout acts on hidden layers, and hidden_layer_sizes=\(\) has none"),
        ({"batchnorm": True, "layernorm": True}, "batchnorm and layernorm act on"),
        ({"batchnorm": "after"}, "batchnorm acts on"),
        ({"activity_l1": 0.1}, "activity_l1 acts on"),
    ],
)
def test_what_acts_on_hidden_layers_where_there_are_none(params, words):
    with pytest.warns(HintWarning, match=words):
        hints.hint(MLPClassifier((), **params), validated=False)


def test_a_linear_model_without_them_is_fine(recwarn):
    for params in ({}, {"dropout": [], "batchnorm": []}, {"input_dropout": 0.1}):
        hints.hint(MLPClassifier((), **params), validated=False)
    assert not recwarn


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"monitor": "val_loss"}, "monitor='val_loss' has no effect in partial_fit.*use fit"),
        ({"restore_best": True}, "restore_best=True has no effect"),
        ({"learning_rate": "plateau"}, "learning_rate='plateau' has no effect"),
        ({"monitor": "loss", "restore_best": True}, "monitor='loss' and restore_best=True have no"),
    ],
)
def test_what_needs_more_than_one_epoch_is_hinted_at_once_a_stream(digits, params, words, recwarn):
    clf = MLPClassifier(5, tol=None, max_iter=2, **params)
    with pytest.warns(HintWarning, match=words):
        clf.partial_fit(*digits, classes=np.arange(10))
    clf.partial_fit(*digits).partial_fit(*digits)
    assert not recwarn


def test_partial_fit_is_as_silent_as_scikit_learns_about_adaptive(digits, recwarn):
    clf = MLPClassifier(5, solver="sgd", learning_rate="adaptive", restore_best=False)
    clf.partial_fit(*digits, classes=np.arange(10))
    assert not recwarn
