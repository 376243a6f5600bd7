"""How far a search is: the fits that are done, and the best candidate so far."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sknn_tips._compat.joblib import calls_of
from sknn_tips.hooks.reporting import Reporter, search_reporter


class Progress:
    """Shows the tasks of a search as they end, in whatever thread they do."""

    def __init__(self) -> None:
        self.n_submitted = self.n_done = 0
        self.reporter: Reporter | None = None
        self.scores: dict[str, list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def submitted(self) -> None:
        """Take note of one task more."""
        with self._lock:
            self.n_submitted += 1
            if self.reporter is not None:
                self.reporter.extend(self.n_submitted)

    def show(self) -> None:
        """Begin to show; from the thread that called the search, which alone may draw a bar."""
        with self._lock:
            if self.reporter is None:
                self.reporter = search_reporter(self.n_submitted)
                self._report()

    def done(self, function: Callable[[], Any], result: Any) -> None:
        """Show that a task is over.

        Parameters
        ----------
        function : callable
            What joblib handed over.
        result : object
            What it returned; None where it failed.
        """
        with self._lock:
            self.n_done += 1
            self._note_scores(function, result)
            self._report()

    def close(self) -> None:
        if self.reporter is not None:
            self.reporter.close()

    def _report(self) -> None:
        if self.reporter is not None and self.n_done:
            self.reporter.epoch(self.n_done, self._best())

    def _note_scores(self, function: Callable[[], Any], result: Any) -> None:
        """Take the score of a fit to those of its candidate, where the task is a search's."""
        for (_, _, options), found in zip(calls_of(function), result or [], strict=False):
            score = found.get("test_scores") if isinstance(found, dict) else None
            if isinstance(score, dict):  # of several scorers, the first
                score = next(iter(score.values()), None)
            if isinstance(score, float):
                self.scores[repr(options.get("parameters"))].append(score)

    def _best(self) -> dict[str, Any]:
        """Return the best mean of the candidates with most fits."""
        most = max(map(len, self.scores.values()), default=0)
        means = [sum(each) / most for each in self.scores.values() if len(each) == most]
        return {"best score": max(means)} if means else {}
