import math

import pytest
from sklearn.datasets import load_iris

from sknn_tips import MLPClassifier
from sknn_tips.tips.record import NonFinite, Update

CODE = "learning-rate-too-large"


def test_the_usual_rate_cures_it(cure, classifier, digits):
    tip, _ = cure(CODE, classifier(learning_rate_init=0.5), digits)
    assert tip.remedy == {"learning_rate_init": 0.001}
    assert "With learning_rate_init=0.5" in tip.seen


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.03])
def test_rates_that_train_well_are_fine(rate, classifier, digits):
    clf = classifier(learning_rate_init=rate, tips="ignore").fit(digits[0], digits[2])
    assert CODE not in [tip.code for tip in clf.tips_]
    assert clf.score(digits[1], digits[3]) > 0.95


@pytest.mark.parametrize(("rate", "fires"), [(1.0, True), (0.01, False)])
def test_one_that_diverges_at_once_is_known_by_its_rate(finding, rate, fires):
    diverged = {"updates": [], "losses": [math.inf], "non_finite": NonFinite(1, 3, rate)}
    tip = finding(CODE, rate=rate, **diverged)
    assert (tip is not None) == fires
    if fires:
        assert tip.remedy == {"learning_rate_init": 0.001}
        assert "the usual learning rate of adam is 0.001" in tip.seen
    assert (finding("exploding-gradient", rate=rate, **diverged) is None) == fires


def updates(*sizes):
    return [Update(i, [6.0] * 3, [0.5] * 3, [size] * 3) for i, size in enumerate(sizes, 1)]


RESTLESS = [1.0, 0.8, 0.9, 0.7, 0.8, 0.6, 0.7]


def test_steps_that_never_settle_get_a_third_of_the_rate(finding):
    tip = finding(CODE, updates=updates(0.05, 0.05, 0.05), losses=RESTLESS, rate=0.015)
    assert tip.remedy == {"learning_rate_init": 0.005}


def test_steps_far_above_the_usual_rate_get_the_usual_one(finding):
    restless = {"updates": updates(0.05, 0.05, 0.05), "losses": RESTLESS}
    for rate in (100.0, 1e6):
        tip = finding(CODE, rate=rate, **restless)
        assert tip.remedy == {"learning_rate_init": 0.001}


def test_a_loss_that_falls_all_the_time_excuses_large_steps(finding):
    assert finding(CODE, updates=updates(0.4, 0.3, 0.1)) is None
    assert finding(CODE, updates=updates(0.4, 0.3, 0.1), losses=RESTLESS) is not None


def test_a_loss_near_zero_excuses_them_too(finding):
    low = [1.0, 0.2, 0.1, 0.2, 0.15, 0.18, 0.12]
    assert finding(CODE, updates=updates(0.4, 0.3, 0.1), losses=low) is None


@pytest.mark.parametrize("seed", range(3))
def test_ten_times_the_usual_rate_trains_iris_best(seed):
    """One update an epoch, and dropout: the loss is noisy, and lower rates are no better."""
    X, y = load_iris(return_X_y=True)
    nets = [
        MLPClassifier(
            dropout=0.1, learning_rate_init=rate, max_iter=80, tol=None, random_state=seed
        )
        for rate in (0.01, 0.003, 0.001)
    ]
    scores = [net.fit(X, y).score(X, y) for net in nets]
    assert scores[0] >= max(scores) - 0.03
    assert CODE not in [tip.code for tip in nets[0].tips_]


def test_with_batch_norm_weights_may_turn_fast_in_the_beginning(finding):
    parameters = {"batchnorm": True, "init": "auto"}
    changed = {"updates": updates(0.4, 0.01, 0.01), "losses": RESTLESS}
    assert finding(CODE, parameters=parameters, **changed) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"optimizer": "lbfgs", "line_search": True}, "lbfgs searches"),
        ({"updates": []}, "no update"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)


@pytest.mark.parametrize("rate", [10.0, 100.0, 1e4])
def test_of_a_rate_far_above_the_usual_one_few_updates_tell(rate):
    """Accuracy can be fair, with a loss of thousands; clipping the gradient would not help Adam."""
    X, y = load_iris(return_X_y=True)
    clf = MLPClassifier(learning_rate_init=rate, max_iter=5, tol=None, random_state=0)
    clf.set_params(tips="ignore").fit((X - X.mean(0)) / X.std(0), y)
    severe = [tip for tip in clf.tips_ if tip.severity == "severe"]
    assert [(tip.code, tip.remedy) for tip in severe] == [(CODE, {"learning_rate_init": 0.001})]
