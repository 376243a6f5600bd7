import math

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


def updates(*norms):
    return [
        Update(epoch, [6.0] * 3, [norm / math.sqrt(3)] * 3, [0.005] * 3)
        for epoch, norm in enumerate(norms, 1)
    ]


RISING = [1.1, 0.7, 1.2, 0.8, 1.3]


def test_it_grows_again_and_again(finding):
    tip = finding(CODE, updates=updates(0.9, 20.0, 2.0, 30.0), losses=RISING)
    assert "grew from 0.9 to 30 in epoch 4" in tip.seen


@pytest.mark.parametrize(
    ("norms", "losses"),
    [
        ([20.0, 21.0, 15.0, 2.0], RISING),  # large from the beginning
        ([0.9, 20.0, 0.9, 0.9], RISING),  # once
        ([0.9, 20.0, 20.0, 20.0], [1.1, 0.9, 0.7, 0.5, 0.4]),  # without harm
        ([20.0], RISING),
    ],
)
def test_a_large_gradient_alone_is_no_explosion(norms, losses, finding):
    assert finding(CODE, updates=updates(*norms), losses=losses) is None


def test_once_is_enough_if_training_diverged(finding):
    changed = {"updates": updates(0.9, 20.0), "non_finite": NonFinite(3, 12, 0.1)}
    assert "In epoch 3 the gradient grew from 20 to infinity" in finding(CODE, **changed).seen


def test_raw_digits_and_counts_have_larger_gradients(finding):
    changed = {"updates": updates(0.9, 20.0, 30.0), "losses": RISING}
    assert finding(CODE, **changed) is not None
    assert finding(CODE, **changed, features=Columns.of(np.full((20, 3), 12.0))) is None
    target = Columns.of(np.arange(100.0)[:, None])
    assert finding(CODE, **changed, loss="PoissonLoss", target=target) is None


@pytest.mark.parametrize("n_rows", [194, 195, 200])
def test_a_small_last_batch_with_batch_norm_is_no_explosion(n_rows, classifier, digits):
    """The gradient of two or three samples, each normalised by the others, is large by chance."""
    deep = {"hidden_layer_sizes": "128x2", "batchnorm": True, "batch_size": 32, "max_iter": 20}
    clf = classifier(**deep, tips="ignore").fit(digits[0][:n_rows], digits[2][:n_rows])
    assert CODE not in [tip.code for tip in clf.tips_]
    norms = [math.hypot(*update.gradient) for update in clf._record.updates]
    assert max(norms) < 5


def test_a_regression_may_start_far_from_its_target(regressor, digits):
    model = regressor(tips="ignore", max_iter=20).fit(digits[0], digits[2].astype(float))
    assert math.hypot(*model._record.updates[0].gradient) > 10
    assert CODE not in [tip.code for tip in model.tips_]
    model = regressor(tips="ignore").partial_fit(digits[0], digits[2].astype(float))
    assert CODE not in [tip.code for tip in model.tips_]


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
