import numpy as np
import pytest

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.estimators import hints
from sknn_tips.exceptions import HintWarning


@pytest.mark.parametrize("schedule", ["invscaling", "adaptive"])
def test_a_schedule_of_sgd_alone_is_hinted_at(schedule, recwarn):
    hints.hint(MLPClassifier(learning_rate=schedule, solver="sgd"), validated=False)
    hints.hint(MLPClassifier(learning_rate=schedule), validated=False)  # as scikit-learn for Adam
    assert not recwarn
    with pytest.warns(HintWarning, match="with optimizer='adam'"):
        hints.hint(MLPClassifier(learning_rate=schedule, optimizer="adam"), validated=False)
    with pytest.warns(HintWarning, match=f"{schedule}.*SGD family.*'rmsprop'.*'cosine'"):
        hints.hint(MLPClassifier(learning_rate=schedule, optimizer="rmsprop"), validated=False)


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
    clf.fit(X, y)
    for watching in ({"monitor": "val_loss"}, {"monitor": "loss"}, {"early_stopping": True}):
        MLPClassifier(**{**clf.get_params(), **watching}).fit(X, y, **valid)
    assert not recwarn
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
