"""What a fit prints: nothing, a progress bar, or one line an epoch.

Everything goes to ``sys.stdout`` as it is at the time of the call.
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

# Between two lines of ``verbose=1`` where no bar can be drawn.
SECONDS_A_LINE = 5.0
# What ``verbose=1`` shows first, where there is not room for everything.
_FIRST = ("loss", "val_loss", "val_accuracy", "val_r2")
# Letters of a bar, where there is room and at least.
_BAR, _SHORTEST_BAR = 20, 4


class Reporter:
    """Silent; also the interface of the others.

    Attributes
    ----------
    shows : bool
        Whether it does anything with an epoch's figures.
    """

    shows = False

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        """Take the loss, the metrics and their ``val_`` of one finished epoch; the first is 1."""

    def extend(self, total: int) -> None:
        """Take note that there are more than was said."""

    def message(self, text: str) -> None:
        """Take a remark, such as why training stops."""

    def close(self) -> None:
        """Training is over."""


class Lines(Reporter):
    """One line an epoch that begins as scikit-learn's, for ``verbose >= 2``."""

    shows = True

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        others = [f", {name} = {value:.6g}" for name, value in _numbers(figures) if name != "loss"]
        _print(f"Iteration {number}, loss = {figures['loss']:.8f}{''.join(others)}")

    def message(self, text: str) -> None:
        _print(text)


class Bar(Reporter):
    """A progress bar of rich on a terminal or in a notebook, for ``verbose=1``."""

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
            console=Console(),  # not rich's global one, where somebody else may have a bar
        )
        # as long as it gets, with a space behind each column
        self.beside = len(f"{what} {total}/{total} 0:00:00 ") + 1
        self.task = self.progress.add_task("", total=total)
        self.progress.start()

    def extend(self, total: int) -> None:
        self.progress.update(self.task, total=total)

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        room = self.progress.console.width - self.beside
        left = room - len(_summary(figures))
        self.bar.bar_width = min(self.bar.bar_width, max(_SHORTEST_BAR, left))  # never to and fro
        text = _summary(figures, room - self.bar.bar_width)
        self.progress.update(self.task, completed=number, description=text)

    def message(self, text: str) -> None:
        self.progress.console.print(text, markup=False, highlight=False)

    def close(self) -> None:
        self.progress.stop()


class SparseLines(Reporter):
    """A plain line every few seconds and one at the end: ``verbose=1`` for pipes and logs."""

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
    """Choose what to print.

    Parameters
    ----------
    verbose : int
        0 nothing, 1 a bar or now and then a line, 2 and more a line an epoch.
    max_epochs : int
    alone : bool
        Whether no progress bar of scikit-learn follows this fit.
    """
    if verbose == 0:
        return Reporter()
    if verbose >= 2:
        return Lines()
    # fits of a search, in several processes perhaps, share the screen
    drawn = alone and called_directly() and _can_draw()
    return Bar(max_epochs) if drawn else SparseLines(max_epochs)


def search_reporter(total: int) -> Reporter:
    """Return what shows how many fits of a search are done: a bar, or a line now and then."""
    return Bar(total, "fit") if _can_draw() else SparseLines(total, "fit")


def _can_draw() -> bool:
    """Whether a bar has the screen for itself, and rich is there to draw it.

    rich puts an object of its own in the place of standard output, which only one thread may do.
    """
    if current_thread() is not main_thread():
        return False
    try:
        from rich.console import Console
        from rich.file_proxy import FileProxy
    except ImportError:  # rich is the extra "progress"
        return False
    if isinstance(sys.stdout, FileProxy):  # another live display is drawn at this time
        return False
    console = Console()
    if console.is_jupyter:
        return _has_widgets()
    return _on_terminal() and not console.is_dumb_terminal


def _has_widgets() -> bool:
    """Whether rich can redraw in a notebook; else it would print every state of the bar."""
    try:
        import_module("ipywidgets")
    except ImportError:
        return False
    return True


def _print(text: str) -> None:
    """Print a line at once: logs are read while training runs.

    The file is handed over because `print` alone may use an object that a bar in the main thread
    has just taken away (Python 3.11: a crash).
    """
    print(text, file=sys.stdout, flush=True)


def _on_terminal() -> bool:
    """Whether standard output is one; what people put in its place may not know."""
    isatty = getattr(sys.stdout, "isatty", None)
    return bool(isatty and isatty())


def _line_width() -> float:
    """Return the letters of a line: the terminal's; in a pipe or a file there is no end to it."""
    return get_terminal_size().columns if _on_terminal() else inf


def _summary(figures: Mapping[str, float], room: float = inf) -> str:
    """Return the figures as a text, the weightiest first; what has no room gives way to dots."""
    numbers = dict(_numbers(figures))
    names = [name for name in dict.fromkeys([*_FIRST, *numbers]) if name in numbers]
    parts = [f"{name} {numbers[name]:.4g}" for name in names]
    text = "  ".join(parts)
    while len(text) > room and len(parts) > 1:
        parts.pop()
        text = "  ".join(parts) + " ..."
    return text


def _numbers(figures: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Leave out what callbacks note besides numbers, such as whether they wrote a file."""
    numbers = (int, float, np.number)
    return [
        (name, float(value))
        for name, value in figures.items()
        if isinstance(value, numbers) and not isinstance(value, bool)
    ]
