import math

import numpy as np
import pytest

from sknn_tips.exceptions import NonFiniteWeightsError
from sknn_tips.tips.record import Columns, NonFinite

CODE = "diverged"


@pytest.mark.parametrize(
    ("sick", "factor", "remedy"),
    [
        ({"learning_rate_init": 1.0}, 1, {"learning_rate_init": 0.01}),
        ({"learning_rate_init": 0.01}, 300, "StandardScaler"),
    ],
    ids=["rate", "scale"],
)
def test_the_likeliest_remedy_cures_it(cure, regressor, friedman, sick, factor, remedy):
    X, X_val, y, y_val = friedman
    X, X_val = X.copy(), X_val.copy()
    X[:, 2] *= factor
    X_val[:, 2] *= factor
    tip, _ = cure(CODE, regressor(optimizer="sgd", **sick), (X, X_val, y, y_val))
    assert tip.remedy == remedy
    assert f"the learning rate {sick['learning_rate_init']:g}" in tip.seen
    assert ("largest feature is column 2" in tip.seen) == (factor > 1)


@pytest.mark.parametrize(("scale", "named"), [(1, False), (1000, True)])
def test_the_error_suspects_the_input_only_if_it_is_large(regressor, friedman, scale, named):
    X, _, y, _ = friedman
    with pytest.raises(NonFiniteWeightsError, match="with the learning rate 1000") as found:
        regressor(optimizer="sgd", learning_rate_init=1e3).fit(scale * X, y)
    for words in ("The input data may contain large values", "largest feature"):
        assert (words in str(found.value)) == named


def test_a_penalty_that_overshoots_by_itself(cure, regressor, friedman):
    tip, _ = cure(CODE, regressor(optimizer="sgd", alpha=1e6), friedman)
    assert tip.remedy == {"alpha": 1e-4}
    assert "alpha=1e+06, divided by the number of samples in a batch (4)," in tip.seen
    assert "largest feature" not in tip.seen


@pytest.mark.parametrize("heavy", [0, 1, 20])
def test_tiny_sample_weights_are_named(regressor, friedman, heavy):
    """The penalty is divided by their sum; a few large weights are not in every batch."""
    X, _, y, _ = friedman
    net = regressor(solver="sgd", max_iter=20)
    weights = np.full(len(X), 1e-12)
    weights[:heavy] = 1.0
    with pytest.raises(
        NonFiniteWeightsError, match="sum of the sample weights in a batch"
    ) as found:
        net.fit(X, y, weights)
    tip = found.value.tips[0]
    assert "alpha=0.0001" in tip.seen
    assert "largest feature" not in tip.seen
    assert tip.advice == "Try alpha=1e-16. Or divide the sample weights by 1e-12."
    net.set_params(**tip.remedy).fit(X, y, weights)
    by_hand = regressor(solver="sgd", max_iter=20).fit(X, y, weights / 1e-12)
    np.testing.assert_allclose(net.predict(X), by_hand.predict(X), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("step", "time"), [(7, "in update 7 (epoch 1)"), (None, "in epoch 1")])
def test_a_target_is_the_next_suspect(finding, rng, step, time):
    target = Columns.of(rng.normal(size=(100, 1)) * 500)
    where = NonFinite(1, step, 0.001)
    tip = finding(CODE, loss="SquaredError", target=target, non_finite=where)
    assert tip.remedy == {"normalize_y": True}
    assert f"{time}, with the learning rate" in tip.seen


@pytest.mark.parametrize(
    ("features", "target", "others"),
    [(1, 1, ""), (1, 4, "scale y"), (4, 1, "put a StandardScaler"), (500, 500, "scale y")],
)
def test_what_else_may_help_is_not_what_is_done_already(finding, rng, features, target, others):
    columns = {"features": features, "target": target}
    columns = {what: Columns.of(rng.normal(size=(99, 1)) * by) for what, by in columns.items()}
    where = NonFinite(1, 7, 0.001)
    tip = finding(CODE, loss="SquaredError", non_finite=where, **columns)
    for other in ("scale y", "put a StandardScaler"):
        assert (other in tip.also) == (other == others)
    assert ("learning_rate_init" in tip.also) == (tip.remedy == "StandardScaler")


def test_what_has_no_rate_gets_another_optimizer(finding):
    tip = finding(CODE, optimizer="lbfgs", line_search=True, non_finite=NonFinite(3, 3, math.nan))
    assert tip.remedy == {"optimizer": "adam"}
    assert "nan" not in tip.seen.lower().replace("nan or infinite", "")


def test_silent_while_all_is_finite(finding):
    assert finding(CODE) is None


def test_not_applicable_where_nothing_was_trained(finding):
    assert "nothing" in finding(CODE, losses=[])
