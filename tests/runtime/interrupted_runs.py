"""Fit again and again until Ctrl-C; `test_random_interrupts.py` starts this in a process.

Prints "go" before each fit, and after it the time, how it ended, and what was left behind.
"""

import signal
import sys
import threading
import time
import warnings

import numpy as np
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV

from sknn_tips import MLPClassifier, stacked
from sknn_tips.ensemble import FoldEnsembleClassifier

COMMON = {"max_iter": 100_000, "tol": None, "tips": "ignore", "random_state": 0}
X, Y = make_classification(2000, 20, flip_y=0.5, random_state=0)
LARGE = np.random.RandomState(0).normal(size=(1000, 300)), np.arange(1000) % 3
NET = MLPClassifier(100, **COMMON)
QUICK = MLPClassifier(4, **{**COMMON, "max_iter": 3})
GRID = {"alpha": [1e-4, 1e-3, 1e-2]}
MANY = {"alpha": list(np.logspace(-6, 0, 2000))}


def in_threads(fit):
    with stacked(2):
        return fit()


def until(fit):
    """Call short fits until one is interrupted."""
    while True:
        fitted = fit()
        if fitted.stop_reason_ == "interrupted":
            return fitted


KINDS = {
    "large steps": lambda: MLPClassifier("300x2", batch_size=500, **COMMON).fit(*LARGE),
    "small steps": lambda: NET.fit(X, Y),
    "autograd": lambda: MLPClassifier(100, optimizer="nadam", **COMMON).fit(X, Y),
    "L-BFGS": lambda: MLPClassifier(100, **{**COMMON, "solver": "lbfgs", "max_fun": 10**9}).fit(
        X, Y
    ),
    "short fits": lambda: until(lambda: QUICK.fit(X[:100], Y[:100])),
    "partial_fit": lambda: until(lambda: QUICK.partial_fit(X, Y, classes=[0, 1])),
    "members": lambda: FoldEnsembleClassifier(NET, cv=3).fit(X, Y),
    "members in threads": lambda: in_threads(
        lambda: FoldEnsembleClassifier(NET, cv=3, n_jobs=2).fit(X, Y)
    ),
    "search": lambda: GridSearchCV(NET, GRID, cv=2).fit(X, Y),
    "stacked search": lambda: in_threads(lambda: GridSearchCV(NET, GRID, cv=2).fit(X, Y)),
    "stacked short fits": lambda: in_threads(
        lambda: GridSearchCV(QUICK, MANY, cv=3).fit(X[:100], Y[:100])
    ),
}


def main(kind, tries):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("ignore")
    expected = QUICK.fit(X, Y).predict_proba(X)
    threads, filters = threading.active_count(), warnings.filters[:]
    for _ in range(tries):
        print("go", flush=True)
        try:
            ended = getattr(KINDS[kind](), "stop_reason_", "completed")
        except KeyboardInterrupt:
            ended = "interrupted"
        found = [time.time(), ended]
        found += [threading.active_count() - threads, warnings.filters == filters]
        found += [signal.getsignal(signal.SIGINT) is signal.default_int_handler]
        found += [np.array_equal(QUICK.fit(X, Y).predict_proba(X), expected)]
        print(*found, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
