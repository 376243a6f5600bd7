"""The layers: forward and backward side by side. x is (batch, n_in) and y is (batch, n_out)."""

from collections.abc import Callable

import torch
from torch import nn

from sknn_tips.nn.activation_operations import ACTIVATIONS
from sknn_tips.nn.layers import Dense, Dropout, Scaling
from sknn_tips.nn.memory import Memory
from sknn_tips.nn.signals import Part, Signal, View
from sknn_tips.ops.bits import threshold_of
from sknn_tips.ops.operation import Operation, operation


def dense(layer: Dense, x: Signal, memory: Memory, *, training: bool) -> Part:
    """X W + b, with W (n_in, n_out) and b (1, n_out)."""
    weight, bias = memory.of(layer.weight), memory.of(layer.bias)
    y = x.beside(weight.value.shape[1], trained=training)
    scaled, scale, unscale = weight, list[Operation](), list[Operation]()
    if x.scale is not None:
        scaled, scale, unscale = _scaled(weight, x.scale)
    forward = [
        *scale,
        operation("matmul", x.value, scaled.value, out=y.value),
        operation("add", y.value, bias.value, out=y.value),
    ]
    if y.grad is None:
        return Part(y, forward, [])
    backward = [
        operation("matmul", x.value.mT, y.grad, out=scaled.grad),
        operation("sum_rows", y.grad, out=bias.grad),
        *unscale,
    ]
    if x.grad is not None:
        backward.append(operation("matmul", y.grad, scaled.value.mT, out=x.grad))
    return Part(y, forward, backward)


def _scaled(weight: View, scale: View) -> tuple[View, list[Operation], list[Operation]]:
    """Return S W, with S = diag(scale): what computes it, and from its derivative both others."""
    product, factors = View(*map(torch.empty_like, weight)), scale.value.mT
    backward = [
        operation("mul", product.grad, factors, out=weight.grad),
        operation("mul", product.grad, weight.value, out=product.grad),
        operation("sum_columns", product.grad, out=scale.grad.mT),
    ]
    return product, [operation("mul", weight.value, factors, out=product.value)], backward


def scaling(layer: Scaling, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each column times its weight: left to the dense layer, so that no product has batch rows."""
    return Part(x._replace(scale=memory.of(layer.weight)), [], [])


def dropout(layer: Dropout, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each value times 0, or times 1 / (1 - p)."""
    if not training:
        return Part(x, [], [])
    y, kept = x.behind(), torch.empty_like(x.value)
    forward = [
        operation("dropout", layer.generator, out=kept, **threshold_of(layer.p)),
        operation("mul", x.value, kept, out=y.value),
    ]
    backward = [operation("mul", y.grad, kept, out=y.grad)] if y.grad is not None else []
    return Part(y, forward, backward)


def batch_norm(layer: nn.BatchNorm1d, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each column with mean 0 and variance 1 over the batch, times a weight, plus a bias."""
    running_mean, running_variance = _running_statistics(layer, memory)
    if not training:
        return _with_running_statistics(layer, x, memory)
    n_rows, share = x.value.shape[0], float(layer.momentum or 0.0)
    mean, variance, unbiased = (torch.empty_like(running_mean) for _ in range(3))
    update = [
        operation("lerp", running_mean, mean, out=running_mean, share=share),
        operation("affine", variance, out=unbiased, scale=n_rows / (n_rows - 1), shift=0.0),
        operation("lerp", running_variance, unbiased, out=running_variance, share=share),
    ]
    return _normalised(
        layer, x, memory, total="sum_rows", count=n_rows, statistics=(mean, variance), after=update
    )


def layer_norm(layer: nn.LayerNorm, x: Signal, memory: Memory, *, training: bool) -> Part:
    """Each row with mean 0 and variance 1, times a weight, plus a bias."""
    mean, variance = (x.value.new_empty((x.value.shape[0], 1)) for _ in range(2))
    return _normalised(
        layer, x, memory, total="sum_columns", count=x.width, statistics=(mean, variance), after=[]
    )


def _normalised(
    layer: nn.BatchNorm1d | nn.LayerNorm,
    x: Signal,
    memory: Memory,
    *,
    total: str,
    count: int,
    statistics: tuple[torch.Tensor, torch.Tensor],
    after: list[Operation],
) -> Part:
    """(x - mean) / sqrt(variance + eps) * weight + bias.

    Parameters
    ----------
    total : str
        The kind of operation that sums values, over the batch or over the columns.
    count : int
        How many values a sum has.
    statistics : tuple of tensors
        Buffers of mean and variance.
    after : list of Operation
        What follows when the statistics are there.
    """
    weight, bias = memory.of(layer.weight), memory.of(layer.bias)
    y = x.behind()
    mean, variance = statistics
    inverse_deviation = torch.empty_like(mean)
    scaled, buffer = torch.empty_like(x.value), torch.empty_like(x.value)
    forward = [
        operation(total, x.value, out=mean),
        operation("affine", mean, out=mean, scale=1 / count, shift=0.0),
        operation("sub", x.value, mean, out=scaled),
        operation("square", scaled, out=buffer),
        operation(total, buffer, out=variance),
        operation("affine", variance, out=variance, scale=1 / count, shift=0.0),
        operation("affine", variance, out=inverse_deviation, scale=1.0, shift=layer.eps),
        operation("rsqrt", inverse_deviation, out=inverse_deviation),
        operation("mul", scaled, inverse_deviation, out=scaled),
        operation("mul", scaled, weight.value, out=y.value),
        operation("add", y.value, bias.value, out=y.value),
        *after,
    ]
    if y.grad is None:
        return Part(y, forward, [])
    of_derivatives, of_products = (torch.empty_like(mean) for _ in range(2))
    backward = [
        operation("mul", y.grad, scaled, out=buffer),
        operation("sum_rows", buffer, out=weight.grad),
        operation("sum_rows", y.grad, out=bias.grad),
        # by the normalised values, and from them by x
        operation("mul", y.grad, weight.value, out=y.grad),
        operation(total, y.grad, out=of_derivatives),
        operation("mul", y.grad, scaled, out=buffer),
        operation(total, buffer, out=of_products),
        operation("add_product", y.grad, scaled, of_products, out=y.grad, factor=-1 / count),
        operation("add_scaled", y.grad, of_derivatives, out=y.grad, factor=-1 / count),
        operation("mul", y.grad, inverse_deviation, out=y.grad),
    ]
    return Part(y, forward, backward)


def _with_running_statistics(layer: nn.BatchNorm1d, x: Signal, memory: Memory) -> Part:
    mean, variance = _running_statistics(layer, memory)
    weight, bias = memory.of(layer.weight).value, memory.of(layer.bias).value
    factor, shift = torch.empty_like(mean), torch.empty_like(mean)
    forward = [
        operation("affine", variance, out=factor, scale=1.0, shift=layer.eps),
        operation("rsqrt", factor, out=factor),
        operation("mul", factor, weight, out=factor),
        operation("add_product", bias, mean, factor, out=shift, factor=-1.0),
        operation("add_product", shift, x.value, factor, out=x.value, factor=1.0),
    ]
    return Part(x, forward, [])


def _running_statistics(layer: nn.BatchNorm1d, memory: Memory) -> tuple[torch.Tensor, torch.Tensor]:
    """Return running mean and variance, (1, width)."""
    assert layer.running_mean is not None
    assert layer.running_var is not None
    return memory.buffer(layer.running_mean), memory.buffer(layer.running_var)


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
