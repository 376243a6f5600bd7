"""A training whose learning rate rises at every update."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from sknn_tips.step.step import Pass

# Standard deviation of the smoothing, in powers of ten of the rate.
_SMOOTHING = 0.25
# The test ends where the last losses are on average so many times the first ones: fastai's number.
_FAR_ABOVE = 4.0
# Which are the first and the last losses, as a share of the updates.
_FEW = 0.1


class Finished(BaseException):
    """The last update is done; what else a fit does is left out."""


class RisingRate:
    """Does the passes of a training in place of `run_pass`: one update a rate.

    Parameters
    ----------
    rates : ndarray of shape (n_updates,)
        Each the same number of powers of ten above the one before.

    Attributes
    ----------
    losses : list of float
        Of the rows of each batch before its update, all of them finite.
    is_cut_off : bool
        Whether the loss exploded before the last rate.
    """

    def __init__(self, rates: NDArray[np.float64]) -> None:
        self.rates = rates
        self.losses: list[float] = []
        self.n_few = max(1, round(_FEW * len(rates)))
        self.is_cut_off = True

    def __call__(self, work: Pass) -> int:
        """Do an update for each batch of the pass; raise `Finished` after the last rate."""
        for bounds in work.bounds:
            update = work._replace(bounds=[bounds])
            if update.rows.count(update.last_batch):
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
        """The mean of the first few; 0 where there is none."""
        return float(np.mean(self.losses[: self.n_few] or 0.0))

    @property
    def table(self) -> pd.DataFrame:
        """One row an update."""
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
    """Do an update at a rate; return the mean loss before it."""
    step = update.step
    step.total.zero_()
    step.net.set_rate(rate, keep_velocity=False)
    step.run(update)
    if update.stops():
        raise KeyboardInterrupt
    start, stop = update.bounds[0]
    return float(step.total) / (stop - start)


def _smoothed(losses: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Return the mean of each loss and its neighbours, which weigh less the farther they are.

    Parameters
    ----------
    losses : ndarray of shape (n_done,)
    spacing : float
        Powers of ten between two rates.
    """
    sigma = min(_SMOOTHING / spacing, max(len(losses), 1))
    parts = losses, np.ones_like(losses)
    total, weight = (gaussian_filter1d(part, sigma, mode="constant") for part in parts)
    return total / weight
