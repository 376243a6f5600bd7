"""Learning-rate schedules by name: functions of the initial rate and the training progress.

A function of the user can replace a name everywhere.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from sknn_tips._registry import check_options, lookup, name_of, shown
from sknn_tips.nn.ranges import NOT_NEGATIVE, POSITIVE, Range, checked, number


@dataclass(frozen=True)
class Position:
    """The training progress at which a learning rate is computed.

    Attributes
    ----------
    epoch, step : int
        Completed epochs and updates: of this fit if the schedule has an end, otherwise since the
        first fit.
    max_epochs, max_steps : int
        Number of epochs and updates of this fit.
    samples_seen : int
        Number of samples trained on since the first fit (``t_``).
    reductions : int
        How often the stopping rule ("adaptive") or the plateau detection reduced the rate.
    power : float
        ``power_t``.
    """

    epoch: int = 0
    step: int = 0
    max_epochs: int = 1
    max_steps: int = 1
    samples_seen: int = 0
    reductions: int = 0
    power: float = 0.5


@dataclass(frozen=True)
class Schedule:
    """One entry of the registry.

    Attributes
    ----------
    function : callable
        ``(initial rate, position, **options) -> rate``.
    per_step : bool
        Whether the rate changes at every update, not only between epochs.
    has_end : bool
        Whether the schedule spans ``max_iter`` epochs, once per fit.
    sgd_only : bool
        Whether it affects the SGD family only, like scikit-learn's own schedules.
    reduces_before_stopping : bool
        Whether the rate is reduced when the stopping rule would otherwise end training.
    """

    function: Callable[..., float]
    per_step: bool = False
    has_end: bool = False
    sgd_only: bool = False
    reduces_before_stopping: bool = False

    @cached_property
    def options(self) -> dict[str, Any]:
        """The options in ``schedule_params`` with their defaults (`Parameter.empty`: required)."""
        found = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in found if p.kind is p.KEYWORD_ONLY}

    @property
    def needed(self) -> list[str]:
        return [
            name for name, default in self.options.items() if default is inspect.Parameter.empty
        ]

    @property
    def has_patience(self) -> bool:
        """Whether it counts epochs without improvement itself and then reduces the rate."""
        return "patience" in self.options

    @property
    def needs_stopping_rule(self) -> bool:
        """Whether only the stopping rule reduces its rate."""
        return self.reduces_before_stopping and not self.has_patience


def constant(rate: float, at: Position) -> float:
    return rate


def invscaling(rate: float, at: Position) -> float:
    return rate / (at.samples_seen + 1) ** at.power if at.samples_seen else rate


def adaptive(rate: float, at: Position) -> float:
    return rate / 5.0**at.reductions


def step(rate: float, at: Position, *, step_size: int, gamma: float = 0.1) -> float:
    """Multiply by `gamma` after every `step_size` epochs (torch's StepLR)."""
    return rate * gamma ** (at.epoch // step_size)


def exponential(rate: float, at: Position, *, gamma: float) -> float:
    """Multiply by `gamma` after every epoch (torch's ExponentialLR)."""
    return rate * gamma**at.epoch


def inverse_time(rate: float, at: Position, *, decay: float) -> float:
    """Return ``rate / (1 + decay * updates)``, like `decay` of Keras's optimizers."""
    return rate / (1 + decay * at.step)


def cosine(rate: float, at: Position, *, min_rate: float = 0.0) -> float:
    """Decrease to `min_rate` over ``max_iter`` epochs along half a cosine (SGDR, 2017)."""
    return _cosine(rate, min_rate, at.epoch / at.max_epochs)


def one_cycle(
    rate: float,
    at: Position,
    *,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> float:
    """Rise to the initial rate, then fall to almost 0, by cosines (Smith & Topin 2018, torch's).

    The schedule starts at ``rate / div_factor``, peaks after the share `pct_start` of all updates,
    and ends at the starting rate divided by `final_div_factor`. Momentum does not change.
    """
    peak = pct_start * at.max_steps - 1
    last = at.max_steps - 1
    start = rate / div_factor
    if at.step < peak:
        return _cosine(start, rate, at.step / peak)
    return _cosine(rate, start / final_div_factor, (at.step - peak) / max(last - peak, 1))


def warmup_cosine(
    rate: float, at: Position, *, warmup: float = 0.1, min_rate: float = 0.0
) -> float:
    """Rise linearly over the share `warmup` of all updates, then fall to `min_rate` by a cosine."""
    rising = round(warmup * at.max_steps)
    if at.step < rising:
        return rate * (at.step + 1) / rising
    return _cosine(rate, min_rate, (at.step - rising) / max(at.max_steps - rising, 1))


def plateau(
    rate: float,
    at: Position,
    *,
    factor: float = 0.1,
    patience: int = 10,
    threshold: float = 1e-4,
    min_rate: float = 0.0,
) -> float:
    """Multiply by `factor` if the monitored value did not improve for `patience` epochs.

    `stopping.Plateau` counts the epochs (like torch's and Keras's ReduceLROnPlateau). The rate is
    also reduced when the stopping rule would otherwise end training.
    """
    return max(rate * factor**at.reductions, min(min_rate, rate))


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


# scikit-learn's own schedules first, the order in the docstrings.
SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule(constant),
    "invscaling": Schedule(invscaling, sgd_only=True),
    "adaptive": Schedule(adaptive, sgd_only=True, reduces_before_stopping=True),
    "step": Schedule(step),
    "exponential": Schedule(exponential),
    "inverse_time": Schedule(inverse_time, per_step=True),
    "cosine": Schedule(cosine, has_end=True),
    "one_cycle": Schedule(one_cycle, per_step=True, has_end=True),
    "warmup_cosine": Schedule(warmup_cosine, per_step=True, has_end=True),
    "plateau": Schedule(plateau, reduces_before_stopping=True),
}
# Training stops when `adaptive` or `plateau` has reduced the rate to this value; for `adaptive` as
# in scikit-learn.
SMALLEST_ADAPTIVE_RATE = 1e-6

_RATIO = number("a finite number >= 1", lambda value: value >= 1)
_SHARE = number("between 0 and 1", lambda value: 0 < value < 1)
# By option name; an option has the same range in all schedules.
RANGES: dict[str, Range] = {
    "decay": POSITIVE,
    "div_factor": _RATIO,
    "factor": _SHARE,
    "final_div_factor": _RATIO,
    "gamma": number("above 0 and at most 1", lambda value: 0 < value <= 1),
    "min_rate": NOT_NEGATIVE,
    "patience": number(
        "a whole number of epochs, 0 or more", lambda value: value >= 0 and value == int(value)
    ),
    "pct_start": _SHARE,
    "step_size": number(
        "a whole number of epochs, 1 or more", lambda value: value >= 1 and value == int(value)
    ),
    "threshold": NOT_NEGATIVE,
    "warmup": number("at least 0 and below 1", lambda value: 0 <= value < 1),
}
# Values that the error message suggests for required options.
_EXAMPLES = {"decay": 1e-4, "gamma": 0.95, "step_size": 10}


def canonical(given: Any) -> Any:
    """Return a name or function of the user unchanged, or raise an error if it is neither."""
    if callable(given):
        for progress in (0.0, 0.5, 1.0):
            _factor(given, progress)
    else:
        lookup(SCHEDULES, given, "learning_rate")
    return given


def schedule_of(given: Any) -> Schedule:
    """Return the entry of a schedule, given its name or a function of the user."""
    if not callable(given):
        return SCHEDULES[given]
    return Schedule(partial(_own, given), per_step=True, has_end=True)


def _own(function: Callable[[float], float], rate: float, at: Position) -> float:
    return rate * _factor(function, at.step / at.max_steps)


def _factor(function: Callable[[float], float], progress: float) -> float:
    """Return the factor computed by a function of the user; raise an error if it is invalid."""
    try:
        factor = float(function(progress))
        if not (math.isfinite(factor) and factor >= 0):
            raise ValueError(f"it returns {factor}")
    except Exception as error:
        raise ValueError(
            f"learning_rate={name_of(function)} at progress {progress:.3g}: {error}. Give a"
            " function factor(progress) that takes a number from 0 to 1 and returns what"
            " learning_rate_init is multiplied by, 0 or more; or a name, such as 'cosine'."
        ) from error
    return factor


def check_schedule_params(name: Any, params: Mapping[str, Any]) -> None:
    """Raise an error for an unknown, missing or invalid option of the schedule."""
    schedule, owner = schedule_of(name), f"learning_rate={shown(name)}"
    check_options(params, schedule.options, "schedule_params", owner, own=callable(name))
    missing = [option for option in schedule.needed if option not in params]
    if missing:
        wanted = ", ".join(f"{option!r}: {_EXAMPLES[option]}" for option in missing)
        raise ValueError(f"{owner} needs schedule_params={{{wanted}}} (values of your choice).")
    checked(params, RANGES, "schedule_params")
