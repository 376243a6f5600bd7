"""Base class of the engine's update rules, which implement the optimizers.

The rules reproduce torch's optimizers to the last digit and keep their state under the same names,
so that training can continue with either implementation.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch

from sknn_tips.nn.memory import RateGroup
from sknn_tips.ops.operation import Operation, operation

State = dict[str, torch.Tensor]


class Rule(ABC):
    """An update rule for all parameters.

    Parameters
    ----------
    parameters, gradient : torch.Tensor
        (n_parameters,)
    state : dict
        Optimizer state of an earlier training run, to continue it; empty to start anew.
    groups : sequence of RateGroup
        Parts of the parameters with their learning rates; by default one group for all.

    Attributes
    ----------
    state : dict of str to torch.Tensor
        The optimizer state under torch's names.
    """

    def __init__(
        self,
        parameters: torch.Tensor,
        gradient: torch.Tensor,
        state: State,
        groups: Sequence[RateGroup] = (RateGroup(slice(None), 1.0),),
    ) -> None:
        self.parameters, self.gradient, self.state = parameters, gradient, state
        self.groups = groups

    @abstractmethod
    def operations(self, rate: torch.Tensor) -> list[Operation]:
        """Return the operations of one parameter update.

        Parameters
        ----------
        rate : torch.Tensor
            () The learning rate, read at every step.
        """

    def _count(self) -> Operation:
        """Return the operation that counts the steps, as torch does."""
        count = self.state.get("step", torch.zeros(()))
        self.state["step"] = count.to(self.parameters.device)
        return operation("count", out=self.state["step"])

    def _zeros(self, name: str) -> torch.Tensor:
        """Return a state tensor with one value per parameter, initially zero."""
        if name not in self.state:
            self.state[name] = torch.zeros_like(self.parameters)
        return self.state[name]

    def _updates(
        self, kind: str, *inputs: torch.Tensor | None, **constants: float
    ) -> list[Operation]:
        """Return one operation per group, on that group's part of the parameters and state."""
        return [
            operation(
                kind,
                *[self._part(each, part) for each in inputs],
                out=self.parameters[part],
                factor=factor,
                **constants,
            )
            for part, factor in self.groups
        ]

    def _part(self, values: torch.Tensor | None, part: slice) -> torch.Tensor | None:
        if values is None or values.shape != self.parameters.shape:
            return values
        return values[part]
