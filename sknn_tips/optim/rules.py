"""What the engine's rules of the optimizers share: how a gradient changes the parameters.

They follow torch's optimizers to the last digit and keep their state under the same names, so that
training can go on with either. Building one of torch's costs a second in a fresh process.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch

from sknn_tips.nn.memory import RateGroup
from sknn_tips.ops.operation import Operation, operation

State = dict[str, torch.Tensor]


class Rule(ABC):
    """An optimizer of all parameters.

    Parameters
    ----------
    parameters, gradient : torch.Tensor
        (n_parameters,)
    state : dict
        From an earlier training, to go on with; empty for a fresh one.
    groups : sequence of RateGroup
        Parts of the parameters and their learning rates; one for all of them by default.

    Attributes
    ----------
    state : dict of str to torch.Tensor
        By torch's names.
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
        """Return what changes the parameters by one step.

        Parameters
        ----------
        rate : torch.Tensor
            () The learning rate, read at every step.
        """

    def _count(self) -> Operation:
        """Count the steps, as torch does."""
        if "step" not in self.state:
            self.state["step"] = torch.zeros((), device=self.parameters.device)
        return operation("count", out=self.state["step"])

    def _zeros(self, name: str) -> torch.Tensor:
        """Return what is kept of every parameter, zero at first."""
        if name not in self.state:
            self.state[name] = torch.zeros_like(self.parameters)
        return self.state[name]

    def _updates(
        self, kind: str, *inputs: torch.Tensor | None, **constants: float
    ) -> list[Operation]:
        """Return one operation a group, on its part of all that is kept of every parameter."""
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
