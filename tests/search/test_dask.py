"""joblib's own way to search on a Dask cluster: here one on this machine."""

import os

import distributed
import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier

X, Y = load_iris(return_X_y=True)

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster),
    ):
        yield cluster


def test_workers_give_the_same(cluster):
    net = MLPClassifier(30, max_iter=20, tol=None, random_state=0)
    grid = {"mlpclassifier__alpha": np.logspace(-5, 0, 10)}
    scoring = {"accuracy": "accuracy", "process": lambda *args: os.getpid()}
    search = GridSearchCV(
        make_pipeline(StandardScaler(), net), grid, scoring=scoring, cv=4, refit=False
    )
    alone = search.fit(X, Y).cv_results_
    with joblib.parallel_config("dask"):
        found = search.fit(X, Y).cv_results_
    np.testing.assert_array_equal(found["mean_test_accuracy"], alone["mean_test_accuracy"])
    processes = {number for fold in range(4) for number in found[f"split{fold}_test_process"]}
    assert processes <= {worker.pid for worker in cluster.workers.values()}
