import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from sknn_tips.nn.losses import CLASSIFIER_LOSSES, Places, classifier_loss
from sknn_tips.nn.losses.classification import SoftmaxLogLoss, SoftmaxSquaredError

RNG = np.random.RandomState(0)
RAW = torch.from_numpy(RNG.normal(size=(6, 3)))
CODES = np.array([0, 2, 1, 1, 0, 2])
INDICATOR = RNG.randint(0, 2, (6, 3))


def encoded(loss, y, dtype=np.float64):
    return torch.from_numpy(loss.encode(y, np.dtype(dtype)))


def test_softmax_log_loss_is_sklearns():
    loss = classifier_loss("log_loss", 3, exclusive=True)
    value = loss.mean(RAW, encoded(loss, CODES))
    assert value == pytest.approx(log_loss(CODES, loss.link(RAW).numpy()), rel=1e-12)


def test_logistic_log_loss_sums_over_outputs():
    loss = classifier_loss("log_loss", 3, exclusive=False)
    value = loss.mean(RAW, encoded(loss, INDICATOR))
    p = loss.link(RAW).numpy()
    expected = sum(log_loss(INDICATOR[:, k], p[:, k], labels=[0, 1]) for k in range(3))
    assert value == pytest.approx(expected, rel=1e-12)


def test_squared_error_is_half_the_brier_score():
    brier = SoftmaxSquaredError(3)
    expected = 0.5 * ((brier.link(RAW).numpy() - np.eye(3)[CODES]) ** 2).sum(axis=1).mean()
    assert brier.mean(RAW, encoded(brier, CODES)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("exclusive", [True, False])
def test_label_smoothing_mixes_the_target_with_the_uniform_one(exclusive):
    y = CODES if exclusive else INDICATOR
    smooth = classifier_loss("log_loss", 3, exclusive=exclusive, label_smoothing=0.2)
    plain = classifier_loss("log_loss", 3, exclusive=exclusive)
    value = smooth.per_sample(RAW, encoded(smooth, y))
    if exclusive:
        others = [plain.per_sample(RAW, torch.full((6,), k)) for k in range(3)]
    else:
        others = [plain.per_sample(RAW, torch.full((6, 3), k).double()) for k in (0, 1)]
    uniform = sum(others) / len(others)
    expected = 0.8 * plain.per_sample(RAW, encoded(plain, y)) + 0.2 * uniform
    np.testing.assert_allclose(value, expected)


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("name", CLASSIFIER_LOSSES)
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_large_outputs_do_not_overflow(name, exclusive, size, run):
    loss = classifier_loss(name, 3, exclusive=exclusive)
    target = encoded(loss, CODES if exclusive else INDICATOR, np.float32)
    raw = torch.full((6, 3), -size)
    raw[:, 0] = size
    expected = loss.per_sample(raw, target)
    assert torch.isfinite(expected).all()
    at = Places(raw, *(torch.empty_like(raw) for _ in range(2)), raw.new_empty(6, 1))
    buffer, expand = loss.target_buffer(at.target)
    buffer.copy_(target.reshape(buffer.shape))
    run([*expand, *loss.operations(at)])
    np.testing.assert_allclose(at.out.squeeze(1), expected, rtol=1e-6, atol=1e-6)
    assert torch.isfinite(at.derivative).all()


def test_a_class_that_is_missing_is_no_infinity():
    assert np.isfinite(SoftmaxLogLoss().baseline(np.zeros(5, dtype=np.int64), None, 3)).all()
    binary = classifier_loss("log_loss", 2, exclusive=False)
    never, always = (float(binary.baseline(np.full((5, 1), y), None, 1)[0]) for y in (0.0, 1.0))
    assert np.isfinite(always)
    assert never == pytest.approx(-always)


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_tie_is_the_first_class(exclusive):
    """scikit-learn decides in the same way, also if both probabilities are one half."""
    loss = classifier_loss("log_loss", 3, exclusive=exclusive)
    assert not loss.decide(torch.zeros(2, 3)).any()
    slightly = torch.tensor([[-1e-6, 1e-6, -1e-6]])
    assert torch.equal(loss.decide(slightly).squeeze(), torch.tensor(1 if exclusive else [0, 1, 0]))
