"""Runs of MLflow, and what is logged into them."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from sknn_tips.hooks.reporting import numbers_of
from sknn_tips.runtime.interrupts import called_directly
from sknn_tips.state.history import shown_row

Origin = tuple[str, str | None]
"""Where a callback was copied for a search: the server, and the active run, if any."""

# MLflow shortens longer values.
_LONGEST_VALUE = 6000
# Most metrics in one request to the server.
_MOST_METRICS = 1000


def mlflow() -> ModuleType:
    """Return the library, or raise an ImportError with the extra to install."""
    try:
        import mlflow
    except ImportError as error:
        raise ImportError(
            "MLflowLogger writes with the library mlflow, which is not installed. Run:"
            ' pip install "sknn_tips[mlflow]"'
        ) from error
    return mlflow


def here() -> Origin | None:
    """Return the server, and the active run of this thread; None if mlflow is not installed."""
    try:
        library = mlflow()
    except ImportError:  # raised again by a fit
        return None
    active = library.active_run()
    return library.get_tracking_uri(), active and active.info.run_id


@contextmanager
def run_of_fit(
    run_id: str | None, run_name: str | None, origin: Origin | None, resumed: str | None
) -> Iterator[Any]:
    """Yield the run to log a fit into; one that is started here ends as FINISHED or FAILED.

    A fit that the user calls directly uses the run `run_id`, the active run, or else `resumed`, if
    it exists, or a new run. In a search, an ensemble or a worker, each fit has a new run. It is
    nested in the active run or, in another thread or process, in `run_id` or that of `origin`.
    """
    library = mlflow()
    if origin is not None and origin[0] != library.get_tracking_uri():
        library.set_tracking_uri(origin[0])  # in a process that was started earlier
    active = library.active_run()
    if not called_directly():
        outer = {} if active else _outer(library, run_id, origin)
        with library.start_run(nested=active is not None, run_name=run_name, **outer) as run:
            yield run
    elif active is not None and run_id in (None, active.info.run_id):
        yield active
    else:
        known = run_id or (resumed if _exists(library, resumed) else None)
        nested = active is not None
        with library.start_run(run_id=known, run_name=run_name, nested=nested) as run:
            yield run


def _outer(library: ModuleType, run_id: str | None, origin: Origin | None) -> dict[str, Any]:
    """Return the arguments for a run within one of another thread or process."""
    parent = run_id or (origin and origin[1])
    if parent is None:
        return {}
    info = library.get_run(parent).info
    if info.status != "RUNNING" and run_id is None:  # it has ended since the callback was copied
        return {}
    return {"parent_run_id": parent, "experiment_id": info.experiment_id}


def _exists(library: ModuleType, run_id: str | None) -> bool:
    try:
        return run_id is not None and bool(library.get_run(run_id))
    except library.exceptions.MlflowException:
        return False


def log_parameters(run_id: str, parameters: Mapping[str, Any], continuing: bool) -> None:
    """Log parameters that the run does not have yet.

    Raises
    ------
    ValueError
        If the run has other values, which MLflow cannot change, of another fit.
    """
    texts = {name: str(value)[:_LONGEST_VALUE] for name, value in parameters.items()}
    known = mlflow().get_run(run_id).data.params
    for name, text in texts.items():
        if not continuing and known.get(name, text) != text:
            raise ValueError(
                f"The run {run_id} of MLflow has {name}={known[name]} of another fit, and this fit"
                f" has {name}={text}. Write each fit into a run of its own: call fit outside of"
                " mlflow.start_run(), or in mlflow.start_run(nested=True)."
            )
    mlflow().MlflowClient().log_batch(
        run_id,
        params=[
            mlflow().entities.Param(name, text) for name, text in texts.items() if name not in known
        ],
    )


def log_rows(run_id: str, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Log the numbers in rows of skorch's history, each given with its time in milliseconds."""
    metric = mlflow().entities.Metric
    metrics = [
        metric(name, value, moment, row["epoch"])
        for moment, row in rows
        for name, value in numbers_of(shown_row(row))
    ]
    for start in range(0, len(metrics), _MOST_METRICS):
        mlflow().MlflowClient().log_batch(run_id, metrics[start : start + _MOST_METRICS])


def log_numbers(run_id: str, numbers: Mapping[str, Any]) -> None:
    """Log single numbers as metrics; None and other values are left out."""
    client, moment = mlflow().MlflowClient(), now()
    metric = mlflow().entities.Metric
    metrics = [metric(name, value, moment, 0) for name, value in numbers_of(numbers)]
    client.log_batch(run_id, metrics)


def now() -> int:
    """Return the time in milliseconds."""
    return int(1000 * time.time())
