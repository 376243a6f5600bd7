"""The optimizers' rules: how a gradient changes the parameters.

They follow torch's optimizers to the last digit and keep their state under the same names, so that
training can go on with either. Building one of torch's costs a second in a fresh process.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from itertools import chain
from typing import Any

import torch

from sknn_tips.engine.calls import Call, call
from sknn_tips.engine.memory import RateGroup

State = dict[str, torch.Tensor]
Rate = float | torch.Tensor
"""A number, or one on the device for CUDA graphs, which SGD and Adam take."""

_fused_adam: Any = torch._fused_adam_
_fused_sgd: Any = torch._fused_sgd_


class Rule(ABC):
    """One network's optimizer.

    Parameters
    ----------
    parameters, gradient : torch.Tensor
        (n_parameters,)
    state : dict or None
        From an earlier training, to go on with.
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

    @property
    def kind(self) -> Hashable:
        """Equal for rules that one call can do."""
        return self

    @abstractmethod
    def update(self, rate: Rate, others: Sequence[Any] = ()) -> None:
        """Change the parameters by one step, and those of other rules of this kind."""

    def _counter(self) -> Call:
        """Return a call that counts the steps, as torch does."""
        if "step" not in self.state:
            self.state["step"] = torch.zeros((), device=self.parameters.device)
        step = self.state["step"]
        return call(torch.add, step, torch.ones_like(step), out=step)

    def _zeros(self, name: str) -> torch.Tensor:
        """Return a moment of every parameter, zero at first."""
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
        self.options: dict[str, Any] = {
            "momentum": momentum,
            "nesterov": nesterov,
            "dampening": dampening,
            "weight_decay": 0.0,
            "maximize": False,
        }

    @property
    def kind(self) -> Hashable:
        return SGD, "momentum_buffer" in self.state, *self.options.values()

    def update(self, rate: Rate, others: Sequence["SGD"] = ()) -> None:
        first = "momentum_buffer" not in self.state
        rules, has_momentum = [self, *others], bool(self.options["momentum"])
        for part, factor in self.groups:
            _fused_sgd(
                [rule.parameters[part] for rule in rules],
                [rule.gradient[part] for rule in rules],
                [rule._zeros("momentum_buffer")[part] for rule in rules if has_momentum],
                lr=_times(rate, factor),
                is_first_step=first,
                **self.options,
            )


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
        self.options: dict[str, Any] = {
            "beta1": betas[0],
            "beta2": betas[1],
            "eps": eps,
            "amsgrad": amsgrad,
            "weight_decay": 0.0,
            "maximize": False,
        }
        self.count = self._counter()
        names = ["exp_avg", "exp_avg_sq", *["max_exp_avg_sq"] * amsgrad]
        tensors = [self.parameters, self.gradient, *map(self._zeros, names)]
        step = [self.state["step"]]
        self.lists = [
            (*[[tensor[part]] for tensor in tensors], *[[]] * (not amsgrad), step)
            for part, _ in self.groups
        ]

    @property
    def kind(self) -> Hashable:
        return Adam, *self.options.values()

    def update(self, rate: Rate, others: Sequence["Adam"] = ()) -> None:
        if others:
            torch._foreach_add_([rule.state["step"] for rule in (self, *others)], 1)
        else:
            self.count()
        for i, (_, factor) in enumerate(self.groups):
            lists: Any = self.lists[i]
            if others:
                every = zip(lists, *(rule.lists[i] for rule in others), strict=True)
                lists = [list(chain(*same)) for same in every]
            _fused_adam(*lists, lr=_times(rate, factor), **self.options)


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
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered
        self.count = self._counter()

    def update(self, rate: Rate, others: Sequence["RMSprop"] = ()) -> None:
        self.count()
        gradient, alpha = self.gradient, self.alpha
        squares = self._zeros("square_avg").mul_(alpha)
        squares.addcmul_(gradient, gradient, value=1 - alpha)
        size = squares
        if self.centered:
            mean = self._zeros("grad_avg").lerp_(gradient, 1 - alpha)
            size = squares.addcmul(mean, mean, value=-1)
        size = size.sqrt().add_(self.eps)
        if self.momentum:
            velocity = self._zeros("momentum_buffer").mul_(self.momentum).addcdiv_(gradient, size)
        for part, factor in self.groups:
            parameters, change = self.parameters[part], -float(rate) * factor
            if self.momentum:
                parameters.add_(velocity[part], alpha=change)
            else:
                parameters.addcdiv_(gradient[part], size[part], value=change)
        for rule in others:
            rule.update(rate)


def _times(rate: Rate, factor: float) -> Rate:
    """Return the rate of a group; it is left alone where it is the training's own."""
    return rate if factor == 1 else rate * factor


def update_all(rules: Sequence[Rule], rates: Sequence[float]) -> None:
    """Update many rules, those of one kind and rate by one call.

    Parameters
    ----------
    rules : sequence of Rule
    rates : sequence of float
        One for each.
    """
    groups: dict[tuple[Hashable, float], list[Rule]] = {}
    for rule, rate in zip(rules, rates, strict=True):
        groups.setdefault((rule.kind, rate), []).append(rule)
    for (_, rate), (first, *others) in groups.items():
        first.update(rate, others)


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
