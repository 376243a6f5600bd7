"""joblib, and what scikit-learn hands to it."""

from typing import Any

import joblib
from joblib import parallel

# What a backend derives from: joblib documents how to register one, not where its base is.
ParallelBackendBase = parallel.ParallelBackendBase
# The backend within a worker: no public function makes one.
SequentialBackend = parallel.SequentialBackend


def nesting_level() -> int:
    """Return how deep in workers of joblib the caller is, 0 outside; no public function tells."""
    return joblib.parallel.get_active_backend()[0].nesting_level or 0


def calls_of(task: Any) -> list[Any]:
    """Return the calls (function, args, kwargs) of a task; changed in place, the task does others.

    joblib hands them to a backend inside an object of a private class.
    """
    calls: list[Any] = getattr(task, "items", [])
    return calls


def without_filters(function: Any) -> Any:
    """Return the function of a call without what sets the filters of warnings anew.

    ``sklearn.utils.parallel.delayed`` wraps it, from scikit-learn 1.7 on, in a private class.
    """
    sets_filters = hasattr(function, "with_config_and_warning_filters")
    return function.__wrapped__ if sets_filters else function
