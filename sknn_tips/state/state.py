"""What training carries on from one call to the next, in one place."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips.nn.losses import Loss
from sknn_tips.optim.optimizers import OptimizerChoice

Moments = dict[str, Any]
"""What an optimizer knows: ``"rate"``, that of the last step, and ``"state"``, tensors by name."""


@dataclass
class TrainingState:
    """All that makes training go on; a `Net` has an attribute of each of these names.

    A warm start, the return to what was before a failure, pickles and model files copy it as a
    whole, so that what training newly carries on needs a field here and nothing else. One with a
    default may be missing in a file that an earlier version wrote.

    Attributes
    ----------
    tensors : list of torch.Tensor
        The parameters in one vector, then the norms' running statistics.
    moments : dict or None
        Of the optimizer; None before it made a step.
    random_state : numpy.random.RandomState, or dict
        Draws weights, permutations and the seed of the dropout generator; in a copy, its numbers.
    generator_state : ndarray of uint8, or None
        Of the generator that dropout draws from.
    criterion_ : Loss
    lr : float
        The learning rate of the last step.
    optimizer_choice : OptimizerChoice or None
        What the optimizer was built from.
    samples_seen : int
        Rows trained on since the first fit (scikit-learn's ``t_``).
    steps_seen : int
        Updates since the first fit.
    partial_epochs : int
        Calls of ``partial_fit`` since the last fit, which a schedule counts as epochs.
    no_improvement_count : int
        The stopping rule's count at the end of the last training.
    split_state : tuple, dict or None
        The state `random_state` had before the validation split, so that a warm start draws the
        same split again and never validates on rows it was trained on.
    averaging : dict or None
        Where the network has an average of its parameters, ``"parameters"`` that training goes on
        from, and the ``"total"`` of the weights in the average.
    tier_ : {"T0", "T1", "T2"}
        What trained: T0 the engine, T1 autograd, T2 autograd with callbacks at every batch.
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
        """Return what a net has now; its tensors, not copies of them."""
        return cls(**{name: getattr(net, name) for name in NAMES})

    def put_into(self, net: Any) -> None:
        """Let a net of this network go on from here."""
        for name in NAMES:
            value = getattr(self, name)
            if name == "random_state" and isinstance(value, dict):
                net.random_state.set_state(value)
            else:
                setattr(net, name, value)

    def copied(self) -> "TrainingState":
        """Return a copy that training on leaves as it is."""
        copy = self.changed(torch.Tensor, lambda tensor: tensor.detach().clone())
        copy.random_state = self.random_state.get_state(legacy=False)
        return copy

    def changed(self, kind: type, change: Callable[[Any], Any]) -> "TrainingState":
        """Return the same with every value of a kind changed, also within lists and dicts."""
        return TrainingState(**changed(vars(self), kind, change))


NAMES = tuple(field.name for field in fields(TrainingState))
DEFAULTS = {
    field.name: field.default for field in fields(TrainingState) if field.default is not MISSING
}


def changed(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """Return nested dicts, lists and tuples with every member of a kind changed."""
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, dict):
        return {key: changed(each, kind, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(changed(each, kind, change) for each in value)
    return value
