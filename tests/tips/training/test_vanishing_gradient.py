import pytest

from sknn_tips.tips.record import Probe, Update

CODE = "vanishing-gradient"


def test_relu_cures_a_deep_net_of_sigmoids(cure, classifier, digits):
    tip, _ = cure(CODE, classifier(hidden_layer_sizes="64x5", activation="logistic"), digits)
    assert "In 5 hidden layers of logistic" in tip.seen
    assert tip.remedy == {"activation": "relu"}


@pytest.mark.parametrize("sick", [{"activation": "tanh"}, {}, {"activation": "logistic"}])
def test_what_learns_all_the_same_is_fine(sick, classifier, digits):
    layers = "64x2" if "logistic" in sick.values() else "64x8"
    clf = classifier(hidden_layer_sizes=layers, max_iter=20, tips="ignore", **sick)
    assert CODE not in [tip.code for tip in clf.fit(digits[0], digits[2]).tips_]


def test_without_squashing_a_norm_is_the_remedy(finding):
    updates = [Update(1, [1.0] * 3, [1e-5, 1e-3, 1.0], [0.01] * 3)]
    probes = [Probe(10, 1.0, [0.0] * 2, [0.0] * 2)]
    for activation in ("relu", "Hardswish"):  # and of a class of the user's own nobody knows
        changed = {"updates": updates, "probes": probes, "activations": [activation] * 2}
        assert finding(CODE, **changed).remedy == {"batchnorm": True}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"activations": ["logistic"]}, "two hidden layers"),
        ({"n_updates": 20}, "20 updates"),
        ({"stop_reason": ""}, "not over"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
