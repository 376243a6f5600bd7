import numpy as np
import pytest
import torch

from sknn_tips.metrics.targets import ClassTarget, ValueTarget
from sknn_tips.nn.losses import classifier_loss
from sknn_tips.nn.losses.regression import SquaredError


def loss_of(target):
    return classifier_loss("log_loss", len(target.classes), exclusive=target.exclusive)


@pytest.mark.parametrize(
    ("classes", "multilabel", "n_outputs"),
    [(["a"], False, 1), (["a", "b"], False, 1), (["a", "b", "c"], False, 3), ([0, 1], True, 2)],
)
def test_labels_come_back(classes, multilabel, n_outputs):
    target = ClassTarget(np.array(classes), multilabel)
    assert target.n_outputs == n_outputs
    y = np.eye(2, dtype=int)[[0, 1, 1]] if multilabel else np.array(classes)[[0, -1, 0]]
    np.testing.assert_array_equal(target.decode(target.encode(y)), y)


@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_probabilities_are_of_each_class(n_classes):
    target = ClassTarget(np.arange(n_classes), multilabel=False)
    raw = torch.randn(5, target.n_outputs, generator=torch.Generator().manual_seed(0))
    p = target.probabilities(loss_of(target), raw).numpy()
    assert p.shape == (5, n_classes)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)


def test_what_metrics_see_of_classes():
    target = ClassTarget(np.array(["no", "yes"]), multilabel=False)
    raw, y = torch.tensor([[2.0], [-1.0]]), np.array([[1], [1]])
    seen = target.predicted(loss_of(target), raw, y, None)
    assert (list(seen.y_true), list(seen.y_pred)) == (["yes", "yes"], ["yes", "no"])
    assert seen.finite
    np.testing.assert_allclose(seen.model().decision_function(None), [2, -1])
    np.testing.assert_allclose(
        seen.model().predict_proba(None)[:, 1], 1 / (1 + np.exp([-2, 1])), rtol=1e-6
    )


def test_what_metrics_see_of_values_is_in_the_units_of_the_user():
    target = ValueTarget(1, np.array([10.0]), np.array([2.0]))
    y = np.array([[8.0], [14.0]])
    encoded = target.encode(y)
    np.testing.assert_allclose(encoded, [[-1], [2]])
    raw = torch.tensor([[0.5], [float("inf")]], dtype=torch.float64)
    seen = target.predicted(SquaredError(), raw, encoded, None)
    np.testing.assert_allclose(seen.y_true, [8, 14])
    assert seen.y_pred[0] == 11
    assert not seen.finite
    assert seen.model().predict(None)[0] == 11
