import numpy as np
import pytest

from sknn_tips.tips.record import NonFinite, Probe

CODE = "underfitting"


@pytest.mark.parametrize(
    ("sick", "remedy"),
    [
        ({"alpha": 300.0}, {"alpha": 1e-4}),
        ({"l1": 0.05}, {"l1": 0.0}),
        ({"dropout": 0.9, "hidden_layer_sizes": "16x2"}, {"dropout": 0.1}),
        ({"hidden_layer_sizes": 2}, {"hidden_layer_sizes": (100,)}),
    ],
    ids=["alpha", "l1", "dropout", "narrow"],
)
def test_giving_it_room_cures_it(cure, classifier, digits, sick, remedy):
    tip, _ = cure(CODE, classifier(**sick), digits)
    assert tip.remedy == remedy
    (name,) = remedy
    assert f"with {name}={sick[name]!r}" in tip.seen


def test_sample_weights_that_make_alpha_large_are_named(finding):
    tip = finding(CODE, probes=probes(1.05), parameters={"alpha": 1e-4}, typical_weight=1e-12)
    assert "with alpha=0.0001 and sample weights of about 1e-12" in tip.seen
    assert tip.remedy == {"alpha": 1e-16}


def probes(loss):
    return [Probe(0, 1.2, [0.0] * 2, []), Probe(10, loss, [0.0] * 2, [])]


FLAT = [1.1] * 10


def test_where_nothing_holds_it_back_it_is_a_hint(finding):
    assert finding(CODE, probes=probes(1.05), losses=FLAT).severity == "hint"
    linear = finding(CODE, probes=probes(0.8), activations=[], widths=[3, 3])
    assert (linear.severity, linear.remedy) == ("hint", {"hidden_layer_sizes": (100,)})


def test_features_that_are_codes_may_be_why_nothing_is_learnt(finding):
    free = finding(CODE, probes=probes(1.05), losses=FLAT)
    held = finding(CODE, probes=probes(1.05), losses=FLAT, parameters={"alpha": 300.0})
    assert "codes of categories" in free.advice
    assert "codes" not in held.advice


def test_a_larger_network_is_larger(finding):
    wide = {"widths": [3, 256, 20, 3], "probes": probes(1.05), "losses": FLAT}
    assert finding(CODE, **wide).remedy == {"hidden_layer_sizes": (512, 100)}


@pytest.mark.parametrize(("left", "severity"), [(0.7, "hint"), (0.95, "severe")])
def test_what_a_penalty_leaves_may_be_noise(finding, left, severity):
    for held in ({"alpha": 1.0}, {"dropout": np.array([0.5, 0.5])}):
        assert finding(CODE, probes=probes(1.1 * left), parameters=held).severity == severity


def test_one_class_is_nothing_to_learn(finding):
    assert finding(CODE, baseline_loss=1e-6, probes=probes(0.1)) is None


def test_dropout_in_any_form_is_read(finding):
    for form in (0.1, [], (0.1, 0.2), np.array([0.1, 0.2])):
        assert finding(CODE, parameters={"dropout": form}) is None


def test_noise_that_cannot_be_learnt_is_fine(finding):
    assert finding(CODE, probes=probes(0.8)) is None


def test_a_loss_that_still_falls_is_another_matter(finding):
    falling = [1.1 - 0.01 * i for i in range(10)]
    assert finding(CODE, probes=probes(1.05), losses=falling) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"stop_reason": ""}, "not over, or it diverged"),
        ({"non_finite": NonFinite(1, 1, 0.1)}, "not over, or it diverged"),
        ({"n_updates": 20}, "20 updates"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
