"""A worker process that is killed: a clear error, and the next search works."""

import os
import signal

import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

from sknn_tips import MLPClassifier
from sknn_tips.ensemble import FoldEnsembleClassifier

X, Y = load_iris(return_X_y=True)

pytestmark = [
    pytest.mark.slow,  # each search starts processes
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL"),
]


class Die(Callback):
    """Kill the worker in the first epoch with a learning rate of 0.5."""

    def __init__(self, parent):
        self.parent = parent

    def on_epoch_end(self, net, **kwargs):
        if os.getpid() != self.parent and net.lr > 0.4:
            os.kill(os.getpid(), signal.SIGKILL)


def net(rate):
    callbacks = [Die(os.getpid())]
    return MLPClassifier(
        4, learning_rate_init=rate, max_iter=3, tol=None, tips="ignore", callbacks=callbacks
    )


RUNS = {
    "search": lambda rate: GridSearchCV(net(0.1), {"learning_rate_init": [0.1, rate]}, n_jobs=2),
    "members": lambda rate: FoldEnsembleClassifier(net(rate), n_jobs=2),
}


@pytest.mark.parametrize("kind", RUNS)
def test_a_worker_that_is_killed(kind):
    with pytest.raises(TerminatedWorkerError, match="SIGKILL"):
        RUNS[kind](0.5).fit(X, Y)
    assert RUNS[kind](0.2).fit(X, Y).score(X, Y) >= 0
