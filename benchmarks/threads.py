"""Find the size of a step from which a second CPU thread helps, for `FLOP_PER_THREAD`.

    python benchmarks/threads.py

For networks of increasing width, the script prints the median time of a step with one thread and
with all cores, in alternating runs. The result determines `runtime.threads.FLOP_PER_THREAD`, the
number of floating-point operations per step from which several threads are used.
"""

import statistics
from time import perf_counter

import numpy as np

from sknn_tips import MLPClassifier
from sknn_tips.estimators import networks, plans
from sknn_tips.runtime.threads import _cores

BATCH = 128
WIDTHS = [64, 128, 192, 256, 384, 512, 768]
REPEATS = 5


def main() -> None:
    cores = _cores()
    print(f"batch {BATCH}, 64 inputs, two hidden layers, 10 classes; {cores} cores")
    print("| width | MFLOP per step | 1 thread, us | all cores, us | speedup |")
    print("|---|---|---|---|---|")
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(BATCH * 20, 64)).astype(np.float32), rng.randint(0, 10, BATCH * 20)
    for width in WIDTHS:
        times = {1: [], cores: []}
        for _ in range(REPEATS):
            for threads in times:
                times[threads].append(microseconds(width, threads, X, y))
        one, many = (statistics.median(times[threads]) for threads in (1, cores))
        clf = MLPClassifier((width, width), batch_size=BATCH)
        flop = plans.step_flop(clf, networks.network_of(clf, 64, 10), len(X))
        print(f"| {width} | {flop / 1e6:.1f} | {one:.0f} | {many:.0f} | {one / many:.2f} |")


def microseconds(width: int, threads: int, X: np.ndarray, y: np.ndarray) -> float:
    clf = MLPClassifier((width, width), batch_size=BATCH, max_iter=5, tol=None, n_threads=threads)
    start = perf_counter()
    clf.fit(X, y)
    return (perf_counter() - start) / (5 * 20) * 1e6


if __name__ == "__main__":
    main()
