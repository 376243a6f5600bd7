import pytest

CODE = "learning-rate-too-small"


@pytest.mark.parametrize(
    ("sick", "rate"),
    [
        ({"learning_rate_init": 1e-5}, 0.001),
        ({"optimizer": "sgd", "learning_rate_init": 1e-5}, 0.01),
        ({"optimizer": "adadelta", "learning_rate_init": 0.001}, 1.0),
    ],
    ids=["adam", "sgd", "adadelta"],
)
def test_the_optimizers_usual_rate_cures_it(cure, classifier, digits, sick, rate):
    tip, _ = cure(CODE, classifier(**sick), digits)
    assert tip.remedy == {"learning_rate_init": rate}
    assert f"With learning_rate_init={sick['learning_rate_init']:g}" in tip.seen


def test_a_slow_rate_that_gets_there_is_fine(classifier, digits):
    clf = classifier(learning_rate_init=1e-4, max_iter=200, tips="ignore")
    assert CODE not in [tip.code for tip in clf.fit(digits[0], digits[2]).tips_]


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_tol_may_take_small_steps_for_the_end(classifier, digits, optimizer):
    clf = classifier(optimizer=optimizer, learning_rate_init=1e-8, tol=1e-4, tips="ignore")
    clf.fit(digits[0], digits[2])
    assert (clf.stop_reason_, clf.n_iter_ < 15) == ("converged", True)
    assert CODE in [tip.code for tip in clf.tips_]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"optimizer": "lbfgs", "line_search": True}, "lbfgs searches"),
        ({"stop_reason": ""}, "not over"),
        ({"n_updates": 30}, "30 updates"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
