import numpy as np
import pytest

from sknn_tips.tips.tip import HINT

CODE = "constant-target"
X = np.random.RandomState(0).normal(size=(60, 3))


@pytest.mark.parametrize("value", [0, 7])
def test_one_class_or_one_value_is_a_hint_and_nothing_else_is(value, classifier, regressor):
    """Nor is training unfinished, although the loss is still falling."""
    for model, what in ((classifier(), "one class"), (regressor(), "one value")):
        y = np.full(60, value)
        tips = model.set_params(max_iter=9, tips="ignore").fit(X, y).tips_
        assert [(tip.code, tip.severity) for tip in tips] == [(CODE, HINT)]
        assert tips[0].seen == f"y has {what} in all 60 samples."
        assert tips[0].advice.startswith("Check how y was made")


def test_a_target_that_changes_once_is_fine(regressor):
    many = np.random.RandomState(0).normal(size=(4000, 8))
    y = np.zeros(4000)
    model = regressor(max_iter=1, tips="ignore")
    assert CODE in [tip.code for tip in model.fit(many, y).tips_]
    y[1234] = 1
    assert CODE not in [tip.code for tip in model.fit(many, y).tips_]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"incremental": True}, "partial_fit"),
        ({"class_counts": None}, "several labels"),
        ({"n_rows": 1}, "single sample"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
