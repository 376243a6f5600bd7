"""Runs of MLflow, and what is logged into them."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from sknn_tips.hooks.reporting import numbers_of
from sknn_tips.runtime.interrupts import called_directly
from sknn_tips.state.history import shown_row

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


def active_run() -> str | None:
    """Return the active run of this thread; None, too, if nobody has imported mlflow."""
    library = sys.modules.get("mlflow")
    active: Any = None if library is None else library.active_run()
    return None if active is None else str(active.info.run_id)


@contextmanager
def run_of_fit(
    run_id: str | None, run_name: str | None, outer: str | None, resumed: str | None
) -> Iterator[Any]:
    """Yield the run to log a fit into; one that is started here ends as FINISHED or FAILED.

    A fit that the user calls directly uses the run `run_id`, the active run, or else `resumed`, if
    it exists, or a new run. In a search, an ensemble or a worker, each fit has a new run. It is
    nested in the active run or, in another thread or process, in `run_id` or else in `outer`, if
    it is active there.
    """
    library = mlflow()
    active = library.active_run()
    if not called_directly():
        within = {} if active else _within(library, run_id, outer)
        with library.start_run(nested=active is not None, run_name=run_name, **within) as run:
            yield run
    elif active is not None and run_id in (None, active.info.run_id):
        yield active
    else:
        known = run_id or (resumed if _run(library, resumed) else None)
        nested = active is not None
        with library.start_run(run_id=known, run_name=run_name, nested=nested) as run:
            yield run


def _within(library: ModuleType, run_id: str | None, outer: str | None) -> dict[str, Any]:
    """Return the arguments that nest a run in one of another thread or process."""
    run = library.get_run(run_id) if run_id else _run(library, outer)
    if run is None or (run_id is None and run.info.status != "RUNNING"):
        return {}
    return {"parent_run_id": run.info.run_id, "experiment_id": run.info.experiment_id}


def _run(library: ModuleType, run_id: str | None) -> Any:
    """Return a run, or None if this server does not have it."""
    try:
        return run_id and library.get_run(run_id)
    except library.exceptions.MlflowException:
        return None


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
