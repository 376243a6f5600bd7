"""The state that training continues from in the next call, in one place."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips.nn.losses import Loss
from sknn_tips.optim.optimizers import OptimizerChoice

Moments = dict[str, Any]
"""Optimizer state: ``"rate"``, that of the last step, and ``"state"``, the tensors by name."""


@dataclass
class TrainingState:
    """Everything that continued training needs; a `Net` has an attribute for each field.

    A warm start, the rollback after a failure, pickles and model files copy it as a whole. To add
    something to the state, add a field here; no other change is needed. A field with a default may
    be missing in a file of an earlier version.

    Attributes
    ----------
    tensors : list of torch.Tensor
        The parameters in one vector, then the running statistics of batch norm.
    moments : dict or None
        State of the optimizer; None before its first step.
    random_state : numpy.random.RandomState, or dict
        Draws weights, permutations and the seed of the dropout generator; in a copy, the dict of
        its ``get_state``.
    generator_state : ndarray of uint8, or None
        State of the generator that dropout draws from.
    criterion_ : Loss
    lr : float
        The learning rate of the last step.
    optimizer_choice : OptimizerChoice or None
        Name and options that the optimizer was built from.
    samples_seen : int
        Number of samples trained on since the first fit (scikit-learn's ``t_``).
    steps_seen : int
        Number of updates since the first fit.
    partial_epochs : int
        Number of calls of ``partial_fit`` since the last fit, which a schedule counts as epochs.
    no_improvement_count : int
        The stopping rule's count at the end of the last training.
    split_state : tuple, dict or None
        The state of `random_state` before the validation split, so that a warm start draws the same
        split again and never validates on samples it was trained on.
    averaging : dict or None
        If the network holds an average of its parameters: the ``"parameters"`` that training
        continues from, and the ``"total"`` of the weights in the average.
    tier_ : {"T0", "T1", "T2"}
        How the network was trained: T0 by the engine, T1 by autograd, T2 by autograd with callbacks
        at every batch.
    """

    tensors: list[torch.Tensor]
    moments: Moments | None
    random_state: Any
    generator_state: NDArray[np.uint8] | None
    criterion_: Loss
    lr: float
    optimizer_choice: OptimizerChoice | None = None
    samples_seen: int = 0
    steps_seen: int = 0
    partial_epochs: int = 0
    no_improvement_count: int = 0
    split_state: Any = None
    averaging: dict[str, torch.Tensor] | None = None
    tier_: str = "T0"

    @classmethod
    def of(cls, net: Any) -> "TrainingState":
        """Return the present state of a net, with its own tensors, not copies."""
        return cls(**{name: getattr(net, name) for name in NAMES})

    def put_into(self, net: Any) -> None:
        """Set this state in a net of the same network, on the net's device."""
        device = net.flat.vector.device
        # torch's optimizers keep counts of steps, which have no dimension, on the CPU
        moved = self.changed(torch.Tensor, lambda t: t.to(device) if t.dim() else t)
        for name in NAMES:
            value = getattr(moved, name)
            if name == "random_state" and isinstance(value, dict):
                net.random_state.set_state(value)
            else:
                setattr(net, name, value)

    def copied(self) -> "TrainingState":
        """Return a copy that further training does not change."""
        copy = self.changed(torch.Tensor, lambda tensor: tensor.detach().clone())
        copy.random_state = self.random_state.get_state(legacy=False)
        return copy

    def changed(self, kind: type, change: Callable[[Any], Any]) -> "TrainingState":
        """Return the state with `change` applied to all values of type `kind`, also nested ones."""
        return TrainingState(**changed(vars(self), kind, change))


NAMES = tuple(field.name for field in fields(TrainingState))
DEFAULTS = {
    field.name: field.default for field in fields(TrainingState) if field.default is not MISSING
}


def changed(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """Return nested dicts, lists and tuples with `change` applied to all values of type `kind`."""
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, dict):
        return {key: changed(each, kind, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(changed(each, kind, change) for each in value)
    return value
