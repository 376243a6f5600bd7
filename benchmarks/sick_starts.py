"""Follow the tips mechanically from twelve badly configured models.

    python benchmarks/sick_starts.py

At each step the model is diagnosed on the training samples, and the remedy of the first tip (the
most severe, causes before effects) is applied, at most five times. The scores (accuracy, R2) are
computed on samples that neither the fits nor the tips have used, and are compared with those of a
good default model. They are medians of three seeds.
"""

import os
import platform

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import warnings
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import sklearn
import torch
from sklearn import datasets
from sklearn.base import clone, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, diagnose
from sknn_tips.exceptions import NonFiniteWeightsError

MOST_STEPS, SEEDS, POINTS = 5, 3, 0.02


class Start(NamedTuple):
    """A badly configured model: name, dataset, whether X is scaled, and parameters."""

    name: str
    data: str
    scaled: bool
    sick: dict[str, Any]


N01 = {"init": "normal", "init_params": {"std": 1.0}}
STARTS = [
    Start("unscaled features", "wine", False, {}),
    Start("unscaled features, sgd", "breast_cancer", False, {"optimizer": "sgd"}),
    Start(
        "unscaled features and target, large learning rate",
        "friedman",
        False,
        {"optimizer": "sgd", "learning_rate_init": 0.1},
    ),
    Start("unscaled target", "friedman", True, {}),
    Start("learning rate 1", "digits", True, {"learning_rate_init": 1.0}),
    Start("learning rate 0.00001", "digits", True, {"learning_rate_init": 1e-5}),
    Start("zero weights", "digits", True, {"init": "zeros"}),
    Start(
        "weights from N(0, 1), three layers", "digits", True, {"hidden_layer_sizes": "64x3", **N01}
    ),
    Start(
        "six sigmoid layers",
        "digits",
        True,
        {"hidden_layer_sizes": "64x6", "activation": "logistic"},
    ),
    Start(
        "four layers, sgd with rate 0.3",
        "digits",
        True,
        {
            "hidden_layer_sizes": "64x4",
            "init": "he_normal",
            "optimizer": "sgd",
            "learning_rate_init": 0.3,
        },
    ),
    Start(
        "two hidden units and alpha=300", "digits", True, {"hidden_layer_sizes": 2, "alpha": 300.0}
    ),
    Start(
        "two layers of 256 for 331 samples",
        "diabetes",
        True,
        {"hidden_layer_sizes": "256x2", "normalize_y": True},
    ),
]


def main() -> None:
    warnings.simplefilter("ignore")
    print("| initial problem | data | initial score | tips followed | final score | good default |")
    print("|---|---|---|---|---|---|")
    reached = 0
    for start in STARTS:
        runs = [follow(start, seed) for seed in range(SEEDS)]
        before, after, good = (median(run[i] for run in runs) for i in (0, 2, 3))
        reached += after >= good - POINTS
        path = " > ".join(runs[0][1])
        print(f"| {start.name} | {start.data} | {before:.3f} | {path} | {after:.3f} | {good:.3f} |")
    print(f"\n{reached} of {len(STARTS)} within {POINTS * 100:.0f} points of the good default.")
    print(f"The path is that of seed 0. {platform.processor() or platform.machine()},", end=" ")
    print(f"scikit-learn {sklearn.__version__}, torch {torch.__version__}, one thread.")


def follow(start: Start, seed: int) -> tuple[float, list[str], float, float]:
    """Return the initial score, the codes that were followed, the final and the default's score."""
    X, y = load(start.data)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
    rows = X_train, y_train, X_test, y_test
    kind = MLPRegressor if start.data in ("friedman", "diabetes") else MLPClassifier
    settings = {"max_iter": 100, "tol": None, "random_state": seed, "tips": "ignore"}
    model: Any = kind(**{**settings, **start.sick})
    if start.scaled:
        model = make_pipeline(StandardScaler(), model)
    first, path = score(model, *rows), []
    while len(path) < MOST_STEPS:
        report = diagnose(model, X_train, y_train)
        if not report.tips:
            break
        path.append(report.tips[0].code)
        model = report.apply()
    return first, path, score(model, *rows), score(good_default(kind, settings), *rows)


def good_default(kind: Any, settings: dict[str, Any]) -> Any:
    stops = {"early_stopping": True, "monitor": "val_loss"}
    more = {} if is_classifier(kind()) else {"normalize_y": True, **stops}
    return make_pipeline(StandardScaler(), kind(**settings, **more))


def score(model: Any, X: Any, y: Any, X_test: Any, y_test: Any) -> float:
    try:
        return float(clone(model).fit(X, y).score(X_test, y_test))
    except NonFiniteWeightsError:
        return float("nan")


def load(name: str) -> tuple[np.ndarray, np.ndarray]:
    if name == "friedman":  # ten features in different units, and a target in the hundreds
        X, y = datasets.make_friedman1(1600, noise=0.5, random_state=0)
        return X * np.logspace(-2, 4, 10), 100 * y
    found: tuple[np.ndarray, np.ndarray] = getattr(datasets, f"load_{name}")(return_X_y=True)
    return found


if __name__ == "__main__":
    main()
