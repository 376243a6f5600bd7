import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.training.metrics import METRICS, accuracy, compute, r2, resolve_metrics

RNG = np.random.RandomState(0)
WEIGHT = RNG.rand(20)


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("shape", [(20,), (20, 1), (20, 3)])
def test_accuracy_is_sklearns(weight, shape):
    y, decided = RNG.randint(0, 2, shape), RNG.randint(0, 2, shape)
    expected = accuracy_score(y, decided, sample_weight=weight)
    assert accuracy(y, decided, weight) == pytest.approx(expected)


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_r2_is_sklearns_and_nan_for_nan(weight):
    y, decided = RNG.rand(20, 2), RNG.rand(20, 2)
    assert r2(y, decided, weight) == pytest.approx(r2_score(y, decided, sample_weight=weight))
    decided[3, 1] = np.inf
    assert np.isnan(r2(y, decided, weight))


def test_names_and_callables():
    def largest_error(y_true, y_pred):
        return np.abs(y_true - y_pred).max()

    found = resolve_metrics(["rmse", largest_error], METRICS)
    assert list(found) == ["rmse", "largest_error"]
    y, p = np.array([1.0, 2.0]), np.array([1.0, 5.0])
    values = compute(found, y, p, np.array([1.0, 0.0]))
    assert values == {"rmse": 0.0, "largest_error": 3.0}


def test_errors_are_positive():
    y, p = RNG.rand(20), RNG.rand(20)
    assert all(METRICS[name](y, p) > 0 for name in ("mae", "mse", "rmse"))


def test_names_must_differ_and_not_be_columns_of_the_history():
    def loss(y_true, y_pred):
        return 0.0

    with pytest.raises(ValueError, match=r"named 'loss'.*Rename"):
        resolve_metrics([loss], METRICS)
    with pytest.raises(ValueError, match="two of the name '<lambda>'"):
        resolve_metrics([lambda y, p: 0.0, lambda y, p: 1.0], METRICS)


def test_one_metric_needs_no_list():
    assert list(resolve_metrics("rmse", METRICS)) == ["rmse"]
    assert list(resolve_metrics(r2, METRICS)) == ["r2"]


def test_unknown_metric():
    with pytest.raises(UnknownOptionError, match="Did you mean 'accuracy'"):
        resolve_metrics(["acuracy"], METRICS)
