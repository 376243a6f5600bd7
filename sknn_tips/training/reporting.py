"""What a fit prints: nothing, a progress bar, or one line an epoch."""

import sys
from typing import Any


class Reporter:
    """Silent; also the interface of the others."""

    def epoch(self, number: int, loss: float, score: float | None) -> None:
        """Take the figures of one finished epoch."""

    def message(self, text: str) -> None:
        """Take a remark, such as why training stops."""

    def close(self) -> None:
        """Training is over."""


class Lines(Reporter):
    """scikit-learn's lines, for ``verbose >= 2``."""

    def epoch(self, number: int, loss: float, score: float | None) -> None:
        print(f"Iteration {number}, loss = {loss:.8f}")
        if score is not None:
            print(f"Validation score: {score:f}")

    def message(self, text: str) -> None:
        print(text)


class Bar(Reporter):
    """A progress bar of rich on a terminal, for ``verbose=1``."""

    def __init__(self, max_epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.progress: Any = Progress(
            TextColumn("epoch {task.completed}/{task.total}"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
        )
        self.task = self.progress.add_task("", total=max_epochs)
        self.progress.start()

    def epoch(self, number: int, loss: float, score: float | None) -> None:
        text = _summary(loss, score)
        self.progress.update(self.task, completed=number, description=text)

    def message(self, text: str) -> None:
        self.progress.console.print(text)

    def close(self) -> None:
        self.progress.stop()


class LastLine(Reporter):
    """One line at the end, for ``verbose=1`` where there is no terminal or no rich."""

    def __init__(self, max_epochs: int) -> None:
        self.max_epochs = max_epochs
        self.text = ""

    def epoch(self, number: int, loss: float, score: float | None) -> None:
        self.text = f"epoch {number}/{self.max_epochs}  {_summary(loss, score)}"

    def close(self) -> None:
        if self.text:
            print(self.text)


def reporter(verbose: int, max_epochs: int) -> Reporter:
    """Choose what to print by ``verbose``: 0 nothing, 1 a bar, 2 and more a line an epoch."""
    if verbose == 0:
        return Reporter()
    if verbose >= 2:
        return Lines()
    if sys.stdout.isatty():
        try:
            return Bar(max_epochs)
        except ImportError:  # rich is the extra "progress"
            pass
    return LastLine(max_epochs)


def _summary(loss: float, score: float | None) -> str:
    return f"loss {loss:.4f}" + ("" if score is None else f"  validation score {score:.4f}")
