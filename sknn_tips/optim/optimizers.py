"""The optimizers, by name: their torch class, usual rate, and which parameters they obey."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import torch

from sknn_tips._registry import check_options
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.memory import Memory
from sknn_tips.nn.ranges import BELOW_ONE, NOT_NEGATIVE, SWITCH, Range, checked, number
from sknn_tips.optim.rules import RULES, Rule, State


@dataclass(frozen=True)
class Optimizer:
    """One entry of the registry.

    Attributes
    ----------
    usual_rate : float
        What ``learning_rate_init="auto"`` means: the defaults of Keras as the decks have them, and
        torch's where it has others (nadam).
    torch_class : type or None
        None for L-BFGS, which scipy runs.
    obeys : tuple of str
        Which of scikit-learn's ``momentum, nesterovs_momentum, betas, epsilon`` it reads.
    fixed : dict
        Options that the name itself decides.
    fused : bool
        Whether torch has a fused CPU and CUDA step for it.
    full_batch : bool
        Whether a step always sees every row.
    weight_decay : float
        What ``weight_decay=None`` means: decoupled decay, on weights only.
    """

    usual_rate: float
    torch_class: type[torch.optim.Optimizer] | None
    obeys: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    fused: bool = False
    full_batch: bool = False
    weight_decay: float = 0.0

    @property
    def is_sgd_family(self) -> bool:
        return self.torch_class is torch.optim.SGD

    @cached_property
    def options(self) -> list[str]:
        """What ``optimizer_params`` may hold."""
        if self.torch_class is None:
            return []
        names = [n for n in inspect.signature(self.torch_class).parameters if n not in _NOT_OPTIONS]
        names = [n for n in names if n not in self.fixed]
        return [*names, "rho"] if self.torch_class is torch.optim.RMSprop else names


# Set elsewhere, or about how a step is computed rather than what it computes.
_NOT_OPTIONS = {
    "params",
    "lr",
    "foreach",
    "fused",
    "maximize",
    "capturable",
    "differentiable",
    "decoupled_weight_decay",
    "weight_decay",  # torch's is an L2 penalty on biases too; ours are `alpha` and `weight_decay`
}

_ADAM: dict[str, Any] = {"obeys": ("betas", "epsilon"), "fused": True}
_SGD: dict[str, Any] = {"torch_class": torch.optim.SGD, "fused": True}

OPTIMIZERS: dict[str, Optimizer] = {
    "adadelta": Optimizer(1.0, torch.optim.Adadelta),
    "adagrad": Optimizer(0.01, torch.optim.Adagrad),
    "adam": Optimizer(0.001, torch.optim.Adam, **_ADAM),
    "adamw": Optimizer(0.001, torch.optim.Adam, **_ADAM, weight_decay=0.01),
    "amsgrad": Optimizer(0.001, torch.optim.Adam, **_ADAM, fixed={"amsgrad": True}),
    "gd": Optimizer(0.01, **_SGD, full_batch=True),
    "lbfgs": Optimizer(1.0, None, full_batch=True),
    "momentum": Optimizer(0.01, **_SGD, obeys=("momentum",), fixed={"nesterov": False}),
    "nadam": Optimizer(0.002, torch.optim.NAdam, obeys=("betas", "epsilon")),
    "nesterov": Optimizer(0.01, **_SGD, obeys=("momentum",), fixed={"nesterov": True}),
    "rmsprop": Optimizer(0.001, torch.optim.RMSprop),
    "sgd": Optimizer(0.01, **_SGD, obeys=("momentum", "nesterovs_momentum")),
}


@dataclass(frozen=True)
class OptimizerChoice:
    """An optimizer with every option decided; equal choices may share their moments.

    Attributes
    ----------
    name : str
    options : dict
        Keyword arguments of the torch class, without the rate.
    """

    name: str
    options: Mapping[str, Any]

    @property
    def entry(self) -> Optimizer:
        return OPTIMIZERS[self.name]

    @property
    def has_rule(self) -> bool:
        """Whether the engine knows it, with these options."""
        return self.name in RULES and set(self.options) <= _options_of_rule(self.name)

    def rule(self, memory: Memory, state: State) -> Rule:
        """Make the engine's rule over the parameters."""
        memory_of = memory.vector, memory.grad, state, memory.rate_groups
        return RULES[self.name](*memory_of, **self.options)

    def build(
        self, groups: Sequence[tuple[torch.nn.Parameter, float]], rate: float
    ) -> torch.optim.Optimizer:
        """Make the torch optimizer over parts of the flat parameter vector.

        Parameters
        ----------
        groups : sequence of (Parameter, float)
            Each part, and its learning rate over `rate`.
        rate : float
        """
        torch_class = self.entry.torch_class
        assert torch_class is not None
        options: dict[str, Any] = {"lr": rate, **self.options}
        if self.entry.fused:
            options["fused"] = True
        try:
            by_group = [{"params": [part], "lr": rate * factor} for part, factor in groups]
            return torch_class(by_group, **options)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"optimizer={self.name!r} with {dict(self.options)}: {error}"
            ) from error


@cache
def _options_of_rule(name: str) -> set[str]:
    return set(inspect.signature(RULES[name]).parameters)


# By torch's name of the option, whichever optimizer has it. The engine's rules check nothing, and
# asking torch would build its optimizer.
RANGES: dict[str, Range] = {
    "alpha": BELOW_ONE,
    "amsgrad": SWITCH,
    "betas": Range(
        "two numbers of at least 0 and below 1, as in (0.9, 0.999)",
        lambda value: (
            isinstance(value, tuple | list)
            and len(value) == 2
            and all(BELOW_ONE.holds(beta) for beta in value)
        ),
    ),
    "centered": SWITCH,
    "dampening": BELOW_ONE,
    "eps": NOT_NEGATIVE,
    "initial_accumulator_value": NOT_NEGATIVE,
    "lr_decay": NOT_NEGATIVE,
    "momentum": number("a number from 0 to 1", lambda value: 0 <= value <= 1),
    "momentum_decay": NOT_NEGATIVE,
    "nesterov": SWITCH,
    "rho": BELOW_ONE,
}
# Torch's names of what is a parameter of ours.
_ELSEWHERE = {
    "lr": "learning_rate_init={} beside it",
    "weight_decay": "weight_decay={} beside it (decoupled, weights only), or alpha for L2",
}


def choose_optimizer(
    name: str,
    *,
    momentum: float,
    nesterovs_momentum: bool,
    betas: tuple[float, float],
    epsilon: float,
    params: Mapping[str, Any],
) -> OptimizerChoice:
    """Decide every option: the name's own first, then scikit-learn's, then ``optimizer_params``.

    Raises
    ------
    ValueError
        When a key or a value of `params` is none that the optimizer takes.
    """
    entry = OPTIMIZERS[name]
    own = _own_options(name, params)
    options: dict[str, Any] = {}
    if "momentum" in entry.obeys:
        options["momentum"] = momentum
    if "nesterovs_momentum" in entry.obeys:
        options["nesterov"] = nesterovs_momentum
    if "betas" in entry.obeys:
        options["betas"] = betas
    if "epsilon" in entry.obeys:
        options["eps"] = epsilon
    options |= dict(entry.fixed)
    options |= own
    if entry.is_sgd_family:
        _check_nesterov(options, asked="nesterov" in own)
    return OptimizerChoice(name, options)


def _own_options(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``optimizer_params`` by torch's names, every key and value checked."""
    entry = OPTIMIZERS[name]
    for key, remedy in _ELSEWHERE.items():
        if key in params:
            raise UnknownOptionError(
                f"optimizer_params has the key {key!r}: write {remedy.format(repr(params[key]))}."
            )
    check_options(params, entry.options, "optimizer_params", f"optimizer {name!r}")
    options = checked(params, RANGES, "optimizer_params")
    if "betas" in options:
        options["betas"] = tuple(options["betas"])
    if "rho" in options and entry.torch_class is torch.optim.RMSprop:
        if "alpha" in options:
            raise ValueError(
                f"optimizer_params has rho={params['rho']!r} and alpha={params['alpha']!r}, two"
                f" names of one number of {name}. Give one of them."
            )
        options["alpha"] = options.pop("rho")  # Keras's name of the same number
    return options


def _check_nesterov(options: dict[str, Any], *, asked: bool) -> None:
    """Switch Nesterov's momentum off where there is none, and reject it with dampening."""
    nesterov = options.get("nesterov")
    if not options.get("momentum"):
        if nesterov and asked:
            raise ValueError(
                "optimizer_params: nesterov=True needs a momentum above 0. Add 'momentum': 0.9."
            )
        options["nesterov"] = False  # torch refuses it without momentum
    elif nesterov and options.get("dampening"):
        raise ValueError(
            f"optimizer_params: dampening={options['dampening']!r} does not go with Nesterov's"
            " momentum. Write optimizer='momentum', or leave the dampening out."
        )
