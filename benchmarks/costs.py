"""Measure how much each parameter increases the time of an epoch.

    python benchmarks/costs.py      the costs in docs/choosing_parameters.md

Digits data, a 64-100-100-10 network, batches of 200, one thread; medians of rounds in which the
fits alternate.
"""

import argparse
import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

from statistics import median
from time import perf_counter

import numpy as np
from sklearn.datasets import load_digits
from skorch.callbacks import EpochScoring

from sknn_tips import MLPClassifier
from sknn_tips.callbacks import LambdaCallback

OPTIONS = {
    "(nothing)": {},
    **{f"activation={name!r}": {"activation": name} for name in ("gelu", "tanh", "maxout", "mish")},
    "batch_size=32": {"batch_size": 32},
    "dropout=.2": {"dropout": 0.2},
    "input_dropout=.2": {"input_dropout": 0.2},
    "batchnorm": {"batchnorm": True},
    "layernorm": {"layernorm": True},
    **{f"optimizer={name!r}": {"optimizer": name} for name in ("sgd", "rmsprop", "nadam")},
    "weight_decay": {"weight_decay": 0.01},
    "l1": {"l1": 1e-5},
    "activity_l1": {"activity_l1": 1e-5},
    "clip_norm": {"clip_norm": 1.0},
    "label_smoothing": {"label_smoothing": 0.1},
    "a schedule per update": {"learning_rate": "warmup_cosine"},
    "early_stopping": {"early_stopping": True},
    "metrics='accuracy'": {"metrics": ["accuracy"]},
    "metrics='roc_auc_ovr'": {"metrics": ["roc_auc_ovr"]},
    "a callback per epoch": {"callbacks": [LambdaCallback(on_epoch_end=lambda net, **_: None)]},
    "a callback per batch": {"callbacks": [EpochScoring("accuracy")], "early_stopping": True},
    "dtype='float64'": {"dtype": "float64"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    base = {"max_iter": 20, "tol": None, "batch_size": 200, "random_state": 0}
    models = {name: MLPClassifier("100x2", **(base | own)) for name, own in OPTIONS.items()}
    seconds = {name: [] for name in models}
    for _ in range(rounds + 1):
        for name, model in models.items():
            start = perf_counter()
            model.fit(X, y)
            seconds[name].append(perf_counter() - start)
    plain = seconds["(nothing)"][1:]  # the first round is a warm-up
    print("| parameter | relative time of an epoch |\n|---|---:|")
    for name, found in seconds.items():
        ratio = median(a / b for a, b in zip(found[1:], plain, strict=True))
        print(f"| {name} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
