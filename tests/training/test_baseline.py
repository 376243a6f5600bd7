import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from sknn_tips.nn import losses
from sknn_tips.training.baseline import baseline_output

RNG = np.random.RandomState(0)
CODES, ONES = RNG.choice(3, 60, p=[0.6, 0.3, 0.1]), RNG.randint(0, 2, (60, 2))
VALUES = RNG.exponential(size=(60, 2))
LOSSES = {
    "softmax": (losses.SoftmaxLogLoss(), CODES, 3),
    "softmax_smoothed": (losses.SoftmaxLogLoss(0.3), CODES, 3),
    "softmax_squared": (losses.SoftmaxSquaredError(3), CODES, 3),
    "logistic": (losses.LogisticLogLoss(), ONES, 2),
    "logistic_squared": (losses.LogisticSquaredError(), ONES, 2),
    **{name: (loss(), VALUES, 2) for name, loss in losses.REGRESSOR_LOSSES.items()},
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_no_constant_answer_is_better(name, weighted):
    loss, y, n_outputs = LOSSES[name]
    if weighted and name in ("absolute_error", "huber", "quantile"):
        pytest.skip("these do not count weights, as the docstring says")
    target = loss.encode(y, np.dtype(np.float64))
    weight = RNG.uniform(0.1, 2, 60) if weighted else None

    def mean_loss(constant):
        raw = torch.as_tensor(constant, dtype=torch.float64).expand(60, n_outputs)
        per_sample = loss.per_sample(raw, torch.from_numpy(target)).numpy()
        return float(np.average(per_sample, weights=weight))

    found = mean_loss(baseline_output(loss, target, weight, n_outputs))
    best = minimize(mean_loss, np.zeros(n_outputs), method="Powell").fun
    assert found <= best * (1 + 1e-4)


def test_a_class_that_is_missing_is_no_infinity():
    output = baseline_output(losses.SoftmaxLogLoss(), np.zeros(5, dtype=np.int64), None, 3)
    assert np.isfinite(output).all()
