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
    """The name passed for a parameter is not one of its options.

    Examples
    --------
    >>> from sknn_tips import MLPClassifier
    >>> MLPClassifier(activation="rellu").fit([[0.0], [1.0]], ["a", "b"])
    Traceback (most recent call last):
    ...
    sknn_tips.exceptions.UnknownOptionError: activation='rellu' is not known. Did you mean...
    """


class DataError(ValueError):
    """X, y, the weights or the validation set cannot be used for training.

    Examples
    --------
    >>> from sknn_tips import MLPClassifier
    >>> MLPClassifier().fit([[0.0], [1.0]], ["a", "b"], sample_weight=[0, 0])
    Traceback (most recent call last):
    ...
    sknn_tips.exceptions.DataError: sample_weight is zero for all 2 samples...
    """


class ModelFileError(ValueError):
    """The file was not saved by sknn_tips, or is truncated, modified, or of a newer version.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sknn_tips import load_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "notes.txt"
    ...     _ = path.write_text("some text")
    ...     load_model(path)
    Traceback (most recent call last):
    ...
    sknn_tips.exceptions.ModelFileError: ... is not a file of sknn_tips, or is truncated...
    """


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

    Examples
    --------
    >>> from sknn_tips import MLPRegressor
    >>> from sknn_tips.exceptions import NonFiniteWeightsError
    >>> net = MLPRegressor(optimizer="sgd", learning_rate_init=1e30, random_state=0)
    >>> try:
    ...     net.fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    ... except NonFiniteWeightsError as error:
    ...     print(error.tips[0].code, error.tips[0].remedy)
    diverged {'learning_rate_init': 0.01}
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

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.exceptions import TipError
    >>> X, y = load_wine(return_X_y=True)
    >>> try:
    ...     MLPClassifier(tips="raise", tol=None, max_iter=20, random_state=0).fit(X, y)
    ... except TipError as error:
    ...     print([tip.code for tip in error.tips])
    ['unscaled-input']
    """

    def __init__(self, message: str, tips: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.tips = list(tips)


class HintWarning(UserWarning):
    """The estimator made a choice, or ignored a parameter, that the user should know about.

    Examples
    --------
    >>> import warnings
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.exceptions import HintWarning
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always", HintWarning)
    ...     net = MLPClassifier(activation="step", max_iter=1, tol=None).fit([[0.0], [1.0]], [0, 1])
    >>> print(caught[0].message)
    activation='step' has the derivative 0 everywhere, so no gradient reaches the layers...
    """


class TipWarning(UserWarning):
    """A problem was found in a fit; the message begins with the code of the tip.

    To silence one tip: ``warnings.filterwarnings("ignore", "unscaled-input")``.

    Examples
    --------
    >>> import warnings
    >>> from sklearn.datasets import load_wine
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.exceptions import TipWarning
    >>> X, y = load_wine(return_X_y=True)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always", TipWarning)
    ...     net = MLPClassifier(tol=None, max_iter=20, random_state=0).fit(X, y)
    >>> print(caught[0].message)
    unscaled-input: 4 of 13 features are large...
    """


class DivergedWarning(ConvergenceWarning, TipWarning):
    """The loss became NaN or infinite, and training stopped.

    Examples
    --------
    Of a fit that diverges after the model has improved, the best weights are kept:

    >>> import warnings
    >>> from sklearn.datasets import make_friedman1
    >>> from sknn_tips import MLPRegressor
    >>> from sknn_tips.exceptions import DivergedWarning
    >>> def growing(progress):
    ...     return 1.0 if progress < 0.5 else 1e30
    >>> net = MLPRegressor(normalize_y=True, optimizer="sgd", learning_rate=growing, max_iter=20,
    ...                    tol=None, random_state=0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always", DivergedWarning)
    ...     net = net.fit(*make_friedman1(300, random_state=0))
    >>> print(caught[0].message)
    diverged: The loss, a weight or a prediction became NaN or infinite in update 22 (epoch 11)...
    >>> net.stop_reason_
    'diverged'
    """


class InterruptedWarning(UserWarning):
    """Training was stopped by Ctrl-C; the model trained so far was kept.

    Examples
    --------
    The callback sends the signal of Ctrl-C after the first epoch:

    >>> import signal, warnings
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.callbacks import LambdaCallback
    >>> from sknn_tips.exceptions import InterruptedWarning
    >>> def interrupt(net, **kwargs):
    ...     signal.raise_signal(signal.SIGINT)
    >>> net = MLPClassifier(callbacks=[LambdaCallback(on_epoch_end=interrupt)])
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always", InterruptedWarning)
    ...     net = net.fit([[0.0], [1.0]], [0, 1])
    >>> [warning.category.__name__ for warning in caught], net.stop_reason_
    (['InterruptedWarning'], 'interrupted')
    """


def reason_of(error: Exception) -> str:
    """Return what an error in damaged data says, as the end of a sentence."""
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error) or repr(error)


@contextmanager
def restoring(name: str) -> Iterator[None]:
    """Convert all errors in the context to one that says that a stored object is damaged."""
    try:
        yield
    except Exception as error:  # a changed state may cause errors of any type
        raise ModelFileError(
            f"The stored {name} is damaged, was changed, or is of another version of sknn_tips:"
            f" {reason_of(error)}. Copy the file again from where it came, or save the model again."
        ) from error


Line = tuple[CodeType, int]
"""A function's code, and the offset of an instruction in it."""

# Modules between the user's line and this package, which a warning should not point to.
_BETWEEN = ("sknn_tips.", "sklearn.", "contextlib", "joblib.")
# The module with the decorator of constructors and `fit`.
_DECORATOR = "sknn_tips._argument_names"
# Modules that call what runs in another process or thread, where there is no line of the user.
_WORKERS = ("multiprocessing.", "concurrent.", "threading")


Shown = dict[tuple[type[Warning], str], object]
"""Warnings that have been issued, each with an object that identifies the call of `warn`."""

_SHOWN: ContextVar[Shown | None] = ContextVar("SHOWN", default=None)

Place = tuple[str, int, str, dict[Any, Any]]
"""A line as `warnings.warn_explicit` takes it: file, number, module and its registry."""

CALLER: ContextVar[Place | None] = ContextVar("CALLER", default=None)
"""In a thread of a search, the user's line that called the search."""


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
    frame, level = _user()
    caller = CALLER.get()
    if frame is None and caller is not None:
        warnings.warn_explicit(message, category, *caller)
    else:
        warnings.warn(message, category, stacklevel=level)


def place_of_user() -> Place | None:
    """Return the user's line that called this package, or None in another process."""
    frame, _ = _user()
    if frame is None:
        return CALLER.get()
    names = frame.f_globals
    registry = names.setdefault("__warningregistry__", {})
    return frame.f_code.co_filename, frame.f_lineno, names.get("__name__", "<unknown>"), registry


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
        own = level if module.startswith("sknn_tips.") and module != _DECORATOR else own
        frame, level = frame.f_back, level + 1
    return frame, level
