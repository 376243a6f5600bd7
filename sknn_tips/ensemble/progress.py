"""A `joblib.Parallel` that shows how many of its tasks are done."""

from typing import Any

from sklearn.utils.parallel import Parallel

from sknn_tips.hooks.reporting import Reporter, search_reporter


class ReportingParallel(Parallel):
    """Runs tasks as `Parallel` does, in whatever backend is active.

    Parameters
    ----------
    n_jobs : int or None
    total : int
        How many tasks there will be.
    verbose : int
        0 shows nothing; 1 a progress bar, or where none can be drawn a line now and then.
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
        """Show the number of tasks that are done; joblib calls it after each of them."""
        self.reporter.epoch(self.n_completed_tasks, {})
