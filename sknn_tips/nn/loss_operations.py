"""The losses: each sample's loss, and its derivative by the network's raw output.

`nn.losses` defines what a loss is, and autograd differentiates it there; here are the same
numbers in closed form.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sknn_tips.nn import losses
from sknn_tips.ops.operation import Operation, operation

Operations = list[Operation]


class Places(NamedTuple):
    """Where a loss finds what it needs, and puts what it gives.

    Attributes
    ----------
    raw, target : torch.Tensor
        (batch, n_outputs)
    derivative : torch.Tensor
        (batch, n_outputs) For the derivative of each sample's loss by `raw`.
    out : torch.Tensor
        (batch, 1) For each sample's loss.
    """

    raw: Tensor
    target: Tensor
    derivative: Tensor
    out: Tensor


def softmax_log_loss(loss: losses.SoftmaxLogLoss, at: Places) -> Operations:
    """-sum(target * log softmax(raw)); derivative softmax(raw) - target."""
    raw, target, derivative, out = at
    total, picked = torch.empty_like(out), torch.empty_like(out)
    shifted, probability = torch.empty_like(raw), torch.empty_like(raw)
    return [
        *_softmax(raw, shifted, probability, total),
        operation("sub", probability, target, out=derivative),
        operation("mul", shifted, target, out=shifted),
        operation("sum_columns", shifted, out=picked),
        operation("log", total, out=total),
        operation("sub", total, picked, out=out),
    ]


def _softmax(raw: Tensor, shifted: Tensor, probability: Tensor, total: Tensor) -> Operations:
    """Compute exp(shifted) / total, with shifted = raw - largest: nothing overflows."""
    return [
        operation("max_columns", raw, out=total),
        operation("sub", raw, total, out=shifted),
        operation("exp", shifted, out=probability),
        operation("sum_columns", probability, out=total),
        operation("div", probability, total, out=probability),
    ]


def logistic_log_loss(loss: losses.LogisticLogLoss, at: Places) -> Operations:
    """log(1 + exp(raw)) - target * raw; derivative sigmoid(raw) - target."""
    raw, target, derivative, out = at
    softplus, product = torch.empty_like(raw), torch.empty_like(raw)
    return [
        # max(raw, 0) + log(1 + exp(-|raw|)): nothing overflows
        operation("abs", raw, out=softplus),
        operation("neg", softplus, out=softplus),
        operation("exp", softplus, out=softplus),
        operation("log1p", softplus, out=softplus),
        operation("relu", raw, out=product),
        operation("add", softplus, product, out=softplus),
        operation("mul", target, raw, out=product),
        operation("sub", softplus, product, out=softplus),
        operation("sum_columns", softplus, out=out),
        operation("sigmoid", raw, out=derivative),
        operation("sub", derivative, target, out=derivative),
    ]


def softmax_squared_error(loss: losses.SoftmaxSquaredError, at: Places) -> Operations:
    """|p - target|^2 / 2 with p = softmax(raw); derivative p * (r - sum(r p)), r = p - target."""
    raw, target, derivative, out = at
    p, product, total = torch.empty_like(raw), torch.empty_like(raw), torch.empty_like(out)
    return [
        *_softmax(raw, product, p, total),
        operation("sub", p, target, out=derivative),
        *_half_square(derivative, product, out),
        operation("mul", derivative, p, out=product),
        operation("sum_columns", product, out=total),
        operation("sub", derivative, total, out=derivative),
        operation("mul", derivative, p, out=derivative),
    ]


def logistic_squared_error(loss: losses.LogisticSquaredError, at: Places) -> Operations:
    """(p - target)^2 / 2 with p = sigmoid(raw); derivative (p - target) * p * (1 - p)."""
    raw, target, derivative, out = at
    p, square = torch.empty_like(raw), torch.empty_like(raw)
    return [
        operation("sigmoid", raw, out=p),
        operation("sub", p, target, out=derivative),
        *_half_square(derivative, square, out),
        operation("sigmoid_backward", derivative, p, out=derivative),
    ]


def squared_error(loss: losses.SquaredError, at: Places) -> Operations:
    """(raw - target)^2 / 2; derivative raw - target."""
    raw, target, derivative, out = at
    return [
        operation("sub", raw, target, out=derivative),
        *_half_square(derivative, torch.empty_like(raw), out),
    ]


def absolute_error(loss: losses.AbsoluteError, at: Places) -> Operations:
    """|raw - target|; derivative its sign."""
    raw, target, derivative, out = at
    size = torch.empty_like(raw)
    return [
        operation("sub", raw, target, out=derivative),
        operation("abs", derivative, out=size),
        operation("sum_columns", size, out=out),
        operation("sign", derivative, out=derivative),
    ]


def huber(loss: losses.Huber, at: Places) -> Operations:
    """C * (r - c / 2) with r the residual and c = r cut off at +-delta; derivative c."""
    raw, target, derivative, out = at
    residual, size = torch.empty_like(raw), torch.empty_like(raw)
    return [
        operation("sub", raw, target, out=residual),
        operation("clamp", residual, out=derivative, low=-loss.delta, high=loss.delta),
        operation("add_scaled", residual, derivative, out=size, factor=-0.5),
        operation("mul", size, derivative, out=size),
        operation("sum_columns", size, out=out),
    ]


def quantile(loss: losses.Quantile, at: Places) -> Operations:
    """Multiply the residual by the derivative: -quantile below the target, 1 - quantile above."""
    raw, target, derivative, out = at
    residual, size = torch.empty_like(raw), torch.empty_like(raw)
    return [
        operation("sub", raw, target, out=residual),
        # at the target itself the mean of both, as autograd has it
        operation("sign", residual, out=derivative),
        operation("affine", derivative, out=derivative, scale=0.5, shift=0.5 - loss.quantile),
        operation("mul", residual, derivative, out=size),
        operation("sum_columns", size, out=out),
    ]


def poisson(loss: losses.PoissonLoss, at: Places) -> Operations:
    """Target * log target - target - target * raw + exp(raw); derivative exp(raw) - target."""
    raw, target, derivative, out = at
    size, product = torch.empty_like(raw), torch.empty_like(raw)
    return [
        operation("xlogy", target, target, out=size),
        operation("mul", target, raw, out=product),
        operation("sub", size, product, out=size),
        operation("exp", raw, out=derivative),
        operation("sub", derivative, target, out=derivative),
        operation("add", size, derivative, out=size),
        operation("sum_columns", size, out=out),
    ]


def gamma(loss: losses.GammaLoss, at: Places) -> Operations:
    """Raw - log target + target * exp(-raw) - 1; derivative 1 - target * exp(-raw)."""
    raw, target, derivative, out = at
    size, ratio = torch.empty_like(raw), torch.empty_like(raw)
    return [
        operation("neg", raw, out=ratio),
        operation("exp", ratio, out=ratio),
        operation("mul", target, ratio, out=ratio),
        operation("log", target, out=size),
        operation("sub", raw, size, out=size),
        operation("add", size, ratio, out=size),
        operation("affine", size, out=size, scale=1.0, shift=-1.0),
        operation("sum_columns", size, out=out),
        operation("affine", ratio, out=derivative, scale=-1.0, shift=1.0),
    ]


def _half_square(residual: Tensor, buffer: Tensor, out: Tensor) -> Operations:
    return [
        operation("square", residual, out=buffer),
        operation("sum_columns", buffer, out=out),
        operation("affine", out, out=out, scale=0.5, shift=0.0),
    ]


LOSSES: dict[type[losses.Loss], Callable[[Any, Places], Operations]] = {
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
