"""The optimizers, by name: their torch class, usual rate, and which parameters they obey."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import torch

from sknn_tips._registry import check_options
from sknn_tips.exceptions import UnknownOptionError


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

    def build(self, parameter: torch.nn.Parameter, rate: float) -> torch.optim.Optimizer:
        """Make the torch optimizer over the flat parameter vector."""
        torch_class = self.entry.torch_class
        assert torch_class is not None
        options: dict[str, Any] = {"lr": rate, **self.options}
        if self.entry.fused:
            options["fused"] = True
        try:
            return torch_class([parameter], **options)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"optimizer={self.name!r} with {dict(self.options)}: {error}"
            ) from error


def choose_optimizer(
    name: str,
    *,
    momentum: float,
    nesterovs_momentum: bool,
    betas: tuple[float, float],
    epsilon: float,
    params: Mapping[str, Any],
) -> OptimizerChoice:
    """Decide every option: the name's own first, then scikit-learn's, then ``optimizer_params``."""
    entry = OPTIMIZERS[name]
    if "weight_decay" in params:
        raise UnknownOptionError(
            f"optimizer_params has the key 'weight_decay': write weight_decay="
            f"{params['weight_decay']!r} beside it (decoupled, weights only), or alpha for L2."
        )
    check_options(params, entry.options, "optimizer_params", f"optimizer {name!r}")
    params = dict(params)
    if "rho" in params and entry.torch_class is torch.optim.RMSprop:
        params["alpha"] = params.pop("rho")  # Keras's name of the same number

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
    options |= params
    if entry.is_sgd_family and not options.get("momentum"):
        options["nesterov"] = False  # torch refuses Nesterov without momentum
    return OptimizerChoice(name, options)


def bare_step(optimizer: torch.optim.Optimizer) -> Callable[[], Any]:
    """Return ``optimizer.step`` without torch's profiling and hooks, 20 us of a step of 300."""
    wrapped = type(optimizer).step
    return partial(getattr(wrapped, "__wrapped__", wrapped), optimizer)


@torch.no_grad()
def set_rate(optimizer: torch.optim.Optimizer, rate: float, *, keep_velocity: bool) -> None:
    """Give every group a new learning rate.

    With `keep_velocity`, the momentum buffer is rescaled so that the velocity, rate times buffer,
    stays what it was: scikit-learn's `invscaling` and `adaptive` work on velocities.
    """
    for group in optimizer.param_groups:
        old, group["lr"] = group["lr"], rate
        if not keep_velocity or old == rate:
            continue
        for parameter in group["params"]:
            buffer = optimizer.state[parameter].get("momentum_buffer")
            if buffer is not None:
                buffer.mul_(old / rate)
