"""Compare rules for the rate that a learning-rate range test suggests.

    python benchmarks/rate_range.py                 all tables, four seeds; 40 minutes
    python benchmarks/rate_range.py --seeds 2       the table of docs/benchmarks.md
    python benchmarks/rate_range.py digits phoneme  some tables

For each table, network, optimizer and batch size, models are fitted for 30 epochs with each rate of
a grid, on at most 2,000 samples. A rule chooses a rate from the table of the range test. Its regret
is the difference in accuracy or R2, on at most 2,000 held-out samples, between the best rate of the
grid and the rate of the rule. One thread is used.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import sys
import warnings
from itertools import product

import numpy as np
from tables import prepared

from sknn_tips import MLPClassifier, MLPRegressor, learning_rate_range
from sknn_tips.exceptions import NonFiniteWeightsError

BUNDLED = ["breast_cancer", "diabetes", "digits"]
OTHERS = ["abalone", "adult", "bike_sharing_hour", "california_housing", "churn_mlc", "letter"]
OTHERS += ["phoneme", "spambase"]
NETS = [{"hidden_layer_sizes": (100,)}, {"hidden_layer_sizes": (64, 64)}]
NETS.append({"hidden_layer_sizes": (64, 64), "batchnorm": True})
STEPS = [(name, "auto") for name in ("adam", "sgd", "rmsprop", "adagrad")]
STEPS += [("adam", 32), ("sgd", 32)]
RATES = [float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 2, 5)] + [10.0]
ROWS = 2000
# Limit of the regret of a fit; without it, one diverging fit would dominate the mean.
MOST = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help="default: all that are found")
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    tables = options.tables or BUNDLED + OTHERS * ("SKNN_TIPS_DATA" in os.environ)
    warnings.simplefilter("ignore")  # a suggestion that is NaN counts as the lowest rate
    lost: dict[str, list[float]] = {}
    for table, net, step in product(tables, NETS, STEPS):
        runs = [run(table, net, step, seed) for seed in range(options.seeds)]
        for number, (chosen, scores) in enumerate(runs):
            others = np.mean(
                [s for n, (_, s) in enumerate(runs) if n != number] or [scores], axis=0
            )
            chosen["best of the other seeds"] = RATES[int(np.argmax(others))]
            for rule, rate in chosen.items():
                lost.setdefault(rule, []).append(max(scores) - scores[nearest(rate)])
        print(table, net, step, f"{runs[0][0]['suggested']:g}", file=sys.stderr)
    report(lost)


def run(table: str, net: dict, step: tuple, seed: int) -> tuple[dict, np.ndarray]:
    """Return the rate of each rule, and the score with each rate of the grid."""
    regression, X_train, X_test, y_train, y_test = prepared(table, seed)
    train, test = (X_train[:ROWS], y_train[:ROWS]), (X_test[:ROWS], y_test[:ROWS])
    cls = MLPRegressor if regression else MLPClassifier
    params = {"optimizer": step[0], "batch_size": step[1], "max_iter": 30, "tol": None, **net}
    model = cls(**params, learning_rate_init="auto", tips="ignore", random_state=seed)
    found = learning_rate_range(model, *train)
    usual = model.fit(*train).net_.rate
    scores = [score(model.set_params(learning_rate_init=rate), train, test) for rate in RATES]
    return {**rules(found), "usual rate of the optimizer": usual}, np.maximum(scores, 0)


def rules(found) -> dict[str, float]:
    rates, smoothed = (found.table[name].to_numpy() for name in ("learning_rate", "smoothed_loss"))
    best = int(smoothed.argmin())
    slope = np.gradient(smoothed, np.log(rates))
    reached = 0.8 * smoothed[best] + 0.2 * smoothed[0]
    return {
        "suggested": found.suggested_rate,
        "0.1 times the rate of the minimum": 0.1 * rates[best],
        "0.2 times the rate of the minimum": 0.2 * rates[best],
        "0.5 times the rate of the minimum": 0.5 * rates[best],
        "steepest descent": rates[slope[: best + 1].argmin()],
        "80 % of the decrease": rates[(smoothed <= reached).argmax()],
    }


def score(model, train: tuple, test: tuple) -> float:
    try:
        return model.fit(*train).score(*test)
    except (NonFiniteWeightsError, ValueError):  # predictions may overflow
        return 0.0


def nearest(rate: float) -> int:
    return int(np.argmin(np.abs(np.log(np.array(RATES) / rate))))


def report(lost: dict[str, list[float]]) -> None:
    print("| rule | regret, mean | regret, median | fraction above .02 |\n|---|---|---|---|")
    for rule, values in lost.items():
        capped = np.minimum(values, MOST)
        print(
            f"| {rule} | {capped.mean():.4f} | {np.median(values):.4f} |"
            f" {np.mean(np.array(values) > 0.02):.2f} |"
        )
    print(f"\n{len(values)} fits per rule; for the mean, the regret is limited to {MOST}")


if __name__ == "__main__":
    main()
