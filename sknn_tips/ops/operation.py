"""An operation: what is computed, from which buffers, into which."""

from typing import Any, NamedTuple

import torch

from sknn_tips.ops.alphabet import KINDS


class Operation(NamedTuple):
    """One entry of a program, a fixed list of operations on fixed buffers.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    inputs : tuple
        Tensors of at most two dimensions; what draws random bits; None for one that is left out.
    outputs : tuple of torch.Tensor
    constants : dict of str to float
        In the order of the kind's.
    """

    kind: str
    inputs: tuple[Any, ...]
    outputs: tuple[torch.Tensor, ...]
    constants: dict[str, float]


def operation(
    kind: str, *inputs: Any, out: torch.Tensor | tuple[torch.Tensor, ...], **constants: float
) -> Operation:
    """Describe ``kind(*inputs, **constants)``, whose result goes to `out`.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    *inputs : torch.Tensor, BitGenerator or None
    out : torch.Tensor or tuple of torch.Tensor
        It may be one of the inputs of an element-wise operation.
    **constants : float
        All that the kind has.
    """
    names = KINDS[kind].constants
    if set(names) != set(constants):
        raise TypeError(f"{kind} has the constants {names}, not {tuple(constants)}.")
    outputs = out if isinstance(out, tuple) else (out,)
    return Operation(kind, inputs, outputs, {name: constants[name] for name in names})
