"""The optimizers' rules: how a gradient changes the parameters.

They follow torch's optimizers to the last digit and keep their state under the same names, so that
training can go on with either. Building one of torch's costs a second in a fresh process.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

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


class SGD(Rule):
    """Plain, with momentum, or with Nesterov's (Sutskever et al., 2013)."""

    def __init__(
        self,
        *memory: Any,
        momentum: float = 0.0,
        nesterov: bool = False,
        dampening: float = 0.0,
    ) -> None:
        super().__init__(*memory)
        self.options = {"momentum": momentum, "nesterov": nesterov, "dampening": dampening}

    def operations(self, rate: torch.Tensor) -> list[Operation]:
        velocity = first = None
        if self.options["momentum"]:
            is_first = "momentum_buffer" not in self.state
            velocity = self._zeros("momentum_buffer")
            if self.options["dampening"]:  # the first gradient is not dampened
                first = torch.full_like(self.parameters[:1], float(is_first))
        found = [
            operation(
                "sgd",
                self.gradient[part],
                rate,
                None if velocity is None else velocity[part],
                first,
                out=self.parameters[part],
                factor=factor,
                **self.options,
            )
            for part, factor in self.groups
        ]
        if first is not None:
            found.append(operation("fill", out=first, value=0.0))
        return found


class Adam(Rule):
    """Kingma & Ba, 2015; with `amsgrad`, Reddi et al., 2018."""

    def __init__(
        self,
        *memory: Any,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(*memory)
        self.options = {"beta1": betas[0], "beta2": betas[1], "eps": eps}
        self.amsgrad = amsgrad

    def operations(self, rate: torch.Tensor) -> list[Operation]:
        count = self._count()
        mean, square = self._zeros("exp_avg"), self._zeros("exp_avg_sq")
        largest = self._zeros("max_exp_avg_sq") if self.amsgrad else None
        return [
            count,
            *[
                operation(
                    "adam",
                    self.gradient[part],
                    mean[part],
                    square[part],
                    self.state["step"],
                    rate,
                    None if largest is None else largest[part],
                    out=self.parameters[part],
                    factor=factor,
                    **self.options,
                )
                for part, factor in self.groups
            ],
        ]


class RMSprop(Rule):
    """Tieleman & Hinton, 2012; `centered` by Graves, 2013."""

    def __init__(
        self,
        *memory: Any,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(*memory)
        self.options = {"alpha": alpha, "eps": eps, "momentum": momentum, "centered": centered}

    def operations(self, rate: torch.Tensor) -> list[Operation]:
        count, square = self._count(), self._zeros("square_avg")
        mean = self._zeros("grad_avg") if self.options["centered"] else None
        velocity = self._zeros("momentum_buffer") if self.options["momentum"] else None
        return [
            count,
            *[
                operation(
                    "rmsprop",
                    self.gradient[part],
                    square[part],
                    rate,
                    None if mean is None else mean[part],
                    None if velocity is None else velocity[part],
                    out=self.parameters[part],
                    factor=factor,
                    **self.options,
                )
                for part, factor in self.groups
            ],
        ]


RULES: dict[str, type[Rule]] = {
    "adam": Adam,
    "adamw": Adam,
    "amsgrad": Adam,
    "gd": SGD,
    "momentum": SGD,
    "nesterov": SGD,
    "rmsprop": RMSprop,
    "sgd": SGD,
}
