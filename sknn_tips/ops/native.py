"""Runs operations without the interpreter, many steps at a time, by the compiled module `_native`.

It is there where the package was installed with a C compiler or from a wheel, and left out where
the environment has ``SKNN_TIPS_PURE=1``.
"""

import os
import struct
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import torch

from sknn_tips.ops.operation import Operation

# After so long a run returns, so that Ctrl-C is heard and other threads' Python goes on.
SECONDS = 0.05

_N_INPUTS, _N_OUTPUTS, _N_CONSTANTS = 6, 2, 8
_ABSENT = (0, 0, 0)
_LAYOUT = struct.Struct(f"=4q{3 * (_N_INPUTS + _N_OUTPUTS)}q{_N_CONSTANTS}d")

_FLOATS = {torch.float32: False, torch.float64: True}


def module() -> Any:
    """Return the compiled module, or None."""
    return _found()[0]


@cache
def _found() -> tuple[Any, str | None]:
    if os.environ.get("SKNN_TIPS_PURE", "0") not in ("", "0"):
        return None, "SKNN_TIPS_PURE is set"
    try:
        _native: Any = import_module("sknn_tips.ops._native")
    except ImportError as error:
        return None, f"the compiled part of the package is not here ({error})"
    if _LAYOUT.size != _native.OPERATION_SIZE:
        return None, "the compiled part is of another version of the package: install it again"
    return _native, None


def why_not(like: torch.Tensor) -> str | None:
    """Return why operations on such tensors cannot run here; None where they can.

    They can on a CPU, by one thread: a step that is worth several threads takes milliseconds, and
    calls from Python cost it little.
    """
    missing = _found()[1]
    if missing is not None:
        return missing
    if like.device.type != "cpu":
        return f"the device is {like.device.type}"
    if like.dtype not in _FLOATS:
        return f"the dtype is {like.dtype}"
    n_threads = torch.get_num_threads()
    return None if n_threads == 1 else f"a step takes {n_threads} threads"


def knows(operations: Sequence[Operation]) -> bool:
    """Say whether all operations can run here: masks are drawn from numpy's bits alone."""
    return all(
        isinstance(each.inputs[0], np.random.BitGenerator)
        for each in operations
        if each.kind == "dropout"
    )


class NativeProgram:
    """A list of operations for the compiled executor.

    Parameters
    ----------
    operations : sequence of Operation
    dtype : torch.dtype
        Of all numbers but codes, counters and the learning rate.
    """

    def __init__(self, operations: Sequence[Operation], dtype: torch.dtype) -> None:
        self.operations = list(operations)  # keeps the buffers alive
        self._module = module()
        codes = {name: code for code, name in enumerate(self._module.KINDS)}
        packed = b"".join(_packed(each, codes) for each in operations)
        self._program = self._module.program(packed, _FLOATS[dtype])

    def __call__(self) -> None:
        """Do the operations once."""
        self._module.run(self._program, 1, 0, 0, 0, 0, 0, 0, SECONDS)

    def run(
        self,
        n_steps: int,
        *,
        batch: int,
        order: torch.Tensor | None,
        start: int,
        rate: torch.Tensor,
        rates: np.ndarray | None,
        total: torch.Tensor,
    ) -> int:
        """Do the operations for one batch after the other, for some time at most.

        Parameters
        ----------
        n_steps : int
        batch : int
            Samples of each batch.
        order : torch.Tensor of int64, or None
            The numbers of the samples; None for their own order.
        start : int
            Where the first batch begins, in `order` or in the samples.
        rate : torch.Tensor of float64
            The learning rate, written to before each step where there are `rates`.
        rates : ndarray of shape (n_steps,) or None
        total : torch.Tensor
            Number that ends the run when it is not finite after a step.

        Returns
        -------
        n_done : int
        """
        index = 0 if order is None else order.data_ptr() + start * order.element_size()
        done: int = self._module.run(
            self._program,
            n_steps,
            index,
            start,
            batch,
            0 if rates is None else rates.ctypes.data,
            rate.data_ptr(),
            total.data_ptr(),
            SECONDS,
        )
        return done


def _packed(operation: Operation, codes: dict[str, int]) -> bytes:
    """Return an operation as the C structure."""
    shape = _shape(operation.outputs[0])
    inner = _INNER.get(operation.kind)
    operands = [_operand(each) for each in operation.inputs]
    if operation.kind == "gather":
        source = operation.inputs[0]
        operands = [(source.data_ptr(), source.stride(0) * source.element_size(), 1)]
    elif inner is None:
        pairs = zip(operands, operation.inputs, strict=True)
        operands = [_repeated(operand, each, shape) for operand, each in pairs]
    operands += [_ABSENT] * (_N_INPUTS - len(operands))
    operands += [_operand(each) for each in operation.outputs]
    operands += [_ABSENT] * (_N_INPUTS + _N_OUTPUTS - len(operands))
    constants = [float(value) for value in operation.constants.values()]
    constants += [0.0] * (_N_CONSTANTS - len(constants))
    flat = [number for operand in operands for number in operand]
    return _LAYOUT.pack(
        codes[operation.kind], *shape, inner(operation) if inner else 0, *flat, *constants
    )


def _operand(value: Any) -> tuple[int, int, int]:
    """Return where something is: its address, and the steps to the next row and column."""
    if value is None:
        return _ABSENT
    if isinstance(value, np.random.BitGenerator):
        return value.ctypes.bit_generator.value, 0, 0
    rows, columns = _shape(value)
    row, column = value.stride() if value.dim() == 2 else (columns, 1)
    column = column if columns > 1 else 1
    return value.data_ptr(), row if rows > 1 else columns * column, column


def _repeated(
    operand: tuple[int, int, int], value: Any, shape: tuple[int, int]
) -> tuple[int, int, int]:
    """Return an operand that has one row or column as often as the result has it."""
    if not isinstance(value, torch.Tensor):
        return operand
    address, row, column = operand
    rows, columns = _shape(value)
    if rows == columns == 1:
        return address, 0, 0
    return address, row if rows == shape[0] else 0, column if columns == shape[1] else 0


def _shape(tensor: torch.Tensor) -> tuple[int, int]:
    """Return rows and columns: a vector is one row."""
    if tensor.dim() == 2:
        return tensor.shape[0], tensor.shape[1]
    return 1, tensor.numel()


# What a kind needs to know besides the shape of its result.
_INNER: dict[str, Callable[[Operation], int]] = {
    "dot": lambda operation: operation.inputs[0].numel(),
    "gather": lambda operation: (
        _shape(operation.outputs[0])[1] * operation.outputs[0].element_size()
    ),
    "matmul": lambda operation: _shape(operation.inputs[0])[1],
    "max_columns": lambda operation: _shape(operation.inputs[0])[1],
    "skip_if_zero": lambda operation: operation.inputs[0].numel(),
    "sum_columns": lambda operation: _shape(operation.inputs[0])[1],
    "sum_rows": lambda operation: _shape(operation.inputs[0])[0],
}
