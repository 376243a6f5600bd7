"""The optimizers by name; each entry describes its options and capabilities.

A class of the user can replace a name everywhere. It gets the parameters of each layer in their
shapes, since its update may depend on more than single numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from inspect import signature
from numbers import Real
from typing import Any

import torch

from sknn_tips._compat.torch import bare_optimizer, import_dynamo
from sknn_tips._registry import lookup, name_of
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.memory import Memory
from sknn_tips.nn.ranges import BELOW_ONE, NOT_NEGATIVE, SWITCH, Range, number
from sknn_tips.nn.user_objects import tried
from sknn_tips.ops.operation import Operation, operation
from sknn_tips.optim.rules import Rule, State
from sknn_tips.runtime.interrupts import uninterrupted


@dataclass(frozen=True)
class Optimizer:
    """One entry of the registry.

    Attributes
    ----------
    usual_rate : float or None
        The learning rate for ``learning_rate_init="auto"``: the defaults of Keras as the lecture
        decks give them, and torch's default where torch differs (nadam). None for a class of the
        user without a default.
    torch_class : type or None
        None for the optimizer with a line search, which scipy implements.
    rule : type or None
        The engine's implementation; an optimizer without one is trained through autograd.
    estimator_parameters : tuple of str
        Which of scikit-learn's ``momentum, nesterovs_momentum, betas, epsilon`` it uses.
    fixed : dict
        Options that are implied by the name.
    aliases : dict of str to str
        Keras's names of options, and the corresponding names in torch.
    fused : bool
        Whether torch has a fused CPU and CUDA implementation.
    full_batch : bool
        Whether every step uses all samples.
    line_search : bool
        Whether each step searches for its length. Such an optimizer needs a loss that is the same
        at every evaluation and runs in float64; it has no learning rate, epochs, callbacks or early
        stopping.
    in_sklearn : bool
        Whether scikit-learn has it too. scikit-learn ignores parameters that have no effect on an
        optimizer, so they are no errors.
    weight_decay : float
        The value for ``weight_decay=None``: decoupled weight decay, on weights only.
    own : bool
        Whether it is a class of the user.
    """

    usual_rate: float | None
    torch_class: type[torch.optim.Optimizer] | None
    rule: type[Rule] | None = None
    estimator_parameters: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    fused: bool = False
    full_batch: bool = False
    line_search: bool = False
    in_sklearn: bool = False
    weight_decay: float = 0.0
    own: bool = False

    @property
    def is_sgd_family(self) -> bool:
        return self.torch_class is torch.optim.SGD

    @cached_property
    def options(self) -> list[str]:
        """The names of the options that ``optimizer_params`` may hold."""
        hidden = {*_NOT_OPTIONS, *self.fixed}
        names = signature(self.torch_class).parameters if self.torch_class else {}
        return [*(name for name in names if name not in hidden), *self.aliases]

    @cached_property
    def options_of_rule(self) -> set[str]:
        """The names of torch's options that the engine supports."""
        return set(signature(self.rule).parameters) if self.rule else set()


# Options that are set elsewhere, or that affect how a step is computed but not its result.
_NOT_OPTIONS = {
    "params",
    "lr",
    "foreach",
    "fused",
    "maximize",
    "capturable",
    "differentiable",
    "decoupled_weight_decay",
    # torch applies an L2 penalty to biases too; `alpha` and `weight_decay` replace it here
    "weight_decay",
}

# By torch's name of the option; an option has the same range in all optimizers. The engine's rules
# do not check their options, and torch only checks them when an optimizer is built.
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


class SGD(Rule):
    """Stochastic gradient descent, optionally with (Nesterov) momentum (Sutskever et al., 2013)."""

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
        found = self._updates("sgd", self.gradient, rate, velocity, first, **self.options)
        if first is not None:
            found.append(operation("fill", out=first, value=0.0))
        return found


class Adam(Rule):
    """Adam (Kingma & Ba, 2015); with `amsgrad`, AMSGrad (Reddi et al., 2018)."""

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
        kept = mean, square, self.state["step"], rate, largest
        return [count, *self._updates("adam", self.gradient, *kept, **self.options)]


class RMSprop(Rule):
    """RMSprop (Tieleman & Hinton, 2012); `centered` is the variant of Graves (2013)."""

    def __init__(
        self,
        *memory: Any,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(*memory)
        self.options = {"alpha": alpha, "eps": eps, "momentum": momentum}
        self.centered = centered

    def operations(self, rate: torch.Tensor) -> list[Operation]:
        count, square = self._count(), self._zeros("square_avg")
        mean = self._zeros("grad_avg") if self.centered else None
        velocity = self._zeros("momentum_buffer") if self.options["momentum"] else None
        kept = square, rate, mean, velocity
        return [count, *self._updates("rmsprop", self.gradient, *kept, **self.options)]


_SGD: dict[str, Any] = {"torch_class": torch.optim.SGD, "rule": SGD, "fused": True}
_MOMENTUM: dict[str, Any] = {**_SGD, "estimator_parameters": ("momentum",)}
_OF_ADAM: dict[str, Any] = {"estimator_parameters": ("betas", "epsilon")}
_ADAM: dict[str, Any] = {**_OF_ADAM, "torch_class": torch.optim.Adam, "rule": Adam, "fused": True}

# From simple to elaborate, the order in the docstrings.
OPTIMIZERS: dict[str, Optimizer] = {
    "gd": Optimizer(0.01, **_SGD, full_batch=True),
    "sgd": Optimizer(
        0.01, **_SGD, estimator_parameters=("momentum", "nesterovs_momentum"), in_sklearn=True
    ),
    "momentum": Optimizer(0.01, **_MOMENTUM, fixed={"nesterov": False}),
    "nesterov": Optimizer(0.01, **_MOMENTUM, fixed={"nesterov": True}),
    "adagrad": Optimizer(0.01, torch.optim.Adagrad),
    "adadelta": Optimizer(1.0, torch.optim.Adadelta),
    "rmsprop": Optimizer(0.001, torch.optim.RMSprop, RMSprop, aliases={"rho": "alpha"}),
    "adam": Optimizer(0.001, **_ADAM, in_sklearn=True),
    "amsgrad": Optimizer(0.001, **_ADAM, fixed={"amsgrad": True}),
    "adamw": Optimizer(0.001, **_ADAM, weight_decay=0.01),
    "nadam": Optimizer(0.002, torch.optim.NAdam, **_OF_ADAM),
    "lbfgs": Optimizer(1.0, None, full_batch=True, line_search=True, in_sklearn=True),
}


_CLASS = (
    "Give a subclass of torch.optim.Optimizer that takes lr and needs no closure, such as"
    " torch.optim.RAdam, with its options in optimizer_params; or a name, such as 'adam', or for"
    " L-BFGS optimizer='lbfgs'."
)


def canonical(given: Any) -> Any:
    """Return a name or class of the user unchanged, or raise an error if it is neither."""
    if isinstance(given, type) and issubclass(given, torch.optim.Optimizer):
        return given
    if callable(given) or isinstance(given, torch.optim.Optimizer):
        name = name_of(given) if callable(given) else f"{type(given).__name__}(...)"
        raise UnknownOptionError(f"optimizer={name} is not a class of optimizers. {_CLASS}")
    lookup(OPTIMIZERS, given, "optimizer")
    return given


def optimizer_of(given: Any) -> Optimizer:
    """Return the entry of an optimizer, given its name or a class of the user."""
    return _own(given) if isinstance(given, type) else OPTIMIZERS[given]


@lru_cache(maxsize=16)  # to read a signature takes longer than all else of a call of partial_fit
def _own(kind: type[torch.optim.Optimizer]) -> Optimizer:
    """Make an entry of a class; its decay of the weights becomes the decoupled one of ours."""
    defaults = {name: each.default for name, each in signature(kind).parameters.items()}
    usual, decay = (
        float(value) if isinstance(value, Real) else 0.0
        for value in map(defaults.get, ("lr", "weight_decay"))
    )
    fixed = {"weight_decay": 0.0} if decay else {}
    return Optimizer(usual or None, kind, fixed=fixed, weight_decay=decay, own=True)


def check_own(choice: "OptimizerChoice", rate: float) -> None:
    """Raise unless an own class can be built, and changes parameters where they are."""
    with tried("optimizer", choice.name, _CLASS):
        parts = [torch.nn.Parameter(torch.ones(shape)) for shape in ((3, 2), (2,))]
        for part in parts:
            part.grad = torch.full_like(part, 0.5)
        before = [(part.data_ptr(), part.grad) for part in parts]
        optimizer = choice.build([(parts, 1.0)], rate)
        if len(optimizer.param_groups) != 1 or "lr" not in optimizer.param_groups[0]:
            raise ValueError("it does not keep its param_groups, each with an 'lr' to be set")
        optimizer.step()
        for part, (place, gradient) in zip(parts, before, strict=True):
            if part.data_ptr() != place or part.grad is not gradient:
                raise ValueError(
                    "it puts new tensors in the place of parameters or gradients, and must change"
                    " them in place, as parameter.data.add_(...) does"
                )


@dataclass(frozen=True)
class OptimizerChoice:
    """An optimizer with all its options; optimizers with equal choices can share their state.

    Attributes
    ----------
    name : str or type
        A name in the registry, or a class of the user.
    options : dict
        Keyword arguments of the torch class, without the learning rate.
    """

    name: Any
    options: Mapping[str, Any]

    @property
    def entry(self) -> Optimizer:
        return optimizer_of(self.name)

    @property
    def has_rule(self) -> bool:
        """Whether the engine supports the optimizer with these options."""
        return self.entry.rule is not None and set(self.options) <= self.entry.options_of_rule

    def rule(self, memory: Memory, state: State) -> Rule:
        """Return the engine's rule for the parameters."""
        assert self.entry.rule is not None
        memory_of = memory.vector, memory.grad, state, memory.rate_groups
        return self.entry.rule(*memory_of, **self.options)

    def build(
        self, groups: Sequence[tuple[list[torch.nn.Parameter], float]], rate: float
    ) -> torch.optim.Optimizer:
        """Return the torch optimizer.

        Parameters
        ----------
        groups : sequence of (list of Parameter, float)
            The parameters with one learning rate, and this rate divided by `rate`.
        rate : float
        """
        torch_class = self.entry.torch_class
        assert torch_class is not None
        options: dict[str, Any] = {"lr": rate, **self.options}
        if self.entry.fused:
            options["fused"] = True
        try:
            by_group = [{"params": parts, "lr": rate * factor} for parts, factor in groups]
            if not self.entry.own:
                return bare_optimizer(torch_class, by_group, **options)
            with uninterrupted():
                import_dynamo()  # the class does it, and may do it in the middle of an update
            return torch_class(by_group, **options)
        except (TypeError, ValueError) as error:
            if self.entry.own:
                raise
            raise ValueError(
                f"optimizer={self.name!r} with {dict(self.options)}: {error}"
            ) from error
