"""How far a search is: the fits that are done, and the best candidate so far."""

from collections import defaultdict
from typing import Any

from sknn_tips.search.sweep import Task
from sknn_tips.training.reporting import Reporter, search_reporter


class Progress:
    """Shows the tasks of a search as they end."""

    def __init__(self) -> None:
        self.n_submitted = self.n_done = 0
        self.reporter: Reporter | None = None
        self.scores: dict[str, list[float]] = defaultdict(list)

    def submitted(self) -> None:
        """Take note of one task more."""
        self.n_submitted += 1
        if self.reporter is not None:
            self.reporter.extend(self.n_submitted)

    def done(self, task: Task) -> None:
        """Show that a task is over."""
        if self.reporter is None:
            self.reporter = search_reporter(self.n_submitted)
        self.n_done += 1
        self._note_score(task)
        self.reporter.epoch(self.n_done, self._best())

    def close(self) -> None:
        if self.reporter is not None:
            self.reporter.close()

    def _note_score(self, task: Task) -> None:
        """Take the score of a fit to those of its candidate, where the task is a search's."""
        calls, results = getattr(task.function, "items", []), task.result or []
        for (_, _, options), result in zip(calls, results, strict=False):
            score = result.get("test_scores") if isinstance(result, dict) else None
            if isinstance(score, dict):  # of several scorers, the first
                score = next(iter(score.values()), None)
            if isinstance(score, float):
                self.scores[repr(options.get("parameters"))].append(score)

    def _best(self) -> dict[str, Any]:
        """Return the best mean of the candidates with most fits."""
        most = max(map(len, self.scores.values()), default=0)
        means = [sum(each) / most for each in self.scores.values() if len(each) == most]
        return {"best score": max(means)} if means else {}
