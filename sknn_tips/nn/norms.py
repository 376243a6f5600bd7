"""Batch and layer normalisation for the engine; the parameters are those of torch's modules."""

import torch
from torch import nn

from sknn_tips.nn.signals import Part, Signal, Views
from sknn_tips.ops.operation import Operation, operation


def batch_norm(layer: nn.BatchNorm1d, x: Signal, memory: Views, *, training: bool) -> Part:
    """Scale each column to mean 0 and variance 1 over the batch; apply weight and bias."""
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


def layer_norm(layer: nn.LayerNorm, x: Signal, memory: Views, *, training: bool) -> Part:
    """Scale each row to mean 0 and variance 1; apply weight and bias."""
    mean, variance = (x.value.new_empty((x.value.shape[0], 1)) for _ in range(2))
    return _normalised(
        layer, x, memory, total="sum_columns", count=x.width, statistics=(mean, variance), after=[]
    )


def _normalised(
    layer: nn.BatchNorm1d | nn.LayerNorm,
    x: Signal,
    memory: Views,
    *,
    total: str,
    count: int,
    statistics: tuple[torch.Tensor, torch.Tensor],
    after: list[Operation],
) -> Part:
    """Compute (x - mean) / sqrt(variance + eps) * weight + bias.

    Parameters
    ----------
    total : str
        The kind of operation that sums over the batch or over the columns.
    count : int
        Number of values in each sum.
    statistics : tuple of tensors
        Buffers of mean and variance.
    after : list of Operation
        Run at the end of the forward pass, when the statistics have been computed.
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
        # gradient with respect to the normalised values, then with respect to x
        operation("mul", y.grad, weight.value, out=y.grad),
        operation(total, y.grad, out=of_derivatives),
        operation("mul", y.grad, scaled, out=buffer),
        operation(total, buffer, out=of_products),
        operation("add_product", y.grad, scaled, of_products, out=y.grad, factor=-1 / count),
        operation("add_scaled", y.grad, of_derivatives, out=y.grad, factor=-1 / count),
        operation("mul", y.grad, inverse_deviation, out=y.grad),
    ]
    return Part(y, forward, backward)


def _with_running_statistics(layer: nn.BatchNorm1d, x: Signal, memory: Views) -> Part:
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


def _running_statistics(layer: nn.BatchNorm1d, memory: Views) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the running mean and variance, (1, width)."""
    assert layer.running_mean is not None
    assert layer.running_var is not None
    return memory.buffer(layer.running_mean), memory.buffer(layer.running_var)
