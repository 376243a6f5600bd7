"""The activations of the hidden layers by name, as torch modules and as operations of the engine.

The operations compute in place if the derivative can be computed from the result. A class of
the user can replace a name everywhere; it has no operations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import nn

from sknn_tips import _registry
from sknn_tips.nn.ranges import FINITE, POSITIVE, Range, checked, one_of, whole
from sknn_tips.nn.signals import Part, Signal
from sknn_tips.nn.user_objects import own_draws, tried
from sknn_tips.ops.operation import Operation, operation

Operations = Callable[[Any, Signal], Part]

_PIECES = 2
# Klambauer et al., 2017: with these two constants, mean 0 and variance 1 are preserved.
_SELU = {"alpha": 1.6732632423543772848170429916717, "scale": 1.0507009873554804934193349852946}


@dataclass(frozen=True)
class Activation:
    """The implementation and the properties of one activation.

    Attributes
    ----------
    module : callable
        Makes the torch.nn.Module: a class, or whatever the user gave.
    operations : callable or None
        ``operations(module, x)`` returns the forward and backward operations of the engine. The
        gradient with respect to x overwrites the gradient with respect to y. None for a class of
        the user, which is trained by autograd.
    options : mapping of str to Range
        The allowed options in ``activation_params``, named like the module's parameters.
    aliases : tuple of str
        Alternative names.
    note : str
        Description in the docstrings of the estimators.
    ends : (float, float) or None
        The limits of the output, if the activation saturates on both sides.
    may_die : bool
        Whether output and derivative are 0 for all inputs below 0.
    shrinks_gradient : bool
        Whether the derivative is below 1 nearly everywhere, so that gradients vanish in deep nets.
    passes_gradient : bool
        Whether the derivative is nonzero anywhere.
    sklearn_factor : float
        scikit-learn draws weights within +- sqrt(sklearn_factor / (fan_in + fan_out)).
    """

    module: Any
    operations: Operations | None
    options: Mapping[str, Range] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    note: str = ""
    ends: tuple[float, float] | None = None
    may_die: bool = False
    shrinks_gradient: bool = False
    passes_gradient: bool = True
    sklearn_factor: float = 6.0

    def build(self, params: Mapping[str, Any]) -> nn.Module:
        """Return a new module; each layer has its own, since explainers hook modules one by one.

        `params` may contain options of the activations of other layers, which are ignored.
        """
        own = {key: value for key, value in params.items() if key in self.options}
        return self.module(**checked(own, self.options, "activation_params"))

    def pieces(self, params: Mapping[str, Any]) -> int:
        """Return how many values the preceding dense layer must compute per unit."""
        return params.get("pieces", _PIECES) if "pieces" in self.options else 1


def _by_result(forward: str, backward: str) -> Operations:
    """Return operations that compute in place, since the derivative follows from y."""

    def operations(module: nn.Module, x: Signal) -> Part:
        y = x.value
        back = [] if x.grad is None else [operation(backward, x.grad, y, out=x.grad)]
        return Part(x, [operation(forward, y, out=y)], back)

    return operations


def _by_input(
    kind: str, constants: Callable[[Any], Mapping[str, float]] = lambda module: {}
) -> Operations:
    """Return operations that keep x, which the derivative needs; `constants` reads the module."""

    def operations(module: nn.Module, x: Signal) -> Part:
        y, given = x.behind(), constants(module)
        forward = [operation(kind, x.value, out=y.value, **given)]
        if y.grad is None:
            return Part(y, forward, [])
        return Part(
            y, forward, [operation(f"{kind}_backward", y.grad, x.value, out=y.grad, **given)]
        )

    return operations


def _gelu(module: nn.GELU, x: Signal) -> Part:
    return _by_input("gelu_tanh" if module.approximate == "tanh" else "gelu")(module, x)


def _mish(module: nn.Mish, x: Signal) -> Part:
    """Compute the derivative together with y, since both need the same exponential."""
    y, derivative = x.behind(), torch.empty_like(x.value)
    back = [] if y.grad is None else [operation("mul", y.grad, derivative, out=y.grad)]
    return Part(y, [operation("mish", x.value, out=(y.value, derivative))], back)


class Maxout(nn.Module):
    """The maximum of several linear pieces (Goodfellow et al., 2013, "Maxout networks").

    The preceding layer computes ``pieces`` values per unit, so it has ``pieces`` times as many
    parameters.

    Parameters
    ----------
    pieces : int, default=2
        Number of linear pieces per unit, at least 2.

    Notes
    -----
    Input: (batch, pieces * units), with all units of the first piece before those of the second.
    Output: (batch, units).
    """

    def __init__(self, pieces: int = _PIECES) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(1, (self.pieces, -1)).amax(dim=1)

    def operations(self, x: Signal) -> Part:
        units = x.width // self.pieces
        y = x.beside(units, trained=x.grad is not None)
        first, *others = x.value.split(units, dim=1)
        forward = [operation("copy", first, out=y.value)]
        forward += [operation("maximum", y.value, piece, out=y.value) for piece in others]
        if x.grad is None or y.grad is None:
            return Part(y, forward, [])
        is_largest, n_largest = torch.empty_like(x.value), torch.empty_like(y.value)
        # pieces with equal values share the gradient
        backward: list[Operation] = [operation("fill", out=n_largest, value=0.0)]
        marks = is_largest.split(units, dim=1)
        for mark, piece in zip(marks, (first, *others), strict=True):
            backward.append(operation("equal", piece, y.value, out=mark))
            backward.append(operation("add", n_largest, mark, out=n_largest))
        backward.append(operation("div", y.grad, n_largest, out=n_largest))
        for mark, grad in zip(marks, x.grad.split(units, dim=1), strict=True):
            backward.append(operation("mul", mark, n_largest, out=grad))
        return Part(y, forward, backward)

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"


class Step(nn.Module):
    """1 where the input is above 0, else 0: the activation of the perceptron (Rosenblatt, 1958).

    Its derivative is 0 everywhere, so no gradient reaches the preceding layers. It is meant for
    weights that are set by hand.

    Notes
    -----
    Input and output: any shape.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(torch.sign(x))

    def operations(self, x: Signal) -> Part:
        forward = [operation("sign", x.value, out=x.value), operation("relu", x.value, out=x.value)]
        back = [] if x.grad is None else [operation("fill", out=x.grad, value=0.0)]
        return Part(x, forward, back)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(nn.ReLU, _by_result("relu", "threshold_backward"), may_die=True),
    "leaky_relu": Activation(
        nn.LeakyReLU,
        _by_input("leaky_relu", lambda module: {"slope": module.negative_slope}),
        {"negative_slope": FINITE},
    ),
    "elu": Activation(
        nn.ELU,
        _by_input("elu", lambda module: {"alpha": module.alpha, "scale": 1.0}),
        {"alpha": FINITE},
    ),
    "selu": Activation(nn.SELU, _by_input("elu", lambda module: _SELU)),
    "gelu": Activation(nn.GELU, _gelu, {"approximate": one_of("none", "tanh")}),
    "silu": Activation(nn.SiLU, _by_input("silu")),
    "mish": Activation(nn.Mish, _mish),
    "tanh": Activation(
        nn.Tanh, _by_result("tanh", "tanh_backward"), ends=(-1.0, 1.0), shrinks_gradient=True
    ),
    "logistic": Activation(
        nn.Sigmoid,
        _by_result("sigmoid", "sigmoid_backward"),
        aliases=("sigmoid",),
        ends=(0.0, 1.0),
        shrinks_gradient=True,
        sklearn_factor=2.0,
    ),
    "softplus": Activation(
        nn.Softplus,
        _by_input("softplus", lambda module: {"beta": module.beta, "threshold": module.threshold}),
        {"beta": POSITIVE, "threshold": FINITE},
        shrinks_gradient=True,
    ),
    "maxout": Activation(
        Maxout,
        Maxout.operations,
        {"pieces": whole("a whole number >= 2", lambda value: value >= 2)},
        note="twice the parameters",
    ),
    "identity": Activation(nn.Identity, lambda module, x: Part(x, [], []), aliases=("linear",)),
    "step": Activation(
        Step,
        Step.operations,
        note="for weights set by hand: its derivative is 0",
        passes_gradient=False,
    ),
}
ALIASES = {alias: name for name, entry in ACTIVATIONS.items() for alias in entry.aliases}
NAMES = [*ACTIVATIONS, *ALIASES]
_BY_MODULE = {entry.module: entry for entry in ACTIVATIONS.values()}
_CLASS = (
    "Give a class that makes a torch.nn.Module which keeps the width, such as torch.nn.Hardswish,"
    " or a name, such as 'relu'."
)


def canonical(given: Any) -> Any:
    """Return the main name of an activation, or a class of the user unchanged."""
    return _registry.canonical(ACTIVATIONS, ALIASES, given, "activation")


def activation_of(given: Any) -> Activation:
    """Return the entry of an activation, given its main name or a class of the user."""
    return _own(given) if callable(given) else ACTIVATIONS[given]


def _own(given: Any) -> Activation:
    """Return an entry for a class; a class of the registry keeps its known properties."""
    kind = given.func if isinstance(given, partial) else given
    known = _BY_MODULE.get(kind) if isinstance(kind, type) else None
    entry = known or Activation(given, None)
    return replace(entry, module=given, options={}, aliases=())


def check_own(given: Any, units: int) -> None:
    """Raise an error unless a class makes modules that can follow a layer of this width."""
    name = getattr(given, "__name__", None)
    is_known = name in ACTIVATIONS or name in ALIASES
    with tried("activation", given, f"Write activation={name!r}." if is_known else _CLASS):
        if isinstance(given, nn.Module):
            raise ValueError("it is an instance, and every layer needs its own")
        with own_draws(0):  # initial weights may be drawn
            module, other = given(), given()
        if not isinstance(module, nn.Module):
            raise TypeError(f"it makes {type(module).__name__}, not a torch.nn.Module")
        if module is other:
            raise ValueError("it returns the same module twice, and every layer needs its own")
        x = torch.linspace(-1, 1, 2 * units, dtype=torch.float64).view(2, units)
        for training in (True, False):
            y = module.double().train(training)(x.clone())
            if not isinstance(y, torch.Tensor) or (y.shape, y.dtype) != (x.shape, x.dtype):
                found = getattr(y, "dtype", type(y).__name__), *getattr(y, "shape", ())
                raise ValueError(f"it makes {found} of {(x.dtype, *x.shape)}")
