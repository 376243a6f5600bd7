"""The layers: forward and backward side by side.

Shapes: x is (.., batch, n_in) and y is (.., batch, n_out), where .. is nothing for one network and
K for a stack of K. A sum over the rows of a batch is a product with a row of ones.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from sknn_tips.engine.activations import ACTIVATIONS
from sknn_tips.engine.calls import Call, call
from sknn_tips.engine.memory import Memory
from sknn_tips.engine.signals import Part, Signal, View
from sknn_tips.network.layers import Dense, Dropout, Scaling, draw_kept


def dense(layer: Dense, x: Signal, memory: Memory, *, training: bool) -> Part:
    """X W + b, with W (.., n_in, n_out) and b (.., 1, n_out)."""
    weight, bias = memory.of(layer.weight), memory.of(layer.bias)
    y = x.beside(weight.value.shape[-1], trained=training)
    scaled, scale, unscale = weight, list[Call](), list[Call]()
    if x.scale is not None:
        scaled, scale, unscale = _scaled(weight, x.scale)
    forward = [
        *scale,
        call(torch.matmul, x.value, scaled.value, out=y.value),
        call(torch.add, y.value, bias.value, out=y.value),
    ]
    if y.grad is None:
        return Part(y, forward, [])
    backward = [
        call(torch.matmul, x.value.mT, y.grad, out=scaled.grad),
        call(torch.matmul, _row_of_ones(x), y.grad, out=bias.grad),
        *unscale,
    ]
    if x.grad is not None:
        backward.append(call(torch.matmul, y.grad, scaled.value.mT, out=x.grad))
    return Part(y, forward, backward)


def _scaled(weight: View, scale: View) -> tuple[View, list[Call], list[Call]]:
    """Return S W, with S = diag(scale): what computes it, and from its derivative both others."""
    product, factors = View(*map(torch.empty_like, weight)), scale.value.mT
    ones = weight.value.new_ones(weight.value.shape[-1], 1)
    backward = [
        call(torch.mul, product.grad, factors, out=weight.grad),
        call(torch.mul, product.grad, weight.value, out=product.grad),
        call(torch.matmul, product.grad, ones, out=scale.grad.mT),
    ]
    return product, [call(torch.mul, weight.value, factors, out=product.value)], backward


def scaling(layer: Scaling, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each column times its weight: left to the dense layer, so that no product has batch rows."""
    return Part(x._replace(scale=memory.of(layer.weight)), [], [])


def dropout(layer: Dropout, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each value times 0, or times 1 / (1 - p)."""
    if not training:
        return Part(x, [], [])
    y = x.behind()
    kept, twins = torch.empty_like(x.value), memory.twins(layer)
    each = kept.unbind() if memory.stack else [kept]

    def draw() -> None:  # every network its own p, from its own generator
        for own, twin in zip(each, twins, strict=True):
            draw_kept(own, twin.p, twin.generator)

    forward: list[Call] = [
        draw,
        call(torch.mul, x.value, kept, out=y.value),
    ]
    backward = [call(torch.mul, y.grad, kept, out=y.grad)] if y.grad is not None else []
    return Part(y, forward, backward)


def batch_norm(layer: nn.BatchNorm1d, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each column with mean 0 and variance 1 over the batch, times a weight, plus a bias."""
    mean, variance = _running_statistics(layer, memory)
    if not training:
        return _with_running_statistics(layer, x, memory)
    n_rows = x.value.shape[-2]
    ones = _row_of_ones(x)
    batch_mean, batch_variance = (torch.empty_like(mean) for _ in range(2))

    def update_running_statistics() -> None:
        share: Any = layer.momentum
        mean.lerp_(batch_mean, share)
        variance.lerp_(batch_variance * (n_rows / (n_rows - 1)), share)

    return _normalised(
        layer,
        x,
        memory,
        total=lambda values, out: call(torch.matmul, ones, values, out=out),
        count=n_rows,
        statistics=(batch_mean, batch_variance),
        after=[update_running_statistics],
    )


def layer_norm(layer: nn.LayerNorm, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each row with mean 0 and variance 1, times a weight, plus a bias."""
    column = x.value.new_ones(x.width, 1)
    mean, variance = (x.value.new_empty((*x.value.shape[:-1], 1)) for _ in range(2))
    return _normalised(
        layer,
        x,
        memory,
        total=lambda values, out: call(torch.matmul, values, column, out=out),
        count=x.width,
        statistics=(mean, variance),
        after=[],
    )


def _normalised(
    layer: nn.BatchNorm1d | nn.LayerNorm,
    x: Signal,
    memory: Memory,
    *,
    total: Callable[[torch.Tensor, torch.Tensor], Call],
    count: int,
    statistics: tuple[torch.Tensor, torch.Tensor],
    after: list[Call],
) -> Part:
    """(x - mean) / sqrt(variance + eps) * weight + bias.

    Parameters
    ----------
    total : callable
        From values and where the result goes to the call that sums them, over the batch or over
        the columns.
    count : int
        How many values a sum has.
    statistics : tuple of tensors
        Buffers of mean and variance.
    after : list of calls
        What follows when the statistics are there.
    """
    weight, bias = memory.of(layer.weight), memory.of(layer.bias)
    y = x.behind()
    mean, variance = statistics
    inverse_deviation = torch.empty_like(mean)
    scaled, buffer = torch.empty_like(x.value), torch.empty_like(x.value)

    def invert() -> None:
        torch.add(variance, layer.eps, out=inverse_deviation)
        inverse_deviation.rsqrt_()

    forward: list[Call] = [
        total(x.value, mean),
        partial(mean.mul_, 1 / count),
        call(torch.sub, x.value, mean, out=scaled),
        call(torch.square, scaled, out=buffer),
        total(buffer, variance),
        partial(variance.mul_, 1 / count),
        invert,
        call(torch.mul, scaled, inverse_deviation, out=scaled),
        call(torch.mul, scaled, weight.value, out=y.value),
        call(torch.add, y.value, bias.value, out=y.value),
        *after,
    ]
    if y.grad is None:
        return Part(y, forward, [])
    rows = _row_of_ones(x)
    sum_of_slopes, sum_of_products = (torch.empty_like(mean) for _ in range(2))
    backward: list[Call] = [
        call(torch.mul, y.grad, scaled, out=buffer),
        call(torch.matmul, rows, buffer, out=weight.grad),
        call(torch.matmul, rows, y.grad, out=bias.grad),
        # by the normalised values, and from them by x
        call(torch.mul, y.grad, weight.value, out=y.grad),
        total(y.grad, sum_of_slopes),
        call(torch.mul, y.grad, scaled, out=buffer),
        total(buffer, sum_of_products),
        partial(torch.addcmul, y.grad, scaled, sum_of_products, value=-1 / count, out=y.grad),
        partial(torch.sub, y.grad, sum_of_slopes, alpha=1 / count, out=y.grad),
        call(torch.mul, y.grad, inverse_deviation, out=y.grad),
    ]
    return Part(y, forward, backward)


def _with_running_statistics(layer: nn.BatchNorm1d, x: Signal, memory: Memory) -> Part:
    mean, variance = _running_statistics(layer, memory)
    weight, bias = memory.of(layer.weight).value, memory.of(layer.bias).value

    def forward() -> None:
        factor = weight * torch.rsqrt(variance + layer.eps)
        torch.addcmul(bias - mean * factor, x.value, factor, out=x.value)

    return Part(x, [forward], [])


def _running_statistics(layer: nn.BatchNorm1d, memory: Memory) -> tuple[torch.Tensor, torch.Tensor]:
    """Return running mean and variance, (.., 1, width)."""
    assert layer.running_mean is not None
    assert layer.running_var is not None
    return memory.buffer(layer.running_mean), memory.buffer(layer.running_var)


def _row_of_ones(x: Signal) -> torch.Tensor:
    return x.value.new_ones(1, x.value.shape[-2])


def _activation(module: nn.Module, x: Signal, memory: Memory, *, training: bool) -> Part:
    return ACTIVATIONS[type(module)](module, x)


LAYERS: dict[type[nn.Module], Callable[..., Part]] = {
    Dense: dense,
    Dropout: dropout,
    Scaling: scaling,
    nn.BatchNorm1d: batch_norm,
    nn.LayerNorm: layer_norm,
    **dict.fromkeys(ACTIVATIONS, _activation),
}
