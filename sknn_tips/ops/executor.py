"""Choose the executor for a list of operations."""

from collections.abc import Callable, Sequence

import torch

from sknn_tips.ops import native
from sknn_tips.ops.native import NativeProgram
from sknn_tips.ops.operation import Operation
from sknn_tips.ops.python import PythonProgram


def compiled(operations: Sequence[Operation], like: torch.Tensor) -> Callable[[], None]:
    """Return a function that runs the operations at every call.

    Parameters
    ----------
    operations : sequence of Operation
    like : torch.Tensor
        Has the dtype and the device of the operands.
    """
    if native.unsupported_reason(like) is None and native.knows(operations):
        return NativeProgram(operations, like.dtype)
    return PythonProgram(operations)
