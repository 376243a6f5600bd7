import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sknn_tips.training.stopping import Patience, Plateau


def sklearn_rule(values, tol, score):
    """Return best and count as in `_update_no_improvement_count` of scikit-learn 1.9."""
    best, count = (-math.inf, 0) if score else (math.inf, 0)
    for value in values:
        if score:
            count = count + 1 if value < best + tol else 0
            best = max(best, value)
        else:
            count = count + 1 if value > best - tol else 0
            best = min(best, value)
    return best, count


@given(
    values=st.lists(st.integers(-20, 20), min_size=1, max_size=30),
    tol=st.integers(0, 5),
    score=st.booleans(),
)
def test_counts_as_scikit_learn(values, tol, score):
    patience = Patience(tol, 10, larger_is_better=score)
    for value in values:
        patience.update(value)
    assert (patience.best, patience.count) == sklearn_rule(values, tol, score)


def test_exhausted_only_above_n_iter_no_change():
    patience = Patience(0.1, 2, larger_is_better=False)
    for expected in (False, False, False, True):
        patience.update(1.0)
        assert patience.exhausted is expected


def test_negative_scores_improve_when_they_rise():
    patience = Patience(0.01, 10, larger_is_better=True)
    assert patience.update(-1.0)
    assert patience.update(-0.5)
    assert not patience.update(-0.7)


def test_nan_is_no_improvement():
    patience = Patience(0.0, 1, larger_is_better=True)
    patience.update(0.5)
    assert not patience.update(math.nan)
    assert (patience.best, patience.count) == (0.5, 1)


def test_tol_none_never_counts():
    patience = Patience(None, 1, larger_is_better=False)
    for _ in range(50):
        patience.update(1.0)
    assert not patience.exhausted


def test_infinite_patience_never_ends():
    patience = Patience(1e9, math.inf, larger_is_better=False)
    for _ in range(50):
        patience.update(1.0)
    assert patience.count == 49
    assert not patience.exhausted


@pytest.mark.parametrize("score", [False, True])
def test_improvement_is_strict(score):
    patience = Patience(0.0, 10, larger_is_better=score)
    assert patience.update(1.0)
    assert not patience.update(1.0)


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("patience", [0, 1, 3])
def test_plateau_counts_as_torch(mode, patience):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, mode, factor=0.5, patience=patience, threshold=0.1, threshold_mode="abs", eps=0
    )
    ours = Plateau(patience, 0.1, larger_is_better=mode == "max")
    for value in np.random.RandomState(0).normal(size=60).cumsum() / 4:
        theirs.step(value)
        ours.update(value)
        assert 0.5**ours.reductions == pytest.approx(optimizer.param_groups[0]["lr"])
