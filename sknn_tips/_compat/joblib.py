"""joblib, and the calls that scikit-learn passes to it."""

from typing import Any

import joblib
from joblib import parallel

# The base class of backends: joblib documents how to register a backend, but not this class.
ParallelBackendBase = parallel.ParallelBackendBase
# The backend inside a worker; no public function creates one.
SequentialBackend = parallel.SequentialBackend


def nesting_level() -> int:
    """Return the nesting level of joblib workers, 0 outside; there is no public function for it."""
    return joblib.parallel.get_active_backend()[0].nesting_level or 0


def calls_of(task: Any) -> list[Any]:
    """Return the calls (function, args, kwargs) of a task; changing the list changes the task.

    joblib passes them to a backend inside an object of a private class.
    """
    calls: list[Any] = getattr(task, "items", [])
    return calls


def without_filters(function: Any) -> Any:
    """Return the function of a call without the wrapper that resets the warning filters.

    ``sklearn.utils.parallel.delayed`` wraps it in a private class.
    """
    sets_filters = hasattr(function, "with_config_and_warning_filters")
    return function.__wrapped__ if sets_filters else function
