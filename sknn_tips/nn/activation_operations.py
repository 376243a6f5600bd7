"""The activations: forward and backward, in place where the derivative follows from the result.

Each takes a module of `nn.activations` and the signal x in front of it; the derivative by x
takes the place of the derivative by y.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from sknn_tips.nn.activations import Maxout, Step
from sknn_tips.nn.signals import Part, Signal
from sknn_tips.ops.operation import Operation, operation

# Klambauer et al., 2017: the two numbers keep mean 0 and variance 1.
_SELU = {"alpha": 1.6732632423543772848170429916717, "scale": 1.0507009873554804934193349852946}


def relu(module: nn.ReLU, x: Signal) -> Part:
    return _by_result(x, "relu", "threshold_backward")


def tanh(module: nn.Tanh, x: Signal) -> Part:
    return _by_result(x, "tanh", "tanh_backward")


def logistic(module: nn.Sigmoid, x: Signal) -> Part:
    return _by_result(x, "sigmoid", "sigmoid_backward")


def leaky_relu(module: nn.LeakyReLU, x: Signal) -> Part:
    return _by_input(x, "leaky_relu", "leaky_relu_backward", slope=module.negative_slope)


def elu(module: nn.ELU, x: Signal) -> Part:
    return _by_input(x, "elu", "elu_backward", alpha=module.alpha, scale=1.0)


def selu(module: nn.SELU, x: Signal) -> Part:
    return _by_input(x, "elu", "elu_backward", **_SELU)


def gelu(module: nn.GELU, x: Signal) -> Part:
    if module.approximate == "tanh":
        return _by_input(x, "gelu_tanh", "gelu_tanh_backward")
    return _by_input(x, "gelu", "gelu_backward")


def silu(module: nn.SiLU, x: Signal) -> Part:
    return _by_input(x, "silu", "silu_backward")


def softplus(module: nn.Softplus, x: Signal) -> Part:
    options = {"beta": module.beta, "threshold": module.threshold}
    return _by_input(x, "softplus", "softplus_backward", **options)


def _by_result(x: Signal, forward: str, backward: str) -> Part:
    """Compute in place: the derivative follows from y."""
    y = x.value
    back = [] if x.grad is None else [operation(backward, x.grad, y, out=x.grad)]
    return Part(x, [operation(forward, y, out=y)], back)


def _by_input(x: Signal, forward: str, backward: str, **options: float) -> Part:
    """Compute beside x, which the derivative needs."""
    y = x.behind()
    back = [] if y.grad is None else [operation(backward, y.grad, x.value, out=y.grad, **options)]
    return Part(y, [operation(forward, x.value, out=y.value, **options)], back)


def mish(module: nn.Mish, x: Signal) -> Part:
    """Compute the derivative with y, since it takes the same exp."""
    y, derivative = x.behind(), torch.empty_like(x.value)
    back = [] if y.grad is None else [operation("mul", y.grad, derivative, out=y.grad)]
    return Part(y, [operation("mish", x.value, out=(y.value, derivative))], back)


def maxout(module: Maxout, x: Signal) -> Part:
    """x: (batch, pieces * units), y: (batch, units)."""
    units = x.width // module.pieces
    y = x.beside(units, trained=x.grad is not None)
    first, *others = x.value.split(units, dim=1)
    forward = [operation("copy", first, out=y.value)]
    forward += [operation("maximum", y.value, piece, out=y.value) for piece in others]
    if x.grad is None or y.grad is None:
        return Part(y, forward, [])
    is_largest, n_largest = torch.empty_like(x.value), torch.empty_like(y.value)
    # pieces that draw share the derivative
    backward: list[Operation] = [operation("fill", out=n_largest, value=0.0)]
    marks = is_largest.split(units, dim=1)
    for mark, piece in zip(marks, (first, *others), strict=True):
        backward.append(operation("equal", piece, y.value, out=mark))
        backward.append(operation("add", n_largest, mark, out=n_largest))
    backward.append(operation("div", y.grad, n_largest, out=n_largest))
    for mark, grad in zip(marks, x.grad.split(units, dim=1), strict=True):
        backward.append(operation("mul", mark, n_largest, out=grad))
    return Part(y, forward, backward)


def step(module: Step, x: Signal) -> Part:
    forward = [operation("sign", x.value, out=x.value), operation("relu", x.value, out=x.value)]
    back = [] if x.grad is None else [operation("fill", out=x.grad, value=0.0)]
    return Part(x, forward, back)


def identity(module: nn.Identity, x: Signal) -> Part:
    return Part(x, [], [])


ACTIVATIONS: dict[type[nn.Module], Callable[[Any, Signal], Part]] = {
    nn.ELU: elu,
    nn.GELU: gelu,
    nn.Identity: identity,
    nn.LeakyReLU: leaky_relu,
    nn.Sigmoid: logistic,
    Maxout: maxout,
    nn.Mish: mish,
    nn.ReLU: relu,
    nn.SELU: selu,
    nn.SiLU: silu,
    nn.Softplus: softplus,
    Step: step,
    nn.Tanh: tanh,
}
