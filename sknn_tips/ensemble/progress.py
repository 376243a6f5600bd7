"""A `joblib.Parallel` that shows the number of completed tasks."""

from typing import Any

from sklearn.utils.parallel import Parallel

from sknn_tips.hooks.reporting import Reporter, search_reporter


class ReportingParallel(Parallel):
    """A `Parallel` with a progress bar; it uses the active backend.

    Parameters
    ----------
    n_jobs : int or None
    total : int
        The number of tasks.
    verbose : int
        0 shows nothing; 1 shows a progress bar, or occasional lines if a bar cannot be drawn.
    """

    def __init__(self, n_jobs: int | None, total: int, verbose: int) -> None:
        super().__init__(n_jobs=n_jobs)
        self.total, self.shows = total, verbose > 0

    def __call__(self, iterable: Any) -> Any:
        self.reporter = search_reporter(self.total) if self.shows else Reporter()
        try:
            return super().__call__(iterable)
        finally:
            self.reporter.close()

    def print_progress(self) -> None:
        """Show the number of completed tasks. joblib calls this after each task."""
        self.reporter.epoch(self.n_completed_tasks, {})
