"""Would a compiled step be faster? A whole epoch in numba next to a fit of ours.

    pip install numba
    python benchmarks/compiled_step.py

The step by hand, for relu, softmax and Adam alone: products by BLAS, all else as plain loops, no
Python in between and no lock held. One thread; the two take turns; medians. Beside it what numba
asks for before the first step: its import, compiling, and loading what was compiled before.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import subprocess
import sys
from itertools import pairwise
from math import sqrt
from statistics import median
from time import perf_counter

import numpy as np
from contestants import data, sknn_tips
from numba import njit

NETS = {
    "20-64-64-2": ((64, 64), 20, 2, 128),
    "20-100-2": ((100,), 20, 2, 200),
    "100-128-64-10": ((128, 64), 100, 10, 128),
    "784-256-256-10": ((256, 256), 784, 10, 128),
}
ROWS, EPOCHS, ROUNDS = 10_240, 5, 5
fast = njit(fastmath=True, nogil=True, cache=True, error_model="numpy")


@fast
def add_and_relu(h, bias):
    zero = np.float32(0)
    for i in range(h.shape[0]):
        for j in range(h.shape[1]):
            h[i, j] = max(h[i, j] + bias[j], zero)


@fast
def slope_of_relu(slope, h, bias_gradient):
    bias_gradient[:] = 0
    for i in range(h.shape[0]):
        for j in range(h.shape[1]):
            if h[i, j] <= 0:
                slope[i, j] = 0
            bias_gradient[j] += slope[i, j]


@fast
def softmax_loss(raw, bias, codes, bias_gradient):
    """Put the slope of the mean loss in the place of the raw output; return the sum of losses."""
    n_rows, total = raw.shape[0], 0.0
    share = np.float32(1 / n_rows)
    bias_gradient[:] = 0
    for i in range(n_rows):
        largest, summed = np.float32(-np.inf), np.float32(0)
        for j in range(raw.shape[1]):
            raw[i, j] += bias[j]
            largest = max(largest, raw[i, j])
        of_class = raw[i, codes[i]] - largest
        for j in range(raw.shape[1]):
            raw[i, j] = np.exp(raw[i, j] - largest)
            summed += raw[i, j]
        total += np.log(summed) - of_class
        for j in range(raw.shape[1]):
            raw[i, j] = raw[i, j] / summed * share - (share if j == codes[i] else np.float32(0))
            bias_gradient[j] += raw[i, j]
    return total


@fast
def adam(weights, gradient, mean, square, rate, n_steps):
    b1, b2, one, eps = np.float32(0.9), np.float32(0.999), np.float32(1), np.float32(1e-8)
    rate = np.float32(rate / (1 - 0.9**n_steps))
    scale = np.float32(1 / sqrt(1 - 0.999**n_steps))
    for i in range(weights.size):
        g = gradient[i]
        mean[i] = b1 * mean[i] + (one - b1) * g
        square[i] = b2 * square[i] + (one - b2) * g * g
        weights[i] -= rate * mean[i] / (np.sqrt(square[i]) * scale + eps)


@njit(nogil=True, cache=True)
def epoch(X, y, order, batch, W, b, gW, gb, H, D, memory, n_steps):
    last, total = len(W) - 1, 0.0
    x, codes = np.empty((batch, X.shape[1]), np.float32), np.empty(batch, np.int64)
    for at in range(0, len(order) - batch + 1, batch):
        for i in range(batch):
            codes[i] = y[order[at + i]]
            x[i] = X[order[at + i]]
        below = x
        for k in range(last + 1):
            np.dot(below, W[k], H[k])
            if k < last:
                add_and_relu(H[k], b[k])
            below = H[k]
        total += softmax_loss(H[last], b[last], codes, gb[last])
        slope = H[last]
        for k in range(last, -1, -1):
            below = x if k == 0 else H[k - 1]
            np.dot(below.T, slope, gW[k])
            if k > 0:
                np.dot(slope, W[k].T, D[k - 1])
                slope_of_relu(D[k - 1], H[k - 1], gb[k - 1])
                slope = D[k - 1]
        n_steps += 1
        adam(memory[0], memory[1], memory[2], memory[3], 0.001, n_steps)
    return total / len(order), n_steps


def compiled(X, y, hidden, batch):
    """Return a function that trains some epochs, as `contestants` have it."""
    rng, widths = np.random.RandomState(0), [X.shape[1], *hidden, int(y.max()) + 1]
    shapes = list(pairwise(widths))
    memory = np.zeros((4, sum(i * o + o for i, o in shapes)), np.float32)
    W, b = views(memory[0], shapes)
    gW, gb = views(memory[1], shapes)
    for weight in W:
        weight[:] = rng.uniform(-1, 1, weight.shape) * np.sqrt(6 / sum(weight.shape))
    H = tuple(np.zeros((batch, width), np.float32) for width in widths[1:])
    D = tuple(np.zeros((batch, width), np.float32) for width in hidden)
    n_steps = 0

    def fit(epochs: int) -> float:
        nonlocal n_steps
        loss = 0.0
        for _ in range(epochs):
            order = rng.permutation(len(X))
            loss, n_steps = epoch(X, y, order, batch, W, b, gW, gb, H, D, memory, n_steps)
        return loss

    return fit


def views(vector, shapes):
    """Return weights and biases as parts of one vector."""
    weights, biases, at = [], [], 0
    for shape in shapes:
        weights.append(vector[at : at + shape[0] * shape[1]].reshape(shape))
        at += shape[0] * shape[1]
    for _, n_out in shapes:
        biases.append(vector[at : at + n_out])
        at += n_out
    return tuple(weights), tuple(biases)


def main() -> None:
    print(f"import of numba: {import_seconds():.2f} s")
    print("| network | ours, us a step | numba | ours / numba | its first call, s |")
    print("|---|---:|---:|---:|---:|")
    for name, (hidden, n_features, n_classes, batch) in NETS.items():
        X, y = data(n_features, n_classes, ROWS)
        theirs = compiled(X, y, hidden, batch)
        mine = sknn_tips(X, y, hidden, batch, EPOCHS)
        first = seconds(lambda theirs=theirs: theirs(1))
        mine()
        times = {"ours": [], "numba": []}
        for _ in range(ROUNDS):
            times["ours"].append(seconds(mine))
            times["numba"].append(seconds(lambda theirs=theirs: theirs(EPOCHS)))
        per_step = 1e6 / (EPOCHS * -(-ROWS // batch))
        ours, numba = (per_step * median(each) for each in times.values())
        print(f"| {name} | {ours:.0f} | {numba:.0f} | {ours / numba:.2f} | {first:.2f} |")


def import_seconds() -> float:
    """Return how long a fresh process that has numpy imports numba."""
    code = "import numpy; from time import time; t = time(); import numba; print(time() - t)"
    command = [sys.executable, "-c", code]
    return median(float(subprocess.check_output(command)) for _ in range(3))


def seconds(function) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


if __name__ == "__main__":
    main()
