"""The best answer that does not look at X: what a network has to beat."""

import torch

from sknn_tips.network import losses
from sknn_tips.network.losses import Loss

# Shares of classes are kept this far from 0 and 1, where a logit would be infinite.
_LEAST_SHARE = 1e-6


def baseline_output(
    loss: Loss, target: torch.Tensor, weight: torch.Tensor | None, n_outputs: int
) -> torch.Tensor:
    """Return the raw output (n_outputs,) that is best for all rows alike.

    Medians, quantiles and what is best for huber do not count weights.

    Parameters
    ----------
    loss : Loss
    target : torch.Tensor
        As the loss encodes it: class codes (n,), or (n, n_outputs).
    weight : torch.Tensor of shape (n,) or None
        Of the loss.
    n_outputs : int
    """
    if isinstance(loss, losses.Quantile):
        return target.quantile(loss.quantile, 0)
    if isinstance(loss, losses.AbsoluteError):
        return target.median(0).values
    if isinstance(loss, losses.Huber):
        return _huber(target, loss.delta)
    mean = _mean(loss, target, weight, n_outputs)
    if isinstance(loss, losses.LogisticLoss):
        return mean.clamp(_LEAST_SHARE, 1 - _LEAST_SHARE).logit()
    if isinstance(loss, losses.SoftmaxLoss | losses.PoissonLoss | losses.GammaLoss):
        return mean.clamp(_LEAST_SHARE).log()
    return mean


def _huber(target: torch.Tensor, delta: float) -> torch.Tensor:
    """Go from the median to where the residuals, cut off at delta, cancel out."""
    centre = target.median(0).values
    for _ in range(20):
        centre = centre + (target - centre).clamp(-delta, delta).mean(0)
    return centre


def _mean(
    loss: Loss, target: torch.Tensor, weight: torch.Tensor | None, n_outputs: int
) -> torch.Tensor:
    """Return the weighted mean of the targets; of class codes, the share of each class."""
    if isinstance(loss, losses.SoftmaxLogLoss):
        counts = torch.bincount(target, weight, minlength=n_outputs)
        return (counts / counts.sum()).to(torch.get_default_dtype())
    if weight is None:
        return target.mean(0)
    return weight @ target / weight.sum()
