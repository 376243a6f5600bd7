"""The output of a fit: nothing, a progress bar, or one line per epoch.

It is printed to ``sys.stdout``, read at the time of the call.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from math import inf
from shutil import get_terminal_size
from threading import current_thread, main_thread
from time import monotonic
from typing import Any

import numpy as np

from sknn_tips.runtime.interrupts import called_directly

# Time between two lines of ``verbose=1`` if no bar can be drawn.
SECONDS_A_LINE = 5.0
# Columns that ``verbose=1`` shows first, if there is no space for all.
_FIRST = ("loss", "val_loss", "val_accuracy", "val_r2")
# Width of a bar in characters: normally, and at least.
_BAR, _SHORTEST_BAR = 20, 4


class Reporter:
    """Print nothing; the base class of the other reporters.

    Attributes
    ----------
    shows : bool
        Whether it shows the loss and metrics of an epoch.
    """

    shows = False

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        """Show loss and metrics (training and validation) of a finished epoch, counted from 1."""

    def extend(self, total: int) -> None:
        """Set a larger total number of epochs."""

    def message(self, text: str) -> None:
        """Show a message, such as why training stops."""

    def close(self) -> None:
        """Finish the output at the end of training."""


class Lines(Reporter):
    """Print one line per epoch, which begins like scikit-learn's, for ``verbose >= 2``."""

    shows = True

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        others = [
            f", {name} = {value:.6g}" for name, value in numbers_of(figures) if name != "loss"
        ]
        _print(f"Iteration {number}, loss = {figures['loss']:.8f}{''.join(others)}")

    def message(self, text: str) -> None:
        _print(text)


class Bar(Reporter):
    """Show a progress bar of rich on a terminal or in a notebook, for ``verbose=1``."""

    shows = True

    def __init__(self, total: int, what: str = "epoch") -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        self.bar: Any = BarColumn(bar_width=_BAR)
        one_line = Column(ratio=1, no_wrap=True)
        self.progress: Any = Progress(
            TextColumn(what + " {task.completed}/{task.total}"),
            self.bar,
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False, table_column=one_line),
            console=Console(),  # not rich's global one, which may show another bar
        )
        # the largest width of the other columns, with a space after each
        self.beside = len(f"{what} {total}/{total} 0:00:00 ") + 1
        self.task = self.progress.add_task("", total=total)
        self.progress.start()

    def extend(self, total: int) -> None:
        self.progress.update(self.task, total=total)

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        room = self.progress.console.width - self.beside
        left = room - len(_summary(figures))
        self.bar.bar_width = min(self.bar.bar_width, max(_SHORTEST_BAR, left))  # only shrinks
        text = _summary(figures, room - self.bar.bar_width)
        self.progress.update(self.task, completed=number, description=text)

    def message(self, text: str) -> None:
        self.progress.console.print(text, markup=False, highlight=False)

    def close(self) -> None:
        self.progress.stop()


class SparseLines(Reporter):
    """Print a line every few seconds and one at the end: ``verbose=1`` for pipes and logs."""

    shows = True

    def __init__(self, total: int, what: str = "epoch") -> None:
        self.total, self.what = total, what
        self.start = self.last = monotonic()
        self.waiting = ""

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        now = monotonic()
        seconds = f"{now - self.start:.1f} s"
        begin = f"{self.what} {number}/{self.total}  {seconds}  "
        self.waiting = begin + _summary(figures, _line_width() - len(begin))
        if now - self.last >= SECONDS_A_LINE:
            self.last = now
            self._print_waiting()

    def extend(self, total: int) -> None:
        self.total = total

    def message(self, text: str) -> None:
        self._print_waiting()
        _print(text)

    def close(self) -> None:
        self._print_waiting()

    def _print_waiting(self) -> None:
        if self.waiting:
            _print(self.waiting)
        self.waiting = ""


def reporter(verbose: int, max_epochs: int, *, alone: bool = True) -> Reporter:
    """Return the reporter of a fit.

    Parameters
    ----------
    verbose : int
        0 prints nothing, 1 a bar or a line from time to time, 2 and more a line per epoch.
    max_epochs : int
    alone : bool
        Whether no progress bar of scikit-learn shows this fit.
    """
    if verbose == 0:
        return Reporter()
    if verbose >= 2:
        return Lines()
    # the fits of a search share the screen, and may run in several processes
    drawn = alone and called_directly() and _can_draw()
    return Bar(max_epochs) if drawn else SparseLines(max_epochs)


def search_reporter(total: int) -> Reporter:
    """Return a reporter of the number of finished fits of a search: a bar, or some lines."""
    return Bar(total, "fit") if _can_draw() else SparseLines(total, "fit")


def _can_draw() -> bool:
    """Return whether rich is installed and can draw a bar that does not disturb another one.

    rich replaces ``sys.stdout`` while it draws, which only one thread may do.
    """
    if current_thread() is not main_thread():
        return False
    try:
        from rich.console import Console
        from rich.file_proxy import FileProxy
    except ImportError:  # rich is the extra "progress"
        return False
    if isinstance(sys.stdout, FileProxy):  # rich draws another live display now
        return False
    console = Console()
    if console.is_jupyter:
        return _has_widgets()
    return _on_terminal() and not console.is_dumb_terminal


def _has_widgets() -> bool:
    """Return whether rich can redraw a bar in a notebook; otherwise it prints every state."""
    try:
        import_module("ipywidgets")
    except ImportError:
        return False
    return True


def _print(text: str) -> None:
    """Print a line and flush it, since logs are read while training runs.

    `file` is passed because `print` without it may use an object that a bar in the main thread has
    just removed (a crash in Python 3.11).
    """
    print(text, file=sys.stdout, flush=True)


def _on_terminal() -> bool:
    """Return whether standard output is a terminal; a replacement of it may have no `isatty`."""
    isatty = getattr(sys.stdout, "isatty", None)
    return bool(isatty and isatty())


def _line_width() -> float:
    """Return the number of characters of a line; it is infinite in a pipe or a file."""
    return get_terminal_size().columns if _on_terminal() else inf


def _summary(figures: Mapping[str, float], room: float = inf) -> str:
    """Return the values as text, the most important first; dots stand for those without space."""
    numbers = dict(numbers_of(figures))
    names = [name for name in dict.fromkeys([*_FIRST, *numbers]) if name in numbers]
    parts = [f"{name} {numbers[name]:.4g}" for name in names]
    text = "  ".join(parts)
    while len(text) > room and len(parts) > 1:
        parts.pop()
        text = "  ".join(parts) + " ..."
    return text


def numbers_of(figures: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the values that are numbers; callbacks may record others, such as booleans."""
    numbers = (int, float, np.number)
    return [
        (name, float(value))
        for name, value in figures.items()
        if isinstance(value, numbers) and not isinstance(value, bool)
    ]
