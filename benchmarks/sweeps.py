"""Time grid searches: in threads with `stacked`, and with estimators of other libraries.

    python benchmarks/sweeps.py                 the table of docs/benchmarks.md
    python benchmarks/sweeps.py --only digits   one search
    python benchmarks/sweeps.py --rounds 3      fewer repetitions
    python benchmarks/sweeps.py --ways stacked sknn_tips

All ways use two jobs, except "stacked, one thread". Each measurement uses a new process that has
imported its library, without environment variables for the number of threads. It times a first
search, including the start of the workers, and the same search two more times, when the workers are
running. The ways alternate within a round. Only the ratios are meaningful.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.contestants import data, torch_module

SEARCHES = ["first", "second", "third"]
Search = tuple[Any, dict[str, Any]]
"""An estimator and its parameter grid."""

SWEEPS = {
    # name: hidden layers, batch size, epochs, rates, penalties, folds
    "digits": ((100,), 200, 30, [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2], [1e-5, 1e-4, 1e-3, 1e-2], 5),
    "784-256-256-10": ((256, 256), 128, 5, [1e-4, 3e-4, 1e-3], [1e-5, 1e-3], 4),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=SWEEPS, metavar="SWEEP")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return
    names = [options.only] if options.only else list(SWEEPS)
    found = {name: {way: [] for way in options.ways} for name in names}
    for _ in range(options.rounds):
        for name, by_way in found.items():
            for way, figures in by_way.items():
                figures.append(in_fresh_process(name, way))
    report(found)


def in_fresh_process(name: str, way: str) -> dict:
    command = [sys.executable, "-W", "ignore", __file__, "--one", name, way]
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    environment["PYTHONWARNINGS"] = "ignore"  # for the workers
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(name: str, way: str) -> dict:
    """Return the seconds of three runs of the same search, and its best score."""
    from sklearn.model_selection import GridSearchCV

    hidden, batch, epochs, rates, penalties, folds = SWEEPS[name]
    X, y = rows(name)
    context, n_jobs, search = WAYS[way]
    estimator, grid = search(X.shape[1], hidden, batch, epochs, rates, penalties)
    seconds, best = [], 0.0
    for _ in SEARCHES:
        start = perf_counter()
        with context():
            best = GridSearchCV(estimator, grid, cv=folds, n_jobs=n_jobs).fit(X, y).best_score_
        seconds.append(perf_counter() - start)
    return {**dict(zip(SEARCHES, seconds, strict=True)), "score": best}


def rows(name: str) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True) if name == "digits" else data(784, 10, 10_000)


# -- the ways to search ----------------------------------------------------------------------------


def in_pipeline(net: Any, **grid: Any) -> Search:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    steps = Pipeline([("scale", StandardScaler()), ("net", net)])
    return steps, {f"net__{name}": values for name, values in grid.items()}


def ours(n_features, hidden, batch, epochs, rates, penalties) -> Search:
    from sknn_tips import MLPClassifier

    net = MLPClassifier(hidden, batch_size=batch, max_iter=epochs, tol=None, random_state=0)
    return in_pipeline(net, learning_rate_init=rates, alpha=penalties)


def sklearn(n_features, hidden, batch, epochs, rates, penalties) -> Search:
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier(
        hidden, batch_size=batch, max_iter=epochs, n_iter_no_change=epochs + 1, random_state=0
    )
    return in_pipeline(net, learning_rate_init=rates, alpha=penalties)


def skorch(n_features, hidden, batch, epochs, rates, penalties) -> Search:
    import torch
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer
    from skorch import NeuralNetClassifier

    net = NeuralNetClassifier(
        torch_module,
        module__n_features=n_features,
        module__hidden=hidden,
        module__n_classes=10,
        module__tips=False,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        batch_size=batch,
        max_epochs=epochs,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )
    steps, grid = in_pipeline(net, lr=rates, optimizer__weight_decay=penalties)
    cast = FunctionTransformer(np.ndarray.astype, kw_args={"dtype": np.float32})
    return Pipeline([steps.steps[0], ("cast", cast), steps.steps[1]]), grid


def stacked() -> Any:
    import sknn_tips

    return sknn_tips.stacked()


def threading() -> Any:
    import joblib

    return joblib.parallel_config("threading")


WAYS: dict[str, tuple[Callable[[], Any], int, Callable[..., Search]]] = {
    "stacked": (stacked, 2, ours),
    "stacked, one thread": (stacked, 1, ours),
    "joblib's threads": (threading, 2, ours),
    "sknn_tips": (nullcontext, 2, ours),
    "sklearn": (nullcontext, 2, sklearn),
    "skorch": (nullcontext, 2, skorch),
}


def report(found: dict) -> None:
    """Print the seconds of each way, and their ratios to the first way."""
    for name, by_way in found.items():
        first, *_ = by_way
        heads = [f"{each} search, s | ratio to {first}" for each in SEARCHES]
        print(f"\n| {name} | {' | '.join(heads)} | best score |")
        print(f"|---|{'---:|' * (2 * len(SEARCHES) + 1)}")
        for way, figures in by_way.items():
            cells = []
            for key in SEARCHES:
                ratios = sorted(
                    a[key] / b[key] for a, b in zip(figures, by_way[first], strict=True)
                )
                cells.append(f"{median(each[key] for each in figures):.1f}")
                cells.append(f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
            print(f"| {way} | {' | '.join(cells)} | {figures[0]['score']:.4f} |")


if __name__ == "__main__":
    main()
