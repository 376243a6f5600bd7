import pytest

from sknn_tips.training.record import Look, NonFinite

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


def look(loss):
    return [Look(0, 1.2, [0.0] * 2, []), Look(10, loss, [0.0] * 2, [])]


FLAT = [1.1] * 10


def test_where_nothing_holds_it_back_it_is_a_hint(finding):
    assert finding(CODE, looks=look(1.05), losses=FLAT).severity == "hint"
    linear = finding(CODE, looks=look(0.8), activations=[], widths=[3, 3])
    assert (linear.severity, linear.remedy) == ("hint", {"hidden_layer_sizes": (100,)})


def test_noise_that_cannot_be_learnt_is_fine(finding):
    assert finding(CODE, looks=look(0.8)) is None


def test_a_loss_that_still_falls_is_another_matter(finding):
    falling = [1.1 - 0.01 * i for i in range(10)]
    assert finding(CODE, looks=look(1.05), losses=falling) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"stop_reason": ""}, "end of its own"),
        ({"non_finite": NonFinite(1, 1, 0.1)}, "end of its own"),
        ({"n_updates": 20}, "20 updates"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
