"""Progress of a search: the number of completed fits, and the best score so far."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sknn_tips._compat.joblib import calls_of
from sknn_tips.hooks.reporting import Reporter, search_reporter


class Progress:
    """Shows the number of completed tasks of a search; its methods are thread-safe."""

    def __init__(self) -> None:
        self.n_submitted = self.n_done = 0
        self.reporter: Reporter | None = None
        self.scores: dict[str, list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def submitted(self) -> None:
        """Count a submitted task."""
        with self._lock:
            self.n_submitted += 1
            if self.reporter is not None:
                self.reporter.extend(self.n_submitted)

    def show(self) -> None:
        """Start showing progress. Only the thread that called the search may draw the bar."""
        with self._lock:
            if self.reporter is None:
                self.reporter = search_reporter(self.n_submitted)
                self._report()

    def done(self, function: Callable[[], Any], result: Any) -> None:
        """Count and show a completed task.

        Parameters
        ----------
        function : callable
            The task submitted by joblib.
        result : object
            Its return value; None if it failed.
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
        """Add the score of a fit to those of its candidate, if the task is that of a search."""
        for (_, _, options), found in zip(calls_of(function), result or [], strict=False):
            score = found.get("test_scores") if isinstance(found, dict) else None
            if isinstance(score, dict):  # with several scorers, use the first
                score = next(iter(score.values()), None)
            if isinstance(score, float):
                self.scores[repr(options.get("parameters"))].append(score)

    def _best(self) -> dict[str, Any]:
        """Return the best mean score among the candidates with the largest number of fits."""
        most = max(map(len, self.scores.values()), default=0)
        means = [sum(each) / most for each in self.scores.values() if len(each) == most]
        return {"best score": max(means)} if means else {}
