import math

import pytest
from torch import nn

from sknn_tips.tips.record import Probe

CODE = "dead-units"


def test_leaky_units_cure_it(cure, classifier, digits):
    tip, _ = cure(CODE, classifier(hidden_layer_sizes="64x2", learning_rate_init=0.1), digits)
    assert tip.remedy == {"activation": "leaky_relu"}
    assert "of the units of layer 2" in tip.seen
    assert "(0% before training)" in tip.seen


def probes(*dead):
    return [Probe(0, 1.2, [0.0] * len(dead), []), Probe(10, 0.4, list(dead), [])]


def test_only_relus_leak_in_a_mixed_net(finding):
    mixed = {"activations": ["relu", "tanh"], "probes": probes(0.9, math.nan)}
    assert finding(CODE, **mixed).remedy == {"activation": ["leaky_relu", "tanh"]}


def test_a_class_of_the_users_own_stays_as_it_was(finding):
    given = {"activation": ["relu", nn.Hardswish]}
    mixed = {"activations": ["relu", "Hardswish"], "probes": probes(0.9, math.nan)}
    tip = finding(CODE, **mixed, parameters=given)
    assert tip.remedy == {"activation": ["leaky_relu", nn.Hardswish]}
    assert "Try activation=['leaky_relu', Hardswish]." in tip.advice


def test_not_applicable_to_classes_of_the_users_own(finding):
    assert "units can die" in finding(CODE, activations=["Hardswish", "Mine"])


def test_every_dead_layer_is_named(finding):
    assert "every hidden layer" in finding(CODE, probes=probes(0.9, 0.8)).seen
    assert "layer 2 were" in finding(CODE, probes=probes(0.1, 0.8)).seen


@pytest.mark.parametrize(("dead", "widths"), [(0.4, [3, 20, 20, 3]), (0.8, [3, 5, 5, 3])])
def test_some_dead_units_and_a_handful_of_units_are_fine(dead, widths, finding):
    assert finding(CODE, probes=probes(dead, dead), widths=widths) is None


def test_not_applicable_to_what_cannot_die(finding):
    assert "units can die" in finding(CODE, activations=["tanh", "leaky_relu"])


def test_not_applicable_to_a_handful_of_rows(finding):
    assert "by chance" in finding(CODE, probes=probes(0.9, 0.9), n_rows=9)
    assert finding(CODE, probes=probes(0.9, 0.9), n_rows=10)
