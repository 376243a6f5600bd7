"""Training with a learning rate that increases with every update."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from sknn_tips.step.step import Pass

# Standard deviation of the Gaussian smoothing, in units of log10 of the learning rate.
_SMOOTHING = 0.25
# The test ends when the mean of the last losses is this many times the mean of the first ones. The
# number is that of fastai.
_FAR_ABOVE = 4.0
# The number of first and of last losses for these means, as a share of the updates.
_FEW = 0.1


class Finished(BaseException):
    """Raised after the last update to skip the rest of the fit."""


class RisingRate:
    """Runs the passes of a training instead of `run_pass`, with a new rate for each update.

    Parameters
    ----------
    rates : ndarray of shape (n_updates,)
        The learning rates, spaced evenly on a logarithmic scale.

    Attributes
    ----------
    losses : list of float
        The mean loss of each batch before its update; all of them are finite.
    is_cut_off : bool
        Whether the loss exploded before the last rate.
    """

    def __init__(self, rates: NDArray[np.float64]) -> None:
        self.rates = rates
        self.losses: list[float] = []
        self.n_few = max(1, round(_FEW * len(rates)))
        self.is_cut_off = True

    def __call__(self, work: Pass) -> int:
        """Run an update for each batch of the pass; raise `Finished` after the last rate."""
        for bounds in work.bounds:
            update = work._replace(bounds=[bounds])
            if update.rows.count(update.last_full_batch):
                self._update(update)
        if not work.step.flat.all_finite():
            raise Finished
        return len(work.bounds)

    def _update(self, update: Pass) -> None:
        loss = _train(update, float(self.rates[len(self.losses)]))
        if not math.isfinite(loss):
            raise Finished
        self.losses.append(loss)
        if np.mean(self.losses[-self.n_few :]) > _FAR_ABOVE * self.first_loss:
            raise Finished
        if len(self.losses) == len(self.rates):
            self.is_cut_off = False
            raise Finished

    @property
    def first_loss(self) -> float:
        """The mean of the first `n_few` losses; 0 if there is none."""
        return float(np.mean(self.losses[: self.n_few] or 0.0))

    @property
    def table(self) -> pd.DataFrame:
        """A DataFrame with one row per update."""
        losses = np.array(self.losses)
        spacing = math.log10(self.rates[-1] / self.rates[0]) / (len(self.rates) - 1)
        smoothed = _smoothed(np.minimum(losses, _FAR_ABOVE * self.first_loss), spacing)
        columns = {
            "learning_rate": self.rates[: len(losses)],
            "loss": losses,
            "smoothed_loss": smoothed,
        }
        return pd.DataFrame(columns, pd.RangeIndex(1, len(losses) + 1, name="update"))


def _train(update: Pass, rate: float) -> float:
    """Run one update with a learning rate; return the mean loss before it."""
    step = update.step
    step.total.zero_()
    step.net.set_rate(rate, keep_velocity=False)
    step.run(update)
    if update.stops():
        raise KeyboardInterrupt
    start, stop = update.bounds[0]
    return float(step.total) / (stop - start)


def _smoothed(losses: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Return the losses, smoothed by a Gaussian filter.

    Parameters
    ----------
    losses : ndarray of shape (n_done,)
    spacing : float
        The distance of two rates in units of log10.
    """
    sigma = min(_SMOOTHING / spacing, max(len(losses), 1))
    parts = losses, np.ones_like(losses)
    total, weight = (gaussian_filter1d(part, sigma, mode="constant") for part in parts)
    return total / weight
