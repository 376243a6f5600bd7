import pytest

CODE = "bad-init"


@pytest.mark.parametrize(
    ("sick", "words"),
    [
        ({"init": "zeros"}, "same initial weights"),
        ({"init": "normal", "init_params": {"std": 1.0}}, "times that of the best"),
        ({"init": "normal", "init_params": {"std": 1e-4}}, "shrink a signal"),
    ],
    ids=["zeros", "large", "small"],
)
def test_drawing_as_usual_cures_it(cure, classifier, digits, sick, words):
    tip, _ = cure(CODE, classifier(hidden_layer_sizes="64x3", max_iter=30, **sick), digits)
    assert words in tip.seen
    assert f"init={sick['init']!r}" in tip.seen


@pytest.mark.parametrize("init", ["glorot_uniform", "he_normal", "lecun_uniform", "uniform"])
def test_usual_draws_are_fine(init, classifier, digits):
    clf = classifier(hidden_layer_sizes="64x3", max_iter=1, init=init, tips="ignore")
    assert CODE not in [tip.code for tip in clf.fit(digits[0], digits[2]).tips_]


def test_a_norm_undoes_the_scale(classifier, digits):
    sick = {"init": "normal", "init_params": {"std": 3.0}, "max_iter": 1}
    clf = classifier(hidden_layer_sizes="64x3", layernorm=True, tips="ignore", **sick)
    assert CODE not in [tip.code for tip in clf.fit(digits[0], digits[2]).tips_]


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"continues": True}, "earlier fit"), ({"activations": []}, "without hidden layers")],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
