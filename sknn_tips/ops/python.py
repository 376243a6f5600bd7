"""Run operations one by one, by calls of torch and numpy, on any device.

With more than one thread only torch is used: when the threads of two libraries were both waiting
actively for work, a step was 30 times slower (`benchmarks/threads.py`).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from sknn_tips.ops.kinds import KINDS
from sknn_tips.ops.operation import Operation

Call = Callable[[], Any]


class PythonProgram:
    """A list of operations, each bound to its buffers.

    Parameters
    ----------
    operations : sequence of Operation
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.calls = [bind(each) for each in operations]

    def __call__(self) -> None:
        """Run the operations in order."""
        for bound in self.calls:
            bound()


def bind(operation: Operation) -> Call:
    """Return a function that runs an operation, with numpy where that is faster."""
    kind, inputs = KINDS[operation.kind], operation.inputs
    outputs: Any = operation.outputs
    like = outputs[0]
    if like.device.type == "cpu" and torch.get_num_threads() == 1:
        if kind.numpy is not None and all(x.shape == like.shape for x in inputs):
            return _bound(kind.numpy, operation, lambda tensor: tensor.numpy())
        if operation.kind in _PRODUCTS:
            return _PRODUCTS[operation.kind](inputs, like)
    return _bound(kind.torch, operation, lambda tensor: tensor)


def _bound(
    function: Callable[..., Any], operation: Operation, view: Callable[[torch.Tensor], Any]
) -> Call:
    outputs = tuple(map(view, operation.outputs))
    out = outputs[0] if len(outputs) == 1 else outputs
    return partial(function, *map(view, operation.inputs), out=out, **operation.constants)


def _product(inputs: Sequence[torch.Tensor], out: torch.Tensor) -> Call:
    left, right = inputs
    return partial(np.dot, left.numpy(), right.numpy(), out=out.numpy())


def _sum_rows(inputs: Sequence[torch.Tensor], out: torch.Tensor) -> Call:
    ones = inputs[0].new_ones(1, inputs[0].shape[0])
    return _product((ones, inputs[0]), out)


def _sum_columns(inputs: Sequence[torch.Tensor], out: torch.Tensor) -> Call:
    ones = inputs[0].new_ones(inputs[0].shape[1], 1)
    return _product((inputs[0], ones), out)


# Sums are computed as products with ones, which is the fastest way.
_PRODUCTS: dict[str, Callable[[Sequence[torch.Tensor], torch.Tensor], Call]] = {
    "dot": lambda inputs, out: _product((inputs[0], inputs[1].mT), out),
    "matmul": _product,
    "sum_columns": _sum_columns,
    "sum_rows": _sum_rows,
}
