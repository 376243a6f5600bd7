"""A real Dask cluster, on this machine, takes over chunks of a search."""

import importlib
import os
import signal
import threading

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


@pytest.fixture(scope="module")
def cluster():
    with (
        distributed.LocalCluster(
            n_workers=N_WORKERS, threads_per_worker=1, dashboard_address=None
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


def search(n_candidates):
    net = MLPClassifier(30, max_iter=40, tol=None, random_state=0)
    grid = {"alpha": np.logspace(-5, 0, n_candidates)}
    return GridSearchCV(net, grid, cv=3, refit=False, n_jobs=N_WORKERS + 1)


def scores(n_candidates):
    return search(n_candidates).fit(X, Y).cv_results_["mean_test_score"]


def test_workers_take_over_chunks(cluster, helped):
    with stacked(engine="dask"):
        found = scores(40)
    assert sum(helped) > 0
    np.testing.assert_array_equal(found, scores(40))


def test_lost_workers_cost_no_result(cluster, helped, monkeypatch):
    """All of them are killed in the middle of their first chunk; the cluster starts others."""
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

    monkeypatch.setattr(team.Team, "_chunk", noted)
    with stacked(engine="dask"):
        found = scores(40)
    for killer in killers:
        killer.join()
    assert len(killers) == N_WORKERS
    np.testing.assert_array_equal(found, scores(40))
