"""Errors and warnings of sknn_tips; each message states the value and what to change."""

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
    """The name passed for a parameter is not one of its options."""


class DataError(ValueError):
    """X, y, the weights or the validation set cannot be used for training."""


class ModelFileError(ValueError):
    """The file was not saved by sknn_tips, or is truncated, modified, or of a newer version."""


class NonFiniteWeightsError(ValueError):
    """Training diverged before the model improved; the estimator keeps its previous state.

    Attributes
    ----------
    tips : list of Tip
        The tips that the checks of the fit found.
    record : FitRecord or None
        The record of the fit that the checks examined.
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
    """A fit with ``tips="raise"`` had a severe problem; the estimator is fitted nevertheless.

    Attributes
    ----------
    tips : list of Tip
        The severe tips.
    """

    def __init__(self, message: str, tips: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.tips = list(tips)


class HintWarning(UserWarning):
    """The estimator made a choice, or ignored a parameter, that the user should know about."""


class TipWarning(UserWarning):
    """A problem was found in a fit; the message begins with the code of the tip.

    To silence one tip: ``warnings.filterwarnings("ignore", "unscaled-input")``.
    """


class DivergedWarning(ConvergenceWarning, TipWarning):
    """The loss became NaN or infinite, and training stopped."""


class InterruptedWarning(UserWarning):
    """Training was stopped by Ctrl-C; the model trained so far was kept."""


@contextmanager
def restoring(name: str) -> Iterator[None]:
    """Convert all errors in the context to one that says that a stored object is damaged."""
    try:
        yield
    except Exception as error:  # a changed state may cause errors of any type
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or repr(error)
        raise ModelFileError(
            f"The stored {name} is damaged, was changed, or is of another version of sknn_tips:"
            f" {reason}. Copy the file again from where it came, or save the model again."
        ) from error


Line = tuple[CodeType, int]
"""A function's code, and the offset of an instruction in it."""

# Modules between the user's line and this package, which a warning should not point to.
_BETWEEN = ("sknn_tips.", "sklearn.", "contextlib", "joblib.")
# Modules that call what runs in another process or thread, where there is no line of the user.
_WORKERS = ("multiprocessing.", "concurrent.", "threading")


Shown = dict[tuple[type[Warning], str], object]
"""Warnings that have been issued, each with an object that identifies the call of `warn`."""

_SHOWN: ContextVar[Shown | None] = ContextVar("SHOWN", default=None)


def shown_so_far() -> Shown:
    """Return the `shown` of the enclosing `each_once`, or a new dict."""
    shown = _SHOWN.get()
    return {} if shown is None else shown


@contextmanager
def each_once(shown: Shown) -> Iterator[None]:
    """Issue each warning of this package only once among all threads with the same `shown`."""
    token = _SHOWN.set(shown)
    try:
        yield
    finally:
        _SHOWN.reset(token)


def warn(message: str, category: type[Warning]) -> None:
    """Issue a warning that points to the user's line, also through Pipelines and searches."""
    mine = object()
    if shown_so_far().setdefault((category, message), mine) is not mine:
        return
    _, level = _user()
    warnings.warn(message, category, stacklevel=level)


def line_of_user() -> Line | None:
    """Return the user's line that called this package, or None if not in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return None
    frame, _ = _user()
    return None if frame is None else (frame.f_code, frame.f_lasti)


def _user() -> tuple[FrameType | None, int]:
    """Return the user's frame, and its stack level as seen from the caller of this function.

    In another process or thread, return None, and the level of the first call of this package.
    """
    level = own = 0
    frame: FrameType | None = sys._getframe(0)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(_WORKERS):
            return None, own
        if not module.startswith(_BETWEEN):
            break
        own = level if module.startswith("sknn_tips.") else own
        frame, level = frame.f_back, level + 1
    return frame, level
