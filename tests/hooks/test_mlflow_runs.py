"""Which run a fit is logged into, with a stand-in of mlflow; tests/clients/ has the real one."""

import sys
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import pytest
from joblib import Parallel, delayed

from sknn_tips.hooks import mlflow_runs
from sknn_tips.hooks.mlflow_runs import run_of_fit


class MissingError(Exception):
    pass


@pytest.fixture
def library(monkeypatch):
    """A stand-in that notes how runs are started; "outer" runs, and "old" has ended."""
    found = ModuleType("mlflow")
    found.started, found.active = [], None
    found.exceptions = SimpleNamespace(MlflowException=MissingError)
    found.active_run = lambda: found.active and run(found.active)

    def run(run_id):
        if run_id not in ("outer", "old"):
            raise MissingError(run_id)
        status = "FINISHED" if run_id == "old" else "RUNNING"
        return SimpleNamespace(
            info=SimpleNamespace(run_id=run_id, status=status, experiment_id="7")
        )

    @contextmanager
    def start_run(**options):
        found.started.append({k: v for k, v in options.items() if v})
        yield "new"

    found.get_run, found.start_run = run, start_run
    monkeypatch.setitem(sys.modules, "mlflow", found)
    return found


def started(library, *args):
    with run_of_fit(*args):
        pass
    return library.started


def test_a_fit_that_is_called_directly(library):
    assert started(library, None, "name", "outer", None) == [{"run_name": "name"}]
    assert started(library, "outer", None, None, None)[1:] == [{"run_id": "outer"}]
    assert started(library, None, None, None, "old")[2:] == [{"run_id": "old"}]
    assert started(library, None, None, None, "unknown")[3:] == [{}]
    library.active = "outer"
    assert started(library, None, None, None, "old")[4:] == []  # the active one
    assert started(library, "outer", None, None, None)[4:] == []
    assert started(library, "old", None, None, None)[4:] == [{"run_id": "old", "nested": True}]


@pytest.mark.parametrize(
    ("active", "run_id", "outer", "expected"),
    [
        ("outer", None, None, {"nested": True}),
        ("outer", "old", None, {"nested": True}),
        (None, None, None, {}),
        (None, None, "outer", {"parent_run_id": "outer", "experiment_id": "7"}),
        (None, None, "old", {}),
        (None, None, "unknown", {}),
        (None, "old", "outer", {"parent_run_id": "old", "experiment_id": "7"}),
    ],
)
def test_a_fit_among_others(library, active, run_id, outer, expected):
    library.active = active
    options = run_id, None, outer, "old"
    Parallel(backend="sequential")(delayed(started)(library, *options) for _ in range(1))
    assert library.started == [expected]


def test_the_active_run(library, monkeypatch):
    assert mlflow_runs.active_run() is None
    library.active = "outer"
    assert mlflow_runs.active_run() == "outer"
    monkeypatch.delitem(sys.modules, "mlflow")
    assert mlflow_runs.active_run() is None  # and it is not imported
