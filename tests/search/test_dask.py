"""A real Dask cluster, on this machine, takes over chunks of a search."""

import importlib
import os
import signal
import threading
from time import perf_counter

import distributed
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from sknn_tips import MLPClassifier, stacked
from sknn_tips.search import team

X, Y = load_iris(return_X_y=True)
N_WORKERS = 2

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster():
    with (
        distributed.LocalCluster(
            n_workers=N_WORKERS, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.run(importlib.import_module, "sknn_tips")  # else the search is over before
        yield cluster


@pytest.fixture
def helped(monkeypatch):
    """Return how many tasks workers did; they are asked as soon as there is a task."""
    sizes = []
    report = team.Team._report

    def noted(self, ended):
        tasks, found = ended
        sizes.append(len(tasks) if found is not None else 0)
        report(self, ended)

    monkeypatch.setattr(team.Team, "_report", noted)
    monkeypatch.setattr(team.Team, "_is_worth_help", lambda self, remaining: True)
    return sizes


@pytest.fixture
def kill_in_first_chunk(cluster, monkeypatch):
    """Return what has all workers killed in the middle of the next chunk that one gets."""
    chunk, killers = team.Team._chunk, []

    def noted(self):
        found = chunk(self)
        if found and not killers:
            killers.extend(
                threading.Timer(0.05, os.kill, (worker.pid, signal.SIGKILL))
                for worker in cluster.workers.values()
            )
            for killer in killers:
                killer.start()
        return found

    yield lambda: monkeypatch.setattr(team.Team, "_chunk", noted)
    for killer in killers:
        killer.join()
    assert len(killers) == N_WORKERS


def scores(n_jobs=None):
    net = MLPClassifier(30, max_iter=40, tol=None, random_state=0)
    grid = {"alpha": np.logspace(-5, 0, 40)}
    search = GridSearchCV(net, grid, cv=3, refit=False, n_jobs=n_jobs)
    return search.fit(X, Y).cv_results_["mean_test_score"]


def test_workers_take_over_chunks_and_lost_ones_cost_no_result(helped, kill_in_first_chunk):
    alone, n_jobs = scores(), N_WORKERS + 1
    start = perf_counter()
    while not sum(helped) and perf_counter() - start < 60:  # a busy machine takes its time
        with stacked(engine="dask"):
            found = scores(n_jobs)
    assert sum(helped) > 0
    np.testing.assert_array_equal(found, alone)

    kill_in_first_chunk()
    with stacked(engine="dask"):  # the cluster starts others
        found = scores(n_jobs)
    np.testing.assert_array_equal(found, alone)
