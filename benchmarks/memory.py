"""Measure the memory that a fit needs besides its data, and the time of a million predictions.

python benchmarks/memory.py                (Linux only)
python benchmarks/memory.py --million      two epochs on a million samples
"""

import os
import subprocess
import sys

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import resource
import threading
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep

import numpy as np

ROWS, COLUMNS = 581_012, 54  # covertype, one-hot encoded


def main() -> None:
    if sys.argv[1:] == ["--million"]:
        for dtype in ("float32", "float64"):
            for library in ("sknn_tips", "sklearn"):
                subprocess.run([sys.executable, __file__, "--million", library, dtype], check=True)
        return
    if sys.argv[1:2] == ["--million"]:
        print(million(*sys.argv[2:]))
        return
    if len(sys.argv) > 1:
        print(f"{share(*sys.argv[1:]):.2f}")
        return
    print("| X | early stopping | memory relative to X in float32 |\n|---|---|---:|")
    for dtype in ("float32", "float64"):
        for early_stopping in ("", "yes"):
            command = [sys.executable, __file__, dtype, early_stopping]
            found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            print(f"| {dtype} | {early_stopping or 'no'} | {found.strip()} |")
    ours, theirs = prediction()
    print(f"\npredict, 1,000,000 samples, 20-100-2: {ours:.3f} s, scikit-learn {theirs:.3f} s")


def share(dtype: str, early_stopping: str) -> float:
    from sknn_tips import MLPClassifier

    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((ROWS, COLUMNS), dtype=np.float32), rng.integers(0, 7, ROWS)
    X = X.astype(dtype, copy=False)
    model = MLPClassifier(64, batch_size=1000, max_iter=1, tol=None)
    model.fit(X[:1000], y[:1000])
    model.set_params(early_stopping=bool(early_stopping))
    before, peak, done = memory(), [0.0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], memory())
            sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    model.fit(X, y)
    done.set()
    watcher.join()
    return (peak[0] - before) / (ROWS * COLUMNS * 4 / 1024)


def million(library: str, dtype: str) -> str:
    """Return a row of the table in docs/reliability.md, measured in this process."""
    X = np.random.default_rng(0).standard_normal((1_000_000, 20), dtype=np.float32)
    X, y = X.astype(dtype, copy=False), (X[:, 0] > 0).astype(int)
    if library == "sknn_tips":
        from sknn_tips import MLPClassifier

        model = MLPClassifier(100, max_iter=2, n_threads=1)
    else:
        from sklearn.neural_network import MLPClassifier as Theirs

        model = Theirs(100, max_iter=2)
    before, start = peak(), process_time()
    model.fit(X, y)
    seconds = process_time() - start
    return f"| {library} | {dtype} | {seconds:.1f} | {peak():.2f} GB | {before:.2f} GB |"


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def memory() -> float:
    """Return the memory of the process, in kilobytes, without mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("RssAnon")))


def prediction() -> tuple[float, float]:
    """Return the seconds of this package and of scikit-learn, medians of five alternating runs."""
    from sklearn.neural_network import MLPClassifier as Theirs

    from sknn_tips import MLPClassifier

    rng = np.random.default_rng(0)
    X = rng.standard_normal((1_000_000, 20), dtype=np.float32)
    y = (X[:5000] @ rng.standard_normal((20, 2), dtype=np.float32)).argmax(axis=1)
    models = [MLPClassifier(max_iter=5, tol=None), Theirs(max_iter=5)]
    seconds = [[], []]
    for model in models:
        model.fit(X[:5000], y)
    for _ in range(5):
        for model, found in zip(models, seconds, strict=True):
            start = perf_counter()
            model.predict(X)
            found.append(perf_counter() - start)
    return median(seconds[0]), median(seconds[1])


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
