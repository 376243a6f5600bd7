"""Time the operations of a small training step in torch and in numpy, with one thread.

    python benchmarks/operations.py

The results are the reason why `ops.python` uses both libraries. Times are in microseconds per call,
the best of seven repetitions, with preallocated outputs.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

from timeit import repeat

import numpy as np
import torch

PRODUCTS = [(128, 64, 1), (128, 64, 2), (128, 64, 10), (128, 20, 64), (128, 64, 64)]
PRODUCTS += [(128, 256, 256)]
SHAPES = [(128, 10), (128, 64), (128, 256)]
NAMES = {"add": 2, "sub": 2, "mul": 2, "div": 2, "maximum": 2, "abs": 1, "exp": 1, "log": 1}
NAMES |= {"log1p": 1, "neg": 1, "sqrt": 1, "square": 1, "tanh": 1, "sign": 1, "reciprocal": 1}
NUMPY = {"abs": "absolute", "sub": "subtract", "mul": "multiply", "div": "divide"}
NUMPY["neg"] = "negative"


def microseconds(function) -> float:
    number = 300
    return min(repeat(function, number=number, repeat=7)) / number * 1e6


def product(m: int, k: int, n: int, *, transposed: bool = False) -> tuple[float, float]:
    x, out = torch.rand(m, k), torch.empty(m, n)
    w = torch.rand(n, k).T if transposed else torch.rand(k, n)
    X, W, OUT = x.numpy(), w.numpy(), out.numpy()
    return (
        microseconds(lambda: torch.mm(x, w, out=out)),
        microseconds(lambda: np.dot(X, W, out=OUT)),
    )


def elementwise(name: str, shape: tuple[int, int], *, row: bool = False) -> tuple[float, float]:
    given = [torch.rand(shape) + 0.5, torch.rand(shape[1:] if row else shape) + 0.5]
    given, out = given[: NAMES[name]], torch.empty(shape)
    arrays, OUT = [tensor.numpy() for tensor in given], out.numpy()
    ours, theirs = getattr(torch, name), getattr(np, NUMPY.get(name, name))
    return (
        microseconds(lambda: ours(*given, out=out)),
        microseconds(lambda: theirs(*arrays, out=OUT)),
    )


def main() -> None:
    with torch.inference_mode():
        print("| product | torch | numpy | right matrix transposed: torch | numpy |")
        print("|---|---:|---:|---:|---:|")
        for shape in PRODUCTS:
            found = (*product(*shape), *product(*shape, transposed=True))
            print("| {} x {} x {} |".format(*shape), row_of(found))
        print("\n| operation | " + " | ".join(f"torch, {m} x {n} | numpy" for m, n in SHAPES), "|")
        print("|---|" + "---:|" * 2 * len(SHAPES))
        for name in NAMES:
            print(f"| {name} |", row_of(sum((elementwise(name, shape) for shape in SHAPES), ())))
        found = sum((elementwise("add", shape, row=True) for shape in SHAPES), ())
        print("| add a row |", row_of(found))


def row_of(numbers: tuple[float, ...]) -> str:
    return " | ".join(f"{number:.1f}" for number in numbers) + " |"


if __name__ == "__main__":
    main()
