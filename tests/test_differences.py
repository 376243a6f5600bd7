"""The statements of docs/differences.rst that no other test compares with scikit-learn."""

import os
import signal

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_classification
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor
from sklearn.pipeline import make_pipeline

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.callbacks import LambdaCallback
from sknn_tips.exceptions import (
    DivergedWarning,
    HintWarning,
    InterruptedWarning,
    NonFiniteWeightsError,
    TipWarning,
)

X, Y = make_classification(300, 10, random_state=0)
SHORT = {"hidden_layer_sizes": (8,), "max_iter": 4, "random_state": 0}
OURS = {**SHORT, "tol": None}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def distance(one, other):
    """Return the largest difference between two fitted networks' weights."""
    pairs = zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True)
    return max(np.abs(a - b).max() for a, b in pairs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_of_predictions(dtype):
    net = MLPClassifier(**OURS, dtype=dtype).fit(X, Y)
    assert net.predict_proba(X).dtype == np.float64
    assert net.predict_proba(X.astype(np.float32)).dtype == dtype


def test_order_of_samples_differs_from_the_second_epoch_on():
    def fitted(n_epochs):
        common = {**SHORT, "solver": "sgd", "max_iter": n_epochs, "learning_rate_init": 0.1}
        return SklearnClassifier(**common).fit(X, Y), MLPClassifier(**common, dtype="float64").fit(
            X, Y
        )

    assert distance(*fitted(1)) < 1e-12
    assert distance(*fitted(2)) > 1e-6


def test_epsilon_is_the_only_difference_of_adam():
    def fitted(epsilon):
        common = {**SHORT, "shuffle": False, "epsilon": epsilon}
        return SklearnClassifier(**common).fit(X, Y), MLPClassifier(**common, dtype="float64").fit(
            X, Y
        )

    assert distance(*fitted(1e-30)) < 1e-12
    assert distance(*fitted(1e-4)) > 1e-6


def test_continued_training_keeps_the_state_which_scikit_learn_resets():
    def continued(cls, **options):
        whole = cls(**{**SHORT, **options}).fit(X, Y)
        halves = cls(**{**SHORT, **options, "max_iter": 2}, warm_start=True).fit(X, Y).fit(X, Y)
        calls = cls(**{**SHORT, **options})
        for _ in range(4):
            calls.partial_fit(X, Y, classes=[0, 1])
        return distance(whole, halves), distance(whole, calls)

    assert continued(MLPClassifier, tol=None) == (0, 0)
    warm, partial = continued(SklearnClassifier)
    assert warm > 1e-6
    assert partial > 1e-6
    warm, partial = continued(SklearnClassifier, shuffle=False)  # draws nothing after the weights
    assert warm > 1e-6
    assert partial == 0


def test_the_validation_split_is_stratified_for_three_classes_too():
    features, classes = load_iris(return_X_y=True)
    features, classes = features[:125], classes[:125]
    held_out = []
    net = MLPClassifier(
        **OURS,
        early_stopping=True,
        validation_fraction=0.2,
        metrics=[lambda y, predicted: held_out.append(y) or 0.0],
    )
    net.fit(features, classes)
    counts = [np.bincount(y).tolist() for y in held_out if len(y) == 25]
    assert counts == [[10, 10, 5]] * 4


def test_one_class():
    y = np.zeros(len(X), dtype=int)
    assert MLPClassifier(**OURS).fit(X, y).predict_proba(X).shape == (300, 1)
    assert SklearnClassifier(**SHORT).fit(X, y).predict_proba(X).shape == (300, 2)


def test_partial_fit_with_lbfgs():
    for cls in (MLPClassifier, MLPRegressor, SklearnClassifier):
        assert not hasattr(cls(solver="lbfgs"), "partial_fit"), cls
    assert SklearnRegressor(**SHORT, solver="lbfgs").partial_fit(X, Y).n_iter_ == 4


def test_divergence_after_good_epochs_restores_the_best_weights():
    net = MLPClassifier(
        **{**OURS, "max_iter": 10}, solver="sgd", learning_rate=lambda p: 100 if p < 0.5 else 1e30
    )
    with pytest.warns(DivergedWarning, match="update 12 "):
        net.fit(X, Y)
    assert (net.stop_reason_, net.best_epoch_, net.n_iter_) == ("diverged", 5, 6)
    assert all(np.isfinite(weights).all() for weights in net.coefs_)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, of the overflow
def test_divergence_without_a_good_epoch_is_scikit_learns_error():
    settings = {"hidden_layer_sizes": 8, "solver": "sgd", "learning_rate_init": 100.0}
    message = "Solver produced non-finite parameter weights"
    for cls, error in ((SklearnRegressor, ValueError), (MLPRegressor, NonFiniteWeightsError)):
        net = cls(**settings)
        with pytest.raises(error, match=message):
            net.fit(X * 1000, Y)
    assert issubclass(NonFiniteWeightsError, ValueError)


@pytest.mark.filterwarnings("always::sknn_tips.exceptions.TipWarning")
def test_warnings():
    with pytest.warns(TipWarning, match="unscaled-input"):
        MLPClassifier(**OURS).fit(X * 1000, Y)
    MLPClassifier(**OURS, tips="ignore").fit(X * 1000, Y)
    with pytest.warns(HintWarning, match="batch_size=1000"):
        MLPClassifier(**OURS, batch_size=1000, tips="ignore").fit(X, Y)
    with pytest.warns(HintWarning, match="momentum=0.5 has no effect"):
        make_pipeline(MLPClassifier(**OURS, momentum=0.5)).fit(X, Y)
    cross_val_score(MLPClassifier(**OURS, momentum=0.5), X, Y, cv=2, error_score="raise")
    assert issubclass(TipWarning, UserWarning)
    assert issubclass(HintWarning, UserWarning)


def test_verbose_two_prints_scikit_learns_lines(capsys):
    def printed(net):
        net.fit(X, Y)
        return [line.split(",")[0] for line in capsys.readouterr().out.splitlines()]

    lines = printed(SklearnClassifier(**SHORT, verbose=True))
    assert lines[:2] == ["Iteration 1", "Iteration 2"]
    assert printed(MLPClassifier(**OURS, verbose=2)) == lines[:4]
    assert len(printed(MLPClassifier(**OURS, verbose=True))) == 1


def press_ctrl_c(net, **_):
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
def test_ctrl_c():
    net = MLPClassifier(**OURS, callbacks=[LambdaCallback(on_epoch_end=press_ctrl_c)])
    with pytest.warns(InterruptedWarning):
        assert net.fit(X, Y).stop_reason_ == "interrupted"
    with pytest.raises(KeyboardInterrupt):
        GridSearchCV(net, {"alpha": [0, 1]}).fit(X, Y)
    with pytest.raises(KeyboardInterrupt):
        net.partial_fit(X, Y)
    net.predict(X)

    class Interrupted(SklearnClassifier):
        def _update_no_improvement_count(self, *arguments, **options):
            press_ctrl_c(self)

    with pytest.warns(UserWarning, match="Training interrupted by user"):
        GridSearchCV(Interrupted(**SHORT), {"alpha": [0, 1]}, cv=2).fit(X, Y)
