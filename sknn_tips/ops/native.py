"""Run operations without the interpreter, many steps per call, in the compiled module `_native`.

The module exists if the package was installed from a wheel or with a C compiler. It is not used if
the environment has ``SKNN_TIPS_PURE=1``.
"""

import os
import struct
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from itertools import chain
from typing import Any

import numpy as np
import torch

from sknn_tips.ops.operation import Operation

# A run returns after this time, so that Ctrl-C is handled and other Python threads can run.
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


def unsupported_reason(like: torch.Tensor) -> str | None:
    """Return why operations on such tensors cannot run here, or None if they can.

    They can on a CPU with one thread. A step that is large enough for several threads takes
    milliseconds, so the cost of calls from Python is small.
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
    """Return whether all operations can run here: dropout masks need numpy's generator."""
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
        The dtype of all operands except class codes, counters and the learning rate.
    """

    def __init__(self, operations: Sequence[Operation], dtype: torch.dtype) -> None:
        self.operations = list(operations)  # keeps the buffers alive
        self._module = module()
        packed = b"".join(map(_Packer(), operations))
        self._program = self._module.program(packed, _FLOATS[dtype])

    def __call__(self) -> None:
        """Run the operations once."""
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
        """Run the operations on one batch after another, for a limited time.

        Parameters
        ----------
        n_steps : int
            Maximum number of steps.
        batch : int
            Number of samples in each batch.
        order : torch.Tensor of int64, or None
            The indices of the samples; None if the samples are used in their own order.
        start : int
            The position of the first batch, in `order` or in the samples.
        rate : torch.Tensor of float64
            The learning rate; overwritten before each step if there are `rates`.
        rates : ndarray of shape (n_steps,) or None
        total : torch.Tensor
            A number that ends the run if it is not finite after a step.

        Returns
        -------
        n_done : int
            Number of steps that were run.
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


class _Packer:
    """Pack operations into the C structure.

    Operations share buffers, and querying a tensor's address and strides takes most of the time, so
    each tensor is queried once.
    """

    def __init__(self) -> None:
        self.codes: dict[str, int] = {name: i for i, name in enumerate(module().KINDS)}
        self.places: dict[int, _Place] = {}

    def __call__(self, operation: Operation) -> bytes:
        kind, inputs, outputs, constants = operation
        places = [self.place(each) for each in inputs]
        results = [self.place(each) for each in outputs]
        _, rows, columns, _, _ = results[0]
        inner = _INNER.get(kind)
        if kind == "gather":
            source = inputs[0]
            operands = [(source.data_ptr(), source.stride(0) * source.element_size(), 1)]
        elif inner is None:
            operands = [_repeated(each, rows, columns) for each in places]
        else:
            operands = [_steps(each) for each in places]
        operands += [_ABSENT] * (_N_INPUTS - len(operands))
        operands += map(_steps, results)
        operands += [_ABSENT] * (_N_INPUTS + _N_OUTPUTS - len(operands))
        return _LAYOUT.pack(
            self.codes[kind],
            rows,
            columns,
            inner(inputs, outputs) if inner else 0,
            *chain.from_iterable(operands),
            *constants.values(),
            *[0.0] * (_N_CONSTANTS - len(constants)),
        )

    def place(self, value: Any) -> "_Place":
        found = self.places.get(id(value))
        if found is None:
            found = self.places[id(value)] = _place(value)
        return found


_Place = tuple[int, int, int, int, int]
"""Address, rows, columns, and the strides to the next row and column."""


def _place(value: Any) -> _Place:
    """Return the address and layout of an operand; a vector is one row."""
    if value is None:
        return 0, 0, 0, 0, 0
    if isinstance(value, np.random.BitGenerator):
        return value.ctypes.bit_generator.value, 0, 0, 0, 0
    if value.dim() == 2:
        (rows, columns), (row, column) = value.shape, value.stride()
        column = column if columns > 1 else 1
        return value.data_ptr(), rows, columns, row if rows > 1 else columns * column, column
    columns = value.numel()
    return value.data_ptr(), 1, columns, columns, 1


def _steps(place: _Place) -> tuple[int, int, int]:
    """Return the address of an operand, and its strides to the next row and column."""
    address, _, _, row, column = place
    return address, row, column


def _repeated(place: _Place, n_rows: int, n_columns: int) -> tuple[int, int, int]:
    """Return the same with strides of 0 for dimensions that are broadcast to the result."""
    address, rows, columns, row, column = place
    if rows == columns == 1:
        return address, 0, 0
    return address, row if rows == n_rows else 0, column if columns == n_columns else 0


def _row_bytes(outputs: Sequence[torch.Tensor]) -> int:
    return outputs[0].shape[-1] * outputs[0].element_size()


# The size that a kind needs besides the shape of its result, computed from inputs and outputs.
_INNER: dict[str, Callable[[Sequence[Any], Sequence[torch.Tensor]], int]] = {
    "dot": lambda inputs, _: inputs[0].numel(),
    "gather": lambda _, outputs: _row_bytes(outputs),
    "matmul": lambda inputs, _: inputs[0].shape[-1],
    "max_columns": lambda inputs, _: inputs[0].shape[-1],
    "skip_if_zero": lambda inputs, _: inputs[0].numel(),
    "sum_columns": lambda inputs, _: inputs[0].shape[-1],
    "sum_rows": lambda inputs, _: inputs[0].shape[0],
}
