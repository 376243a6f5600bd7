"""The learning-rate range test: a short training whose rate rises from update to update."""

import math
from collections.abc import Iterator
from contextlib import closing
from numbers import Integral, Real
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from sknn_tips import exceptions
from sknn_tips.estimators import parameters
from sknn_tips.estimators.finding import find, without_searches
from sknn_tips.exceptions import HintWarning
from sknn_tips.plotting.rate_range import LearningRateRangeDisplay
from sknn_tips.training.engine_step import size_of
from sknn_tips.training.rows import Rows
from sknn_tips.training.step import DRIVER, Pass, Passes

_CALLER = "learning_rate_range"
# Everything of a fit that is not an update: the test does without.
_UPDATES_ALONE: dict[str, Any] = {
    "learning_rate": "constant",
    "schedule_params": None,
    "tol": None,
    "early_stopping": False,
    "monitor": None,
    "restore_best": None,
    "metrics": (),
    "callbacks": (),
    "verbose": 0,
}
_FEWEST_UPDATES = 10

# Measured (`benchmarks/rate_range.py`), with the default of updates. The suggestion, as a share of
# the rate at which the smoothed loss is smallest.
_SHARE = 0.3
# Standard deviation of the smoothing, in powers of ten of the rate.
_SMOOTHING = 0.25
# The test ends where the last losses are on average so many times the first ones: fastai's number.
_FAR_ABOVE = 4.0
# Which are the first and the last losses, as a share of the updates.
_FEW = 0.1
# There, a loss that fell did so by .27 of the first ones or more.
_LEAST_FALL = 0.05
# And by so many standard errors of the first ones; chance alone often makes it 3.
_STANDARD_ERRORS = 5


class _Finished(BaseException):
    """The last update is done; what else a fit does is left out."""


def learning_rate_range(
    model: Any,
    X: Any,
    y: Any,
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    n_updates: int = 200,
    **fit_params: Any,
) -> LearningRateRangeDisplay:
    """Find the learning rate by one short training in which it rises at every update.

    A clone of the model is trained on one batch after the other, while the rate goes up by the same
    factor each time. At small rates the loss stays, at good ones it falls, and at large ones it
    rises again: the suggestion lies below that. Early stopping, schedules, metrics and callbacks of
    the model are left out.

    Parameters
    ----------
    model : estimator
        An MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or search that
        holds one (of a fitted search its best estimator is taken). It is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        As `model.fit` takes it.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        As `model.fit` takes it.
    lowest : float, default=1e-6
        The rate of the first update.
    highest : float, default=10.0
        The rate of the last update; the test ends before it where the loss explodes.
    n_updates : int, default=200
        Updates from the lowest to the highest rate, 10 or more. More of them make the curve smooth
        where small batches make it rough.
    **fit_params : dict
        What else `model.fit` takes, such as ``sample_weight``, under the names it has there.

    Returns
    -------
    LearningRateRangeDisplay
        ``suggested_rate``, ``table`` with one row an update, and ``plot()``.

    Raises
    ------
    TypeError
        When the model holds no estimator of ours.
    ValueError
        When its optimizer is lbfgs, which has no rate, or the range is none.

    Warns
    -----
    HintWarning
        When the loss never fell, so that the suggestion is NaN, or is lowest at an end of the
        range.

    Notes
    -----
    The test is that of Smith (2017), "Cyclical learning rates for training neural networks",
    section 3.3. The suggestion is 0.3 of the rate at which the smoothed loss is smallest, rounded
    to 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tips import MLPClassifier, learning_rate_range
    >>> X, y = load_digits(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), MLPClassifier(random_state=0))
    >>> found = learning_rate_range(model, X, y)
    >>> found.suggested_rate
    0.02
    >>> model = model.set_params(mlpclassifier__learning_rate_init=found.suggested_rate)
    """
    _check(model, lowest, highest, n_updates)
    test = _RangeTest(np.geomspace(lowest, highest, n_updates))
    driver = DRIVER.set(test.drive)
    try:
        _updates_alone(model, n_updates).fit(X, y, **fit_params)
    except _Finished:
        pass
    finally:
        DRIVER.reset(driver)
    table = test.table
    return LearningRateRangeDisplay(table=table, suggested_rate=_suggest(table, test))


def _check(model: Any, lowest: Any, highest: Any, n_updates: Any) -> None:
    name = parameters.optimizer_name(find(model, _CALLER).estimator)
    if name == "lbfgs":
        raise ValueError(
            f"{_CALLER}: the optimizer of the model is 'lbfgs', which has no learning rate; it"
            " searches for the length of each step. Use optimizer='adam' or another."
        )
    for end, rate in (("lowest", lowest), ("highest", highest)):
        if isinstance(rate, bool) or not isinstance(rate, Real) or not 0 < float(rate) < math.inf:
            raise ValueError(f"{end}={rate!r} must be a rate: a number above 0, such as 0.001.")
    if lowest >= highest:
        raise ValueError(
            f"lowest={lowest!r} is not below highest={highest!r}: the rate rises from one to the"
            " other. Leave them out for 1e-06 and 10."
        )
    whole = isinstance(n_updates, Integral) and not isinstance(n_updates, bool)
    if not whole or n_updates < _FEWEST_UPDATES:
        raise ValueError(
            f"n_updates={n_updates!r} must be a whole number of at least {_FEWEST_UPDATES}, for a"
            " curve that can be read. The default is 200."
        )


def _updates_alone(model: Any, n_updates: int) -> Any:
    """Return a clone whose fit does that many updates or more, and nothing that can be heard."""
    model = without_searches(model)
    for part in (model, *model.get_params().values()):
        if hasattr(part, "_skl_callbacks"):  # a clone has them, too
            part.set_callbacks()
    estimator = find(model, _CALLER).estimator
    estimator.set_params(**_UPDATES_ALONE, max_iter=n_updates)  # an epoch is one update or more
    return model


class _RangeTest:
    """Trains in place of `drive`, one update a rate.

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

    def drive(self, passes: Passes) -> NoReturn:
        with closing(passes):
            for rate, update in zip(self.rates.tolist(), _updates(passes), strict=False):
                loss = _train(update, rate)
                if not math.isfinite(loss):
                    break
                self.losses.append(loss)
                if np.mean(self.losses[-self.n_few :]) > _FAR_ABOVE * self.first_loss:
                    break
            else:
                self.is_cut_off = len(self.losses) < len(self.rates)
        raise _Finished

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


def _updates(passes: Passes) -> Iterator[Pass]:
    """Yield a pass for every batch of every epoch, until the weights are no numbers any more."""
    try:
        work = next(passes)
        while True:
            for index in work.batches:
                update = work._replace(batches=[index])
                if _counts(update):
                    yield update
            work = passes.send(len(work.batches))
    except StopIteration:
        return


def _counts(update: Pass) -> bool:
    """Whether any row of the batch has a weight; else there is neither a loss nor a step."""
    rows: Rows = update.rows
    if rows.weight is None or not rows.has_zero_weights:
        return True
    return bool(rows.weight[update.batches[0]].any())


def _train(update: Pass, rate: float) -> float:
    """Do an update at a rate; return the mean loss before it."""
    step = update.step
    step.total.zero_()
    step.net.set_rate(rate, keep_velocity=False)
    step.run(update)
    if update.stops():
        raise KeyboardInterrupt
    return float(step.total) / size_of(update.batches[0])


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


def _suggest(table: pd.DataFrame, test: _RangeTest) -> float:
    """Return the rate to take; warn where there is none, or the range hides it."""
    lowest, highest = float(test.rates[0]), float(test.rates[-1])
    if not _falls(table, test):
        _warn_of_no_fall(test, lowest, highest)
        return math.nan
    best = int(table["smoothed_loss"].to_numpy().argmin())
    suggested = float(_SHARE * test.rates[best])
    if best == len(test.rates) - 1:
        exceptions.warn(
            f"The loss still falls at highest={highest:g}, so the suggested rate may be too small."
            " Let highest be larger.",
            HintWarning,
        )
    elif suggested < lowest:
        exceptions.warn(
            f"The loss is smallest at {test.rates[best]:.2g}, near lowest={lowest:g}, so the"
            " suggested rate may be too large. Let lowest be smaller.",
            HintWarning,
        )
    return max(_rounded(suggested), lowest)


def _falls(table: pd.DataFrame, test: _RangeTest) -> bool:
    """Whether the loss falls, and by more than it does by chance from one batch to another."""
    if table.empty:
        return False
    smoothed = table["smoothed_loss"].to_numpy()
    best = int(smoothed.argmin())
    scatter = float(np.std((table["loss"] - smoothed)[: best + 1]))
    by_chance = _STANDARD_ERRORS * scatter / math.sqrt(test.n_few)
    fall = test.first_loss - smoothed[best]
    return bool(best >= test.n_few and fall > max(_LEAST_FALL * test.first_loss, by_chance))


def _warn_of_no_fall(test: _RangeTest, lowest: float, highest: float) -> None:
    seen, remedy = f"between {lowest:g} and {highest:g}", f"let lowest be smaller (now {lowest:g})"
    if test.is_cut_off:
        reached = test.rates[max(len(test.losses) - 1, 0)]
        seen = f"between {lowest:g} and {reached:.3g}, where it exploded"
    else:
        remedy += f" or highest larger (now {highest:g})"
    exceptions.warn(
        f"The loss did not fall {seen}, so no learning rate is suggested. Scale the input"
        f" (StandardScaler), or {remedy}. Where batches are small, their losses differ: let"
        f" n_updates be larger (now {len(test.rates)}).",
        HintWarning,
    )


def _rounded(rate: float) -> float:
    """Return the nearest of 1, 2 and 5 times the powers of ten."""
    power = math.floor(math.log10(rate))
    steps = [float(f"{digit}e{power}") for digit in (1, 2, 5, 10)]
    return min(steps, key=lambda step: abs(math.log(step / rate)))
