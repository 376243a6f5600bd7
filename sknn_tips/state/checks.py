"""Checks of a stored net, whose values may have been changed.

torch would broadcast tensors of other shapes, and a random generator would read beyond its end.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import torch

from sknn_tips.nn.module import Network
from sknn_tips.state.net import Net
from sknn_tips.state.state import TrainingState

_MT19937_SIZE = 624


def check_values(values: Mapping[str, Any], network: Network, known: Collection[str]) -> None:
    """Raise ValueError for values from which no net can be made.

    This also prevents the creation of networks that are larger than the stored weights.
    """
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"its net has no attribute {', '.join(map(repr, unknown))}")
    tensors = values["tensors"]
    types = {getattr(tensor, "dtype", None) for tensor in tensors}
    if len(types) != 1 or not types <= {np.dtype(np.float32), np.dtype(np.float64)}:
        raise ValueError(f"its tensors are of types {', '.join(map(str, types))}")
    needed = sum((n_in + 1) * units * pieces for n_in, units, pieces in network.widths)
    if not tensors or needed > tensors[0].size:
        raise ValueError(f"the network {network.summary} needs more weights than there are")
    check_generator(values["random_state"])
    if values.get("split_state") is not None:
        check_generator_state(values["split_state"])


def check_shapes(state: TrainingState, net: Net) -> None:
    """Raise ValueError for tensors of other shapes than those of the net."""
    ours = [tuple(tensor.shape) for tensor in net.tensors]
    found = [tuple(tensor.shape) for tensor in state.tensors]
    if found != ours:
        raise ValueError(f"its tensors have the shapes {found}; the network's are {ours}")
    averaging = state.averaging or {"parameters": state.tensors[0], "total": torch.zeros(1)}
    if [tuple(averaging[name].shape) for name in ("parameters", "total")] != [ours[0], (1,)]:
        raise ValueError("the average of its weights has another shape")
    if state.optimizer_choice is not None and state.optimizer_choice.entry.own:
        return  # which state it has is not known
    for name, value in (state.moments or {"state": {}})["state"].items():
        if value.dim() and tuple(value.shape) != ours[0]:
            raise ValueError(f"{name} of the optimizer has shape {tuple(value.shape)}")


def check_history(rows: Any) -> None:
    """Raise ValueError unless the history is a list of rows with names of columns."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("its history is no list of rows")
    for name in {name for row in rows for name in row}:
        if not isinstance(name, str):
            raise ValueError(f"its history has a column {name!r}")


def check_generator(generator: Any) -> None:
    """Raise an error unless it is a RandomState with a valid position."""
    if not isinstance(generator, np.random.RandomState):
        raise TypeError(f"its random generator is of type {type(generator).__name__}")
    check_generator_state(generator.get_state(legacy=False))


def check_generator_state(state: Any) -> None:
    """Raise an error for a state of numpy's generator that would read beyond its end.

    Parameters
    ----------
    state : tuple or dict
        As from ``RandomState.get_state``. Those of other generators than MT19937 are not checked,
        since they have no position.
    """
    if isinstance(state, dict):
        inner = state["state"]
        name, numbers, position = state["bit_generator"], inner.get("key"), inner.get("pos")
    else:
        name, numbers, position, _, _ = state
    if name != "MT19937":
        return
    if numbers.shape != (_MT19937_SIZE,) or not 0 <= position <= _MT19937_SIZE:
        raise ValueError(
            f"the state of a random generator has {numbers.size} numbers and position {position}"
        )
