"""The learning-rate range test: a short training whose rate rises from update to update."""

import math
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from sknn_tips import exceptions
from sknn_tips._compat.sklearn import has_callbacks
from sknn_tips.estimators import plans
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.finding import find, without_searches
from sknn_tips.exceptions import HintWarning
from sknn_tips.inspection.rising_rate import Finished, RisingRate
from sknn_tips.plotting.rate_range import LearningRateRangeDisplay
from sknn_tips.step.step import RUN_PASS

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

# Measured with the default of updates (`benchmarks/rate_range.py`). The suggestion, as a share of
# the rate at which the smoothed loss is smallest: to the best rate of a grid it loses .0235 of
# accuracy or R2 on average, a tenth .0257, half .0242, and the optimizers' usual rates .0286.
_SHARE = 0.3
# Of the optimizer's usual rate, the most that is suggested: one of 198 suggestions was higher, and
# of a handful of rows that the test learns by heart on its way, Adam's would be .5 or 1.
_MOST = 50.0
# There, a loss that fell did so by .27 of the first ones or more.
_LEAST_FALL = 0.05
# And by so many standard errors of the first ones; chance alone often makes it 3.
_STANDARD_ERRORS = 5


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
        When its optimizer is lbfgs, which has no rate, when a step in front holds another
        network, or when the range is none.

    Warns
    -----
    HintWarning
        When the loss never fell, so that the suggestion is NaN, or is lowest at an end of the
        range.

    Notes
    -----
    The test is that of Smith (2017), "Cyclical learning rates for training neural networks",
    section 3.3. The suggestion is 0.3 of the rate at which the smoothed loss is smallest, at most
    50 times the optimizer's usual rate, rounded to 1, 2 or 5 times a power of ten.

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
    usual = plans.optimizer_of(find(model, _CALLER).estimator).usual_rate or math.inf
    test = RisingRate(np.geomspace(lowest, highest, n_updates))
    token = RUN_PASS.set(test)
    try:
        _updates_alone(model, n_updates).fit(X, y, **fit_params)
    except Finished:
        pass
    finally:
        RUN_PASS.reset(token)
    table = test.table
    return LearningRateRangeDisplay(table=table, suggested_rate=_suggest(table, test, usual))


def _check(model: Any, lowest: Any, highest: Any, n_updates: Any) -> None:
    estimator = find(model, _CALLER).estimator
    if plans.optimizer_of(estimator).line_search:
        raise ValueError(
            f"{_CALLER}: the optimizer of the model is {plans.optimizer_name(estimator)!r},"
            " which has no learning rate; it searches for the length of each step. Use"
            " optimizer='adam' or another."
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
    estimator = find(model, _CALLER).estimator
    for part in (model, *model.get_params().values()):
        if has_callbacks(part):  # a clone has them, too
            part.set_callbacks()
        if isinstance(part, BaseMLP) and part is not estimator:  # it would be the one that trains
            raise ValueError(
                f"{_CALLER}: the model holds another network, a {type(part).__name__}, in a step"
                " before. Transform X by the steps, and pass the last one alone."
            )
    estimator.set_params(**_UPDATES_ALONE, max_iter=n_updates)  # an epoch is one update or more
    return model


def _suggest(table: pd.DataFrame, test: RisingRate, usual: float) -> float:
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
    return max(_rounded(min(suggested, _MOST * usual)), lowest)


def _falls(table: pd.DataFrame, test: RisingRate) -> bool:
    """Whether the loss falls, and by more than it does by chance from one batch to another."""
    if table.empty:
        return False
    smoothed = table["smoothed_loss"].to_numpy()
    best = int(smoothed.argmin())
    scatter = float(np.std((table["loss"] - smoothed)[: best + 1]))
    by_chance = _STANDARD_ERRORS * scatter / math.sqrt(test.n_few)
    fall = test.first_loss - smoothed[best]
    return bool(best >= test.n_few and fall > max(_LEAST_FALL * test.first_loss, by_chance))


def _warn_of_no_fall(test: RisingRate, lowest: float, highest: float) -> None:
    if not test.losses:
        exceptions.warn(
            "The loss is infinite or NaN before the first update, so no learning rate is suggested."
            " Scale the input (StandardScaler) and the target (normalize_y=True).",
            HintWarning,
        )
        return
    seen, remedy = f"between {lowest:g} and {highest:g}", f"let lowest be smaller (now {lowest:g})"
    if test.is_cut_off:
        reached = test.rates[len(test.losses) - 1]
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
