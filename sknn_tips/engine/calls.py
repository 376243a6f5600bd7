"""Calls bound to their buffers, by whichever of torch and numpy is faster for them on a CPU.

The engine is written in torch. On a CPU a tensor and a numpy array can be the same memory, and
numpy is faster at much of what a small step does: its matrix products of narrow matrices (torch's
take 10 to 25 us for 2 to 10 columns, numpy's 1 to 3), its exp and tanh (2 to 7 times), and less
time to start any operation (0.3 us instead of 0.9). `benchmarks/operations.py` measures it. With
more than one thread torch does all: two libraries' threads, each waiting busily for the next piece
of work, made a step 30 times slower (`benchmarks/threads.py`).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

Call = Callable[[], Any]

# Faster in numpy where all shapes are equal; torch is faster at broadcasting.
_ELEMENTWISE: dict[Any, np.ufunc] = {
    torch.abs: np.absolute,
    torch.add: np.add,
    torch.div: np.divide,
    torch.exp: np.exp,
    torch.log: np.log,
    torch.log1p: np.log1p,
    torch.maximum: np.maximum,
    torch.mul: np.multiply,
    torch.neg: np.negative,
    torch.sqrt: np.sqrt,
    torch.square: np.square,
    torch.sub: np.subtract,
    torch.tanh: np.tanh,
}


def call(function: Callable[..., Any], *inputs: torch.Tensor, out: torch.Tensor) -> Call:
    """Bind ``function(*inputs, out=out)``, to be called at every step.

    Parameters
    ----------
    function : callable
        A function of torch.
    *inputs : torch.Tensor
    out : torch.Tensor
        Where the result goes; it may be one of the inputs of an elementwise function.
    """
    if out.device.type == "cpu" and torch.get_num_threads() == 1:
        equal_shapes = all(tensor.shape == out.shape for tensor in inputs)
        twin: Any = _ELEMENTWISE.get(function) if equal_shapes else None
        if function is torch.matmul:
            twin = np.dot if out.dim() == 2 else np.matmul
        if twin is not None:
            return partial(twin, *(tensor.numpy() for tensor in inputs), out=out.numpy())
    return partial(function, *inputs, out=out)


def per_network(function: Callable[..., Any], *inputs: Any, **options: Any) -> Call:
    """Bind a function of torch to be called for one stacked network after the other.

    For functions whose vectorised loop rounds otherwise than the plain one that finishes the last
    few values: so every network gets the bits that it would get alone.

    Parameters
    ----------
    function : callable
    *inputs, **options
        Tensors are taken network by network where they are (K, batch, width) on a CPU, as the first
        of them; the rest is handed on as it is.
    """
    first = next(value for value in inputs if isinstance(value, torch.Tensor))
    if first.dim() < 3 or first.device.type != "cpu":
        return partial(function, *inputs, **options)

    def of(k: int, value: Any) -> Any:
        return value[k] if isinstance(value, torch.Tensor) else value

    calls: list[Call] = [
        partial(
            function,
            *[of(k, value) for value in inputs],
            **{name: of(k, value) for name, value in options.items()},
        )
        for k in range(first.shape[0])
    ]
    return partial(run, calls)


def run(calls: list[Call]) -> None:
    """Do one call after the other."""
    for bound in calls:
        bound()
