"""Learning-rate schedules, by name: a function of the initial rate and of how far training is."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Position:
    """How far training is, at the start of an epoch.

    Attributes
    ----------
    epoch : int
        Epochs done in this fit.
    max_epochs : int
    samples_seen : int
        Rows trained on since the first fit (``t_``).
    reductions : int
        How often the stopping rule struck and asked for a smaller rate instead.
    power : float
        ``power_t``.
    """

    epoch: int
    max_epochs: int
    samples_seen: int
    reductions: int
    power: float


def constant(rate: float, at: Position) -> float:
    return rate


def invscaling(rate: float, at: Position) -> float:
    return rate / (at.samples_seen + 1) ** at.power if at.samples_seen else rate


def adaptive(rate: float, at: Position) -> float:
    return rate / 5.0**at.reductions


def cosine(rate: float, at: Position) -> float:
    """Half a cosine from the initial rate towards 0 over ``max_iter`` epochs (SGDR, 2017)."""
    done = min(at.epoch / at.max_epochs, 1.0)
    return rate * 0.5 * (1 + math.cos(math.pi * done))


SCHEDULES: dict[str, Callable[[float, Position], float]] = {
    "adaptive": adaptive,
    "constant": constant,
    "cosine": cosine,
    "invscaling": invscaling,
}
# scikit-learn has these for its SGD alone; other optimizers ignore them.
SGD_ONLY = frozenset({"adaptive", "invscaling"})
# `adaptive` stops once the rate is this small, as in scikit-learn.
SMALLEST_ADAPTIVE_RATE = 1e-6
