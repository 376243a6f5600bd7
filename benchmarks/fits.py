"""Compare the fit times of small networks: scikit-learn, a plain torch loop, skorch and Keras.

    python benchmarks/fits.py                     the table of docs/benchmarks.md
    python benchmarks/fits.py --only 20-100-2     one network
    python benchmarks/fits.py --rounds 3          fewer repetitions

Each measurement uses a new process with one thread, which imports the library and then times a
first fit and a second fit. The libraries alternate within a round. Only the ratios are meaningful.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.contestants import CONTESTANTS, data

NETS = {
    # name: hidden layers, features, classes, batch size, rows, epochs, dropout and batchnorm
    "20-64-64-2": ((64, 64), 20, 2, 128, 10_000, 20, False),
    "20-100-2": ((100,), 20, 2, 200, 10_000, 20, False),
    "100-128-64-10": ((128, 64), 100, 10, 128, 10_000, 20, False),
    "784-256-256-10": ((256, 256), 784, 10, 128, 10_000, 8, False),
    "20-64-64-2, dropout and batchnorm": ((64, 64), 20, 2, 128, 10_000, 20, True),
    "20-100-2, dropout and batchnorm": ((100,), 20, 2, 200, 10_000, 20, True),
    "100-128-64-10, dropout and batchnorm": ((128, 64), 100, 10, 128, 10_000, 20, True),
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=NETS, metavar="NET")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return
    names = [options.only] if options.only else list(NETS)
    found = {name: {library: [] for library in libraries(name)} for name in names}
    for _ in range(options.rounds):
        for name, by_library in found.items():
            for library, figures in by_library.items():
                figures.append(in_fresh_process(name, library))
    report(found)


def libraries(name: str) -> list[str]:
    """Return the installed libraries that can train the network."""
    tips = NETS[name][-1]
    known = [each for each in CONTESTANTS if not (tips and each in ("sklearn", "keras"))]
    return [each for each in known if importlib.util.find_spec(each)]


def in_fresh_process(name: str, library: str) -> dict:
    command = [sys.executable, __file__, "--one", name, library]
    env = {**os.environ, **dict.fromkeys(THREADS, "1")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(name: str, library: str) -> dict:
    """Return the microseconds per step of the first and the second fit, the loss and the memory."""
    import warnings

    warnings.simplefilter("ignore")
    hidden, n_features, n_classes, batch, n_rows, epochs, tips = NETS[name]
    X, y = data(n_features, n_classes, n_rows)
    importlib.import_module(library)
    if library in ("torch", "skorch"):
        import torch

        torch.set_num_threads(1)
    fit = CONTESTANTS[library](X, y, hidden, batch, epochs, tips)
    steps = epochs * -(-n_rows // batch)
    seconds, loss = [], 0.0
    for _ in range(2):
        start = perf_counter()
        loss = fit()
        seconds.append(perf_counter() - start)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first, warm = (1e6 * each / steps for each in seconds)
    share = 100 * flop(name) / (warm * 1e-6) / matmul_speed()
    return {"first": first, "warm": warm, "loss": loss, "memory": megabytes, "share": share}


def flop(name: str) -> float:
    """Return the floating-point operations of a step, without those for the gradient of X."""
    hidden, n_features, n_classes, batch, *_ = NETS[name]
    widths = [n_features, *hidden, n_classes]
    products = [a * b for a, b in pairwise(widths)]
    return 2.0 * batch * (3 * sum(products) - products[0])


def matmul_speed() -> float:
    """Return the operations per second of a large numpy product, the best of five runs."""
    import numpy as np

    A, best = np.ones((1024, 1024), np.float32), float("inf")
    for _ in range(5):
        start = perf_counter()
        A @ A
        best = min(best, perf_counter() - start)
    return 2 * 1024**3 / best


def report(found: dict) -> None:
    print(
        "| network | library | first fit, us per step | ratio to sknn_tips | second fit, us |",
        end="",
    )
    print(
        " ratio to sknn_tips | loss | matrix speed | memory, MB |\n"
        "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    for name, by_library in found.items():
        ours = by_library["sknn_tips"]
        for library, figures in by_library.items():
            pairs = list(zip(figures, ours, strict=True))
            cells = []
            for key in ("first", "warm"):
                values = sorted(each[key] for each in figures)
                ratios = sorted(theirs[key] / mine[key] for theirs, mine in pairs)
                cells.append(f"{median(values):.0f}")
                cells.append(f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
            loss, share = (median(each[key] for each in figures) for key in ("loss", "share"))
            memory = median(each["memory"] for each in figures)
            print(f"| {name} | {library} | {' | '.join(cells)} |", end="")
            print(f" {loss:.4f} | {share:.0f} % | {memory:.0f} |")


if __name__ == "__main__":
    main()
