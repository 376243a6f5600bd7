"""Measure the time of the record of a fit and of the checks: fits with and without them.

    python benchmarks/recording.py      the table of docs/benchmarks.md

In the fits without them, the recorder, the copies of good weights and the checks are removed.
"difference" is the median difference of rounds in which both fits alternate. "inside" is the time
spent inside the functions concerned, which varies less. One process with one thread is used, after
a warm-up.
"""

import argparse
import contextlib
import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import warnings
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np

from sknn_tips import MLPClassifier
from sknn_tips.estimators import base
from sknn_tips.training import loop
from sknn_tips.training.last_good import LastGood
from sknn_tips.training.probes import LastUpdate
from sknn_tips.training.recorder import Recorder

FITS = {
    # rows, features, hidden layers, classes, epochs, parameters
    "150 x 4, 100, 20 epochs": (150, 4, (100,), 3, 20, {}),
    "150 x 4, 100, 200 epochs": (150, 4, (100,), 3, 200, {}),
    "1,000 x 20, 100, 20 epochs": (1_000, 20, (100,), 2, 20, {}),
    "1,500 x 64, 100-100, 50 epochs": (1_500, 64, (100, 100), 10, 50, {}),
    "10,000 x 20, 100, 20 epochs": (10_000, 20, (100,), 2, 20, {}),
    "10,000 x 20, 100, 400 epochs": (10_000, 20, (100,), 2, 400, {}),
    "10,000 x 100, 128-64, 60 epochs": (10_000, 100, (128, 64), 10, 60, {}),
    "10,000 x 784, 256-256, 8 epochs": (10_000, 784, (256, 256), 10, 8, {}),
    "the same, early stopping": (10_000, 784, (256, 256), 10, 8, {"early_stopping": True}),
}


# The functions that a fit calls for the record and the checks. None of them calls another one.
CALLS = {
    Recorder: ["__init__", "watch", "after_updates", "after_epoch", "end"],
    LastUpdate: ["before", "after"],
    LastGood: ["__init__", "update"],
    base: ["tips_of"],
}


class Nothing:
    """Replacement of the recorder and of the copies of good weights."""

    def __init__(self, *args: object) -> None:
        self.record = SimpleNamespace(losses=[], non_finite=None)

    def ignore(self, *args: object, **kwargs: object) -> None:
        return None

    watch = after_updates = after_epoch = end = update = ignore


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    warnings.simplefilter("ignore")
    print(
        "| fit | without, ms | difference, ms | relative | inside, ms | relative |\n"
        "|---|---|---|---|---|---|"
    )
    for name, (n_rows, n_features, hidden, n_classes, epochs, more) in FITS.items():
        rng = np.random.RandomState(0)
        X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
        y = rng.randint(0, n_classes, n_rows)
        model = MLPClassifier(hidden, max_iter=epochs, tol=None, random_state=0, **more)
        pairs = [measured(model, X, y, round_) for round_ in range(rounds + 1)][1:]
        without = median(pair[0] for pair in pairs)
        extra = median(pair[1] - pair[0] for pair in pairs)
        inside = median(measured_inside(model, X, y) for _ in range(rounds))
        print(
            f"| {name} | {without * 1e3:.1f} | {extra * 1e3:+.2f} | {extra / without:+.1%} |"
            f" {inside * 1e3:.2f} | {inside / without:.1%} |",
            flush=True,
        )


def measured(model: MLPClassifier, X: np.ndarray, y: np.ndarray, round_: int) -> list[float]:
    """Return the seconds of a fit without and with the record; the order alternates."""
    seconds = [0.0, 0.0]
    for with_record in (False, True) if round_ % 2 else (True, False):
        with contextlib.nullcontext() if with_record else without_record():
            start = perf_counter()
            model.fit(X, y)
            seconds[with_record] = perf_counter() - start
    return seconds


@contextlib.contextmanager
def without_record() -> Iterator[None]:
    with (
        patch.multiple(loop, Recorder=Nothing, LastGood=Nothing),
        patch.object(base, "tips_of", lambda record: []),
    ):
        yield


def measured_inside(model: MLPClassifier, X: np.ndarray, y: np.ndarray) -> float:
    """Return the seconds that the record, the copies and the checks take in a fit."""
    spent = [0.0]

    def timed(call: Callable) -> Callable:
        def wrapper(*args: object, **kwargs: object) -> object:
            start = perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                spent[0] += perf_counter() - start

        return wrapper

    with contextlib.ExitStack() as stack:
        for owner, names in CALLS.items():
            for name in names:
                stack.enter_context(patch.object(owner, name, timed(getattr(owner, name))))
        model.fit(X, y)
    return spent[0]


if __name__ == "__main__":
    main()
