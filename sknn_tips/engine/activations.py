"""The activations: forward and backward, in place where the slope follows from the result.

Each takes a module of `network.activations` and the signal x in front of it; the derivative by x
takes the place of the derivative by y. The rarer ones go through torch's own formulas, those that
autograd calls; but to call one costs some 5 us, as much as the arithmetic of a small layer.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from sknn_tips.engine.calls import Call, call, per_network
from sknn_tips.engine.signals import Part, Signal
from sknn_tips.network.activations import Maxout, Step

# From here on tanh(softplus(x)) is 1 in float32 and float64.
_EXP_STAYS_FINITE = 20.0

_aten: Any = torch.ops.aten
_nn: Any = torch._C._nn  # the functions behind torch.nn.functional, with `out`


def relu(module: nn.ReLU, x: Signal) -> Part:
    """Cut off below 0; the slope is the sign of the result."""
    return Part(
        x,
        [partial(torch.relu_, x.value)],
        _backward(
            x,
            lambda y, slope, sign: [
                call(torch.sign, y, out=sign),
                call(torch.mul, slope, sign, out=slope),
            ],
        ),
    )


def tanh(module: nn.Tanh, x: Signal) -> Part:
    """Squeeze to -1 to 1; the slope is 1 - y^2."""
    return Part(
        x,
        [call(torch.tanh, x.value, out=x.value)],
        _backward(
            x,
            lambda y, slope, lost: [
                call(torch.square, y, out=lost),
                call(torch.mul, slope, lost, out=lost),
                call(torch.sub, slope, lost, out=slope),
            ],
        ),
    )


def logistic(module: nn.Sigmoid, x: Signal) -> Part:
    """Squeeze to 0 to 1; the slope is y - y^2."""
    return Part(
        x,
        [per_network(torch.sigmoid, x.value, out=x.value)],
        _backward(
            x,
            lambda y, slope, once: [
                call(torch.mul, slope, y, out=once),
                call(torch.mul, once, y, out=slope),
                call(torch.sub, once, slope, out=slope),
            ],
        ),
    )


def _backward(x: Signal, calls: Callable[[Tensor, Tensor, Tensor], list[Call]]) -> list[Call]:
    """Return the calls from the result, the derivatives, and a buffer; none in prediction."""
    return [] if x.grad is None else calls(x.value, x.grad, torch.empty_like(x.value))


def leaky_relu(module: nn.LeakyReLU, x: Signal) -> Part:
    y, factor = x.behind(), module.negative_slope
    slope = _aten.leaky_relu_backward.grad_input
    return Part(
        y,
        [per_network(_nn.leaky_relu, x.value, factor, out=y.value)],
        [per_network(slope, y.grad, x.value, factor, False, grad_input=y.grad)],
    )


def elu(module: nn.ELU, x: Signal) -> Part:
    return _elu(x, alpha=module.alpha, scale=1.0)


def selu(module: nn.SELU, x: Signal) -> Part:
    """Klambauer et al., 2017: the two numbers keep mean 0 and variance 1."""
    return _elu(x, alpha=1.6732632423543772848170429916717, scale=1.0507009873554804934193349852946)


def _elu(x: Signal, alpha: float, scale: float) -> Part:
    y = x.behind()
    slope = _aten.elu_backward.grad_input
    return Part(
        y,
        [per_network(_nn.elu, x.value, alpha, scale, out=y.value)],
        [per_network(slope, y.grad, alpha, scale, 1, False, x.value, grad_input=y.grad)],
    )


def gelu(module: nn.GELU, x: Signal) -> Part:
    y, options = x.behind(), {"approximate": module.approximate}
    slope = _aten.gelu_backward.grad_input
    return Part(
        y,
        [per_network(_nn.gelu, x.value, out=y.value, **options)],
        [per_network(slope, y.grad, x.value, grad_input=y.grad, **options)],
    )


def silu(module: nn.SiLU, x: Signal) -> Part:
    y = x.behind()
    slope = _aten.silu_backward.grad_input
    return Part(
        y,
        [per_network(_nn.silu, x.value, out=y.value)],
        [per_network(slope, y.grad, x.value, grad_input=y.grad)],
    )


def mish(module: nn.Mish, x: Signal) -> Part:
    """Multiply x with t = tanh(softplus(x)); torch's own takes three times as long.

    With e = exp(x) and m = e + e^2 / 2, t is m / (m + 1), and its derivative e (e + 1) / (m + 1)^2.
    """
    y = x.behind()
    e, m, t, m1 = (torch.empty_like(x.value) for _ in range(4))
    forward: list[Call] = [
        partial(torch.clamp_max, x.value, _EXP_STAYS_FINITE, out=e),
        call(torch.exp, e, out=e),
        partial(torch.mul, e, 0.5, out=m),
        partial(m.add_, 1),
        call(torch.mul, m, e, out=m),
        partial(torch.add, m, 1, out=m1),
        call(torch.div, m, m1, out=t),
        call(torch.mul, x.value, t, out=y.value),
    ]
    if y.grad is None:
        return Part(y, forward, [])
    backward: list[Call] = [
        partial(torch.add, e, 1, out=m),
        call(torch.mul, m, e, out=m),
        call(torch.square, m1, out=m1),
        call(torch.div, m, m1, out=m),
        call(torch.mul, m, x.value, out=m),
        call(torch.add, m, t, out=m),
        call(torch.mul, y.grad, m, out=y.grad),
    ]
    return Part(y, forward, backward)


def softplus(module: nn.Softplus, x: Signal) -> Part:
    y, options = x.behind(), (module.beta, module.threshold)
    slope = _aten.softplus_backward.grad_input
    return Part(
        y,
        [per_network(_nn.softplus, x.value, *options, out=y.value)],
        [per_network(slope, y.grad, x.value, *options, grad_input=y.grad)],
    )


def maxout(module: Maxout, x: Signal) -> Part:
    """x: (.., batch, pieces * units), y: (.., batch, units)."""
    pieces, units = module.pieces, x.width // module.pieces
    y = x.beside(units, trained=x.grad is not None)
    by_piece = x.value.unflatten(-1, (pieces, units))

    def backward() -> None:
        assert x.grad is not None
        assert y.grad is not None
        largest = (by_piece == y.value.unsqueeze(-2)).to(x.value.dtype)
        largest.div_(largest.sum(-2, keepdim=True))  # pieces that draw share the slope
        torch.mul(largest, y.grad.unsqueeze(-2), out=x.grad.unflatten(-1, (pieces, units)))

    return Part(y, [partial(torch.amax, by_piece, -2, out=y.value)], [backward])


def step(module: Step, x: Signal) -> Part:
    forward: list[Call] = [
        call(torch.sign, x.value, out=x.value),
        partial(torch.relu_, x.value),
    ]
    return Part(x, forward, [lambda: x.grad.zero_() if x.grad is not None else None])


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
