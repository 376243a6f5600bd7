"""The losses: each sample's loss, and its derivative by the network's raw output.

`network.losses` defines what a loss is, and autograd differentiates it there; here are the same
numbers in closed form.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sknn_tips.engine.calls import Call, call, per_network
from sknn_tips.network import losses

Calls = list[Call]


class Places(NamedTuple):
    """Where a loss finds what it needs, and puts what it gives.

    Attributes
    ----------
    raw, target : torch.Tensor
        (.., batch, n_outputs)
    slope : torch.Tensor
        (.., batch, n_outputs) For the derivative of each sample's loss by `raw`.
    out : torch.Tensor
        (.., batch, 1) For each sample's loss.
    """

    raw: Tensor
    target: Tensor
    slope: Tensor
    out: Tensor


def softmax_log_loss(loss: losses.SoftmaxLogLoss, at: Places) -> Calls:
    """-sum(target * log softmax(raw)); derivative softmax(raw) - target."""
    raw, target, slope, out = at
    largest, total, picked = (torch.empty_like(out) for _ in range(3))
    shifted, probability = torch.empty_like(raw), torch.empty_like(raw)
    ones = raw.new_ones(raw.shape[-1], 1)
    return [
        partial(torch.amax, raw, -1, keepdim=True, out=largest),
        call(torch.sub, raw, largest, out=shifted),
        call(torch.exp, shifted, out=probability),
        call(torch.matmul, probability, ones, out=total),
        call(torch.div, probability, total, out=probability),
        call(torch.sub, probability, target, out=slope),
        call(torch.mul, shifted, target, out=shifted),
        call(torch.matmul, shifted, ones, out=picked),
        call(torch.log, total, out=total),
        call(torch.sub, total, picked, out=out),
    ]


def logistic_log_loss(loss: losses.LogisticLogLoss, at: Places) -> Calls:
    """log(1 + exp(raw)) - target * raw; derivative sigmoid(raw) - target."""
    raw, target, slope, out = at
    softplus, product = torch.empty_like(raw), torch.empty_like(raw)
    return [
        # max(raw, 0) + log(1 + exp(-|raw|)): nothing overflows
        call(torch.abs, raw, out=softplus),
        call(torch.neg, softplus, out=softplus),
        call(torch.exp, softplus, out=softplus),
        call(torch.log1p, softplus, out=softplus),
        partial(torch.clamp_min, raw, 0, out=product),
        call(torch.add, softplus, product, out=softplus),
        call(torch.mul, target, raw, out=product),
        call(torch.sub, softplus, product, out=softplus),
        *_summed(softplus, out),
        per_network(torch.sigmoid, raw, out=slope),
        call(torch.sub, slope, target, out=slope),
    ]


def softmax_squared_error(loss: losses.SoftmaxSquaredError, at: Places) -> Calls:
    """|p - target|^2 / 2 with p = softmax(raw); derivative p * (r - sum(r p)), r = p - target."""
    raw, target, slope, out = at
    p, product, total = (
        torch.empty_like(raw),
        torch.empty_like(raw),
        torch.empty_like(out),
    )
    return [
        partial(torch._softmax, raw, -1, False, out=p),
        call(torch.sub, p, target, out=slope),
        *_half_square(slope, product, out),
        call(torch.mul, slope, p, out=product),
        *_summed(product, total),
        call(torch.sub, slope, total, out=slope),
        call(torch.mul, slope, p, out=slope),
    ]


def logistic_squared_error(loss: losses.LogisticSquaredError, at: Places) -> Calls:
    """(p - target)^2 / 2 with p = sigmoid(raw); derivative (p - target) * p * (1 - p)."""
    raw, target, slope, out = at
    p, square = torch.empty_like(raw), torch.empty_like(raw)
    return [
        per_network(torch.sigmoid, raw, out=p),
        call(torch.sub, p, target, out=slope),
        *_half_square(slope, square, out),
        per_network(torch.ops.aten.sigmoid_backward.grad_input, slope, p, grad_input=slope),
    ]


def squared_error(loss: losses.SquaredError, at: Places) -> Calls:
    """(raw - target)^2 / 2; derivative raw - target."""
    raw, target, slope, out = at
    return [
        call(torch.sub, raw, target, out=slope),
        *_half_square(slope, torch.empty_like(raw), out),
    ]


def absolute_error(loss: losses.AbsoluteError, at: Places) -> Calls:
    """|raw - target|; derivative its sign."""
    raw, target, slope, out = at
    size = torch.empty_like(raw)
    return [
        call(torch.sub, raw, target, out=slope),
        call(torch.abs, slope, out=size),
        *_summed(size, out),
        call(torch.sign, slope, out=slope),
    ]


def huber(loss: losses.Huber, at: Places) -> Calls:
    """C * (r - c / 2) with r the residual and c = r cut off at +-delta; derivative c."""
    raw, target, slope, out = at
    residual, size = torch.empty_like(raw), torch.empty_like(raw)
    return [
        call(torch.sub, raw, target, out=residual),
        partial(torch.clamp, residual, -loss.delta, loss.delta, out=slope),
        partial(torch.sub, residual, slope, alpha=0.5, out=size),
        call(torch.mul, size, slope, out=size),
        *_summed(size, out),
    ]


def quantile(loss: losses.Quantile, at: Places) -> Calls:
    """Slope * (raw - target), slope -quantile below the target, 1 - quantile above it."""
    raw, target, slope, out = at
    residual, size = torch.empty_like(raw), torch.empty_like(raw)

    def differentiate() -> None:  # at the target itself the mean of both, as autograd has it
        torch.sign(residual, out=slope)
        slope.mul_(0.5).add_(0.5 - loss.quantile)

    return [
        call(torch.sub, raw, target, out=residual),
        differentiate,
        call(torch.mul, residual, slope, out=size),
        *_summed(size, out),
    ]


def poisson(loss: losses.PoissonLoss, at: Places) -> Calls:
    """Target * log target - target - target * raw + exp(raw); derivative exp(raw) - target."""
    raw, target, slope, out = at
    size, product = torch.empty_like(raw), torch.empty_like(raw)
    return [
        partial(torch.xlogy, target, target, out=size),
        call(torch.mul, target, raw, out=product),
        call(torch.sub, size, product, out=size),
        call(torch.exp, raw, out=slope),
        call(torch.sub, slope, target, out=slope),
        call(torch.add, size, slope, out=size),
        *_summed(size, out),
    ]


def gamma(loss: losses.GammaLoss, at: Places) -> Calls:
    """Raw - log target + target * exp(-raw) - 1; derivative 1 - target * exp(-raw)."""
    raw, target, slope, out = at
    size, ratio = torch.empty_like(raw), torch.empty_like(raw)
    return [
        call(torch.neg, raw, out=ratio),
        call(torch.exp, ratio, out=ratio),
        call(torch.mul, target, ratio, out=ratio),
        call(torch.log, target, out=size),
        call(torch.sub, raw, size, out=size),
        call(torch.add, size, ratio, out=size),
        lambda: size.sub_(1),
        *_summed(size, out),
        lambda: torch.sub(1, ratio, out=slope),
    ]


def _half_square(residual: Tensor, buffer: Tensor, out: Tensor) -> Calls:
    square = call(torch.square, residual, out=buffer)
    return [square, *_summed(buffer, out), partial(out.mul_, 0.5)]


def _summed(values: Tensor, out: Tensor) -> Calls:
    """Sum over the outputs."""
    return [call(torch.matmul, values, values.new_ones(values.shape[-1], 1), out=out)]


LOSSES: dict[type[losses.Loss], Callable[[Any, Places], Calls]] = {
    losses.AbsoluteError: absolute_error,
    losses.GammaLoss: gamma,
    losses.Huber: huber,
    losses.LogisticLogLoss: logistic_log_loss,
    losses.LogisticSquaredError: logistic_squared_error,
    losses.PoissonLoss: poisson,
    losses.Quantile: quantile,
    losses.SoftmaxLogLoss: softmax_log_loss,
    losses.SoftmaxSquaredError: softmax_squared_error,
    losses.SquaredError: squared_error,
}
