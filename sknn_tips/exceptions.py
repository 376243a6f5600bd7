"""Errors and warnings of sknn_tips; every message names the value and what to change."""

import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any

from sklearn.exceptions import ConvergenceWarning

__all__ = [
    "DataError",
    "DivergedWarning",
    "HintWarning",
    "InterruptedWarning",
    "ModelFileError",
    "NonFiniteWeightsError",
    "TipError",
    "TipWarning",
    "UnknownOptionError",
]


class UnknownOptionError(ValueError):
    """A parameter got a name that is not on its list."""


class DataError(ValueError):
    """X, y, the weights or the validation set cannot be trained on as they are."""


class ModelFileError(ValueError):
    """A file is none that was saved here, or is truncated, changed, or of a newer version."""


class NonFiniteWeightsError(ValueError):
    """Training diverged before it was any good; the estimator is as it was before.

    Attributes
    ----------
    tips : list of Tip
        What the checks of the fit found.
    record : FitRecord or None
        What they looked at.
    loss_curve : list of float
        The losses of the fit, as in ``loss_curve_``.
    """

    def __init__(self, message: str, tips: Sequence[Any] = (), record: Any = None) -> None:
        super().__init__(message)
        self.tips, self.record = list(tips), record

    @property
    def loss_curve(self) -> list[float]:
        return [] if self.record is None else list(self.record.losses)


class TipError(ValueError):
    """A fit under ``tips="raise"`` went wrong; the estimator is fitted nevertheless.

    Attributes
    ----------
    tips : list of Tip
        The severe ones.
    """

    def __init__(self, message: str, tips: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.tips = list(tips)


class HintWarning(UserWarning):
    """A choice was made, or a parameter had no effect, in a way worth knowing."""


class TipWarning(UserWarning):
    """Something went wrong in a fit; the text begins with the code of the tip.

    To mute one: ``warnings.filterwarnings("ignore", "unscaled-input")``.
    """


class DivergedWarning(ConvergenceWarning, TipWarning):
    """The loss became NaN or infinite, and training stopped."""


class InterruptedWarning(UserWarning):
    """Training was stopped by Ctrl-C; the model trained so far was kept."""


Line = tuple[CodeType, int]
"""A function, and an instruction in it."""

# Callers between a user's line and ours, which the user does not want to be shown.
_BETWEEN = ("sknn_tips.", "sklearn.", "contextlib", "joblib.")


Shown = dict[tuple[type[Warning], str], object]
"""Warnings that were given already, each with a mark of whoever gave it."""

_SHOWN: ContextVar[Shown | None] = ContextVar("SHOWN", default=None)


def shown_so_far() -> Shown:
    """Return what `each_once` takes: that of the `each_once` around us, or a new one."""
    shown = _SHOWN.get()
    return {} if shown is None else shown


@contextmanager
def each_once(shown: Shown) -> Iterator[None]:
    """Give every warning of ours once, among all threads that have the same `shown`."""
    token = _SHOWN.set(shown)
    try:
        yield
    finally:
        _SHOWN.reset(token)


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line of the user that called us, through Pipelines and searches."""
    mine = object()
    if shown_so_far().setdefault((category, message), mine) is not mine:
        return
    _, level = _user()
    warnings.warn(message, category, stacklevel=level)


def line_of_user() -> Line | None:
    """Return where in the user's code we were called; None in a thread, which cannot know."""
    if threading.current_thread() is not threading.main_thread():
        return None
    frame, _ = _user()
    return None if frame is None else (frame.f_code, frame.f_lasti)


def _user() -> tuple[FrameType | None, int]:
    """Return the frame of the user that called us, and how many levels it is above our caller."""
    level = 0
    frame: FrameType | None = sys._getframe(0)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_BETWEEN):
        frame, level = frame.f_back, level + 1
    return frame, level
