import math

from sknn_tips.tips.record import Probe

CODE = "saturated-units"


def test_drawing_as_usual_cures_it(cure, classifier, digits):
    sick = {"activation": "tanh", "init": "normal", "init_params": {"std": 2.0}}
    tip, _ = cure(CODE, classifier(hidden_layer_sizes="64x2", **sick), digits)
    assert tip.remedy == {"init": "auto", "init_params": None}


def probes(first, last):
    return [Probe(0, 1.2, [math.nan], [first]), Probe(10, 0.4, [math.nan], [last])]


def test_what_saturates_on_the_way_gets_a_norm(finding):
    assert finding(CODE, probes=probes(0.0, 0.6)).remedy == {"batchnorm": True}
    assert finding(CODE, probes=probes(0.0, 0.1)) is None


def test_not_applicable_to_relus(finding):
    assert "only logistic and tanh" in finding(CODE)
