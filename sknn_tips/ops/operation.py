"""The description of an operation: its kind, inputs, outputs and constants."""

from typing import Any, NamedTuple

import torch

from sknn_tips.ops.kinds import KINDS


class Operation(NamedTuple):
    """One entry of a program, a fixed list of operations on fixed buffers.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    inputs : tuple
        Tensors of at most two dimensions; a random generator; None for an omitted input.
    outputs : tuple of torch.Tensor
    constants : dict of str to float
        In the order of `Kind.constants`.
    """

    kind: str
    inputs: tuple[Any, ...]
    outputs: tuple[torch.Tensor, ...]
    constants: dict[str, float]


def operation(
    kind: str, *inputs: Any, out: torch.Tensor | tuple[torch.Tensor, ...], **constants: float
) -> Operation:
    """Describe ``kind(*inputs, **constants)``, whose result is written to `out`.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    *inputs : torch.Tensor, BitGenerator or None
    out : torch.Tensor or tuple of torch.Tensor
        May be one of the inputs if the operation is element-wise.
    **constants : float
        All constants of the kind.
    """
    names = KINDS[kind].constants
    if set(names) != set(constants):
        raise TypeError(f"{kind} has the constants {names}, not {tuple(constants)}.")
    outputs = out if isinstance(out, tuple) else (out,)
    return Operation(kind, inputs, outputs, {name: constants[name] for name in names})
