import numpy as np
import pytest

from sknn_tips.tips.record import Columns, NonFinite, Update

CODE = "exploding-gradient"


def test_clipping_cures_it(cure, classifier, digits):
    deep = {"hidden_layer_sizes": "64x8", "activation": "identity", "optimizer": "sgd"}
    tip, _ = cure(CODE, classifier(learning_rate_init=0.1, **deep), digits)
    assert tip.remedy == {"clip_norm": 1.0}


def test_it_may_explode_between_two_looks(finding):
    tip = finding(CODE, non_finite=NonFinite(8, 53, 0.1))
    assert "In epoch 8 the gradient grew from 0.866" in tip.seen


def updates(norm):
    return [Update(1, [6.0] * 3, [norm] * 3, [0.005] * 3)]


def test_raw_digits_have_larger_gradients_than_scaled_ones(finding):
    large = updates(20.0)
    assert finding(CODE, updates=large) is not None
    assert finding(CODE, updates=large, features=Columns.of(np.full((20, 3), 12.0))) is None


def test_so_do_counts(finding):
    target = Columns.of(np.arange(100.0)[:, None])
    assert finding(CODE, loss="PoissonLoss", target=target, updates=updates(20.0)) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"updates": []}, "no gradient"),
        ({"features": Columns.of(np.eye(20) * 1e6)}, "not scaled"),
        ({"parameters": {"alpha": 100.0}}, "penalty"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
