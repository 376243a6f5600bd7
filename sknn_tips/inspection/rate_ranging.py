"""The learning-rate range test: a short training with an increasing learning rate."""

import math
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from sknn_tips import exceptions
from sknn_tips._compat.sklearn import has_callbacks
from sknn_tips.estimators import plans
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.unwrapping import find, without_searches
from sknn_tips.exceptions import HintWarning
from sknn_tips.inspection.rising_rate import Finished, RisingRate
from sknn_tips.plotting.rate_range import LearningRateRangeDisplay
from sknn_tips.step.step import RUN_PASS

_CALLER = "learning_rate_range"
# These parameters switch off all parts of a fit that are not updates.
_UPDATES_ALONE: dict[str, Any] = {
    "learning_rate": "constant",
    "schedule_params": None,
    "power_t": 0.5,
    "tol": None,
    "n_iter_no_change": 10,
    "early_stopping": False,
    "validation_fraction": 0.1,
    "monitor": None,
    "restore_best": None,
    "metrics": (),
    "callbacks": (),
    "verbose": 0,
}
_FEWEST_UPDATES = 10

# All numbers were measured with the default number of updates (`benchmarks/rate_range.py`). The
# suggestion is this share of the learning rate with the smallest smoothed loss. On average its
# accuracy or R2 is .0235 below that of the best rate of a grid; with a share of a tenth it is .0257
# below, with half .0242, and with the usual rates of the optimizers .0286.
_SHARE = 0.3
# The largest suggestion, as a multiple of the optimizer's usual rate. One of 198 suggestions was
# higher. With very few samples, which the test memorises, the suggestion for Adam would be .5 or 1.
_MOST = 50.0
# The smallest decrease of the loss, as a share of the mean of the first losses. Whenever the loss
# fell in the measurements, it fell by .27 or more.
_LEAST_FALL = 0.05
# The smallest decrease in standard errors of the first losses. A decrease of 3 often occurs by
# chance.
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
    """Suggest a learning rate, by a short training in which it increases with every update.

    A clone of the model is trained on one batch after another, and the learning rate is multiplied
    by the same factor after each update. At small rates the loss hardly changes, at good ones it
    falls, and at large ones it rises again. The suggestion is below the rate with the smallest
    loss. Early stopping, schedules, metrics and callbacks of the model are not used.

    Parameters
    ----------
    model : estimator
        An MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or search that
        contains one. Of a fitted search, the best estimator is used. The model is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training data, as for `model.fit`.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Target values, as for `model.fit`.
    lowest : float, default=1e-6
        The learning rate of the first update.
    highest : float, default=10.0
        The learning rate of the last update. The test ends earlier if the loss explodes.
    n_updates : int, default=200
        Number of updates from the lowest to the highest rate, at least 10. With small batches the
        loss is noisy; more updates make its curve smoother.
    **fit_params : dict
        Further parameters of `model.fit`, such as ``sample_weight``.

    Returns
    -------
    LearningRateRangeDisplay
        Has ``suggested_rate``, ``table`` with one row per update, and ``plot()``.

    Raises
    ------
    TypeError
        If the model contains no MLPClassifier or MLPRegressor.
    ValueError
        If the optimizer is lbfgs, which has no learning rate, if an earlier step of a Pipeline
        contains another network, or if the range is invalid.

    Warns
    -----
    HintWarning
        If the loss did not fall, in which case the suggestion is NaN, or if the smallest loss is
        at an end of the range.

    Notes
    -----
    The test was proposed by Smith (2017), "Cyclical learning rates for training neural networks",
    section 3.3. The suggestion is 0.3 times the rate at which the smoothed loss is smallest, at
    most 50 times the usual rate of the optimizer, rounded to 1, 2 or 5 times a power of ten.

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
    """Return a clone whose fit does at least `n_updates` updates, without callbacks or output."""
    model = without_searches(model)
    estimator = find(model, _CALLER).estimator
    for part in (model, *model.get_params().values()):
        if has_callbacks(part):  # clones keep the callbacks of scikit-learn
            part.set_callbacks()
        if isinstance(part, BaseMLP) and part is not estimator:  # the test would train this one
            raise ValueError(
                f"{_CALLER}: the model holds another network, a {type(part).__name__}, in a step"
                " before. Transform X by the steps, and pass the last one alone."
            )
    estimator.set_params(**_UPDATES_ALONE, max_iter=n_updates)  # an epoch has at least one update
    return model


def _suggest(table: pd.DataFrame, test: RisingRate, usual: float) -> float:
    """Return the suggested rate; warn if there is none, or if it may be outside the range."""
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
    """Return whether the loss falls by more than it varies from one batch to another by chance."""
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
    """Return the nearest number that is 1, 2 or 5 times a power of ten."""
    power = math.floor(math.log10(rate))
    steps = [float(f"{digit}e{power}") for digit in (1, 2, 5, 10)]
    return min(steps, key=lambda step: abs(math.log(step / rate)))
