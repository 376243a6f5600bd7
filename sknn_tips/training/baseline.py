"""The best answer that does not look at X: what a network has to beat."""

import numpy as np
from numpy.typing import NDArray

from sknn_tips.nn import losses
from sknn_tips.nn.losses import Loss

# Shares of classes are kept this far from 0 and 1, where a logit would be infinite.
_LEAST_SHARE = 1e-6


def baseline_output(loss: Loss, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
    """Return the raw output (n_outputs,) that is best for all rows alike.

    Medians, quantiles and what is best for huber do not count weights.

    Parameters
    ----------
    loss : Loss
    target : ndarray
        As the loss encodes it: class codes (n,), or (n, n_outputs).
    weight : ndarray of shape (n,) or None
        Of the loss.
    n_outputs : int
    """
    if isinstance(loss, losses.Quantile):
        return np.asarray(np.quantile(target, loss.quantile, axis=0))
    if isinstance(loss, losses.AbsoluteError):
        return np.asarray(np.median(target, axis=0))
    if isinstance(loss, losses.Huber):
        return _huber(target, loss.delta)
    mean = _mean(loss, target, weight, n_outputs)
    if isinstance(loss, losses.LogisticLoss):
        share = np.clip(mean, _LEAST_SHARE, 1 - _LEAST_SHARE)
        return np.log(share / (1 - share))
    if isinstance(loss, losses.SoftmaxLoss | losses.PoissonLoss | losses.GammaLoss):
        return np.log(np.maximum(mean, _LEAST_SHARE))
    return mean


def _huber(target: NDArray, delta: float) -> NDArray:
    """Go from the median to where the residuals, cut off at delta, cancel out."""
    centre = np.asarray(np.median(target, axis=0))
    for _ in range(20):
        centre = centre + np.clip(target - centre, -delta, delta).mean(axis=0)
    return centre


def _mean(loss: Loss, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
    """Return the weighted mean of the targets; of class codes, the share of each class."""
    if isinstance(loss, losses.SoftmaxLogLoss):
        counts = np.bincount(target, weight, n_outputs)
        kept = 1 - loss.label_smoothing
        return kept * counts / counts.sum() + loss.label_smoothing / n_outputs
    if weight is None:
        return np.asarray(target.mean(axis=0))
    return weight @ target / weight.sum()
