"""Compare predictions of few samples, small updates and short fits with scikit-learn's MLP.

    python benchmarks/small_things.py

The times are medians in microseconds. One process with one thread is used, in which both libraries
alternate.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import warnings
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from sklearn.datasets import load_iris, make_classification
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor

from sknn_tips import MLPClassifier, MLPRegressor

X, Y = make_classification(2000, 20, random_state=0)
IRIS = load_iris(return_X_y=True)
NET = {"hidden_layer_sizes": (100,), "max_iter": 5, "random_state": 0}


def pairs() -> dict[str, tuple[Callable[[Any], object], list[Any], int]]:
    """Return, by name, the function to time, the two estimators, and the number of calls."""
    classifiers = [kind(**NET).fit(X, Y) for kind in (TheirClassifier, MLPClassifier)]
    regressors = [kind(**NET).fit(X, 1.0 * Y) for kind in (TheirRegressor, MLPRegressor)]
    streams = [
        kind(**NET).partial_fit(X[:32], Y[:32], classes=[0, 1])
        for kind in (TheirClassifier, MLPClassifier)
    ]
    short = [kind(**NET).set_params(max_iter=1) for kind in (TheirClassifier, MLPClassifier)]
    return {
        "predict_proba, 1 sample": (lambda net: net.predict_proba(X[:1]), classifiers, 500),
        "predict_proba, 100 samples": (lambda net: net.predict_proba(X[:100]), classifiers, 500),
        "predict of a regressor, 1 sample": (lambda net: net.predict(X[:1]), regressors, 500),
        "partial_fit, 32 samples": (lambda net: net.partial_fit(X[:32], Y[:32]), streams, 100),
        "fit of one epoch, iris": (lambda net: net.fit(*IRIS), short, 60),
    }


def microseconds(do: Callable[[Any], object], nets: list[Any], times: int) -> list[float]:
    found: list[list[float]] = [[] for _ in nets]
    for _ in range(times):
        for net, seconds in zip(nets, found, strict=True):
            start = perf_counter()
            do(net)
            seconds.append(perf_counter() - start)
    return [1e6 * median(seconds) for seconds in found]


def main() -> None:
    warnings.simplefilter("ignore")
    print("| | scikit-learn | sknn_tips | ratio |\n|---|---:|---:|---:|")
    for name, (do, nets, times) in pairs().items():
        theirs, ours = microseconds(do, nets, times)
        print(f"| {name} | {theirs:.0f} | {ours:.0f} | {ours / theirs:.2f} |")


if __name__ == "__main__":
    main()
