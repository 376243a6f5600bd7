"""Time a training step of the compiled executor, and its matrix products and copying alone.

    python benchmarks/steps.py

The times are medians of nine epochs in microseconds, in one process with one thread, after a
warm-up. The networks use softmax, Adam and L2.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))
from sknn_tips.nn.flat import FlatParameters
from sknn_tips.nn.losses.classification import SoftmaxLogLoss
from sknn_tips.nn.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.nn.program import Penalties, Program
from sknn_tips.ops import native
from sknn_tips.ops.native import NativeProgram
from sknn_tips.ops.operation import operation
from sknn_tips.ops.python import PythonProgram
from sknn_tips.optim.optimizers import Adam

NETS = {  # features, hidden layers, classes, batch
    "20-64-64-2": (20, (64, 64), 2, 128),
    "20-100-2": (20, (100,), 2, 200),
    "64-100-10": (64, (100,), 10, 200),
    "100-128-64-10": (100, (128, 64), 10, 128),
    "784-256-256-10": (784, (256, 256), 10, 128),
}
N_STEPS = 50


def operations_of(name: str, dtype: torch.dtype) -> tuple[list, list, dict]:
    """Return all operations of a step, those for products and copying, and arguments of a run."""
    n_features, hidden, n_classes, batch = NETS[name]
    layers = tuple(HiddenLayer(units, "relu") for units in hidden)
    module = MLP(Network(n_features, n_classes, layers), dtype=dtype)
    draw_weights(module, "auto", {}, ["relu"] * (len(hidden) + 1), np.random.RandomState(0))
    flat = FlatParameters(module)
    total, rate = torch.zeros(1, 1, dtype=dtype), torch.tensor(1e-3, dtype=torch.float64)
    program = Program(
        flat.memory, SoftmaxLogLoss(), Penalties(alpha=1e-4), batch, weighted=False, total=total
    )
    X = torch.randn(10_000, n_features, dtype=dtype)
    y = torch.randint(0, n_classes, (10_000, 1))
    rows = [
        operation("gather", X, out=program.x),
        operation("gather", y, out=program.given_target),
    ]
    changes = Adam(flat.vector.detach(), flat.grad, {}).operations(rate)
    order = torch.randperm(10_000)
    given = {"batch": batch, "order": order, "start": 0, "rate": rate, "rates": None}
    products = [each for each in program.operations if each.kind == "matmul"]
    whole = [*rows, *program.operations, *changes]
    return whole, [*rows, *products], {**given, "total": total}


def microseconds(function: Callable[[], object], steps: int) -> float:
    function()
    found = []
    for _ in range(9):
        start = perf_counter()
        function()
        found.append((perf_counter() - start) / steps * 1e6)
    return median(found)


def by_executor(operations: list, given: dict, dtype: torch.dtype) -> float:
    program = NativeProgram(operations, dtype)
    return microseconds(lambda: program.run(N_STEPS, **given), N_STEPS)


def row(name: str) -> list[float]:
    whole, products, given = operations_of(name, torch.float32)
    module, best = native.module(), native.module().instruction_set()
    found = [microseconds(PythonProgram([o for o in products if o.kind == "matmul"]), 1)]
    found += [by_executor(each, given, torch.float32) for each in (products, whole)]
    for instructions in ("avx2", "baseline"):
        usable = instructions in module.instruction_sets()
        module.use_instruction_set(instructions if usable else "baseline")
        found.append(by_executor(whole, given, torch.float32))
    module.use_instruction_set(best)
    whole, _, given = operations_of(name, torch.float64)
    return [*found, by_executor(whole, given, torch.float64)]


def main() -> None:
    if native.module() is None:
        sys.exit("The compiled executor is not installed.")
    torch.set_num_threads(1)
    best = native.module().instruction_set()
    print(
        f"| network | products by numpy | products and copying | whole step, {best} | avx2 |",
        end="",
    )
    print(f" baseline | {best}, float64 |\n|---|" + "---:|" * 6)
    with torch.no_grad(), np.errstate(all="ignore"):
        for name in NETS:
            print(f"| {name} | " + " | ".join(f"{each:.0f}" for each in row(name)) + " |")


if __name__ == "__main__":
    main()
