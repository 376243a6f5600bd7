"""One training step for a fixed batch size: all buffers and operations, created once."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from sknn_tips.nn.layers import LAYERS
from sknn_tips.nn.losses import Loss, Places
from sknn_tips.nn.memory import Memory
from sknn_tips.nn.module import MLP
from sknn_tips.nn.signals import Part, Signal
from sknn_tips.ops.executor import compiled
from sknn_tips.ops.operation import Operation, operation


@dataclass(frozen=True)
class Penalties:
    """The penalties that are added to the loss, as in `state.plan.Plan`."""

    alpha: float = 0.0
    l1: float = 0.0
    activity_l1: float = 0.0


class Forward:
    """The network's output for a batch, without dropout and with running statistics.

    Parameters
    ----------
    memory : Memory
    x : torch.Tensor
        (batch, n_features) The batch, or a buffer that is filled before every call.
    """

    def __init__(self, memory: Memory, x: torch.Tensor) -> None:
        self.x = x
        parts = _chain(memory, Signal(x), training=False)
        self.run = compiled([each for part in parts for each in part.forward], memory.vector)
        self.raw = parts[-1].y.value

    def __call__(self) -> torch.Tensor:
        """Return the raw output (batch, n_outputs); every call uses the same buffer."""
        self.run()
        return self.raw


class Program:
    """The loss of a batch and its gradient.

    Parameters
    ----------
    memory : Memory
    loss : Loss
    penalties : Penalties
    n_rows : int
        Number of samples in the batch.
    weighted : bool
        Whether samples have weights.
    total : torch.Tensor
        (1, 1) Every step adds the number of samples times the mean loss.
    x : torch.Tensor or None
        (batch, n_features) The batch itself if it is the same in every step, which avoids a copy;
        None to create a buffer.

    Attributes
    ----------
    operations : list of Operation
        Write the gradient of the mean loss into the memory.
    x, given_target, weight : torch.Tensor
        Buffers that are filled before every step: (batch, n_features), (batch, n_outputs) or class
        codes (batch, 1), and (batch, 1).
    raw : torch.Tensor
        (batch, n_outputs) The output of the last layer.
    """

    def __init__(
        self,
        memory: Memory,
        loss: Loss,
        penalties: Penalties,
        n_rows: int,
        *,
        weighted: bool,
        total: torch.Tensor,
        x: torch.Tensor | None = None,
    ) -> None:
        network, like = memory.module.network, memory.vector
        self.x = like.new_empty((n_rows, network.n_features)) if x is None else x
        target = like.new_empty((n_rows, network.n_outputs))
        self.given_target, expand = loss.target_buffer(target)
        self.weight = like.new_ones((n_rows, 1))
        share = _Share(self.weight, weighted=weighted)
        self.operations: list[Operation] = [*expand, *share.operations]
        sample_loss = torch.empty_like(self.weight)
        parts = _chain(memory, Signal(self.x), training=True)
        raw = parts[-1].y
        assert raw.grad is not None
        self.raw = raw.value
        activity = torch.empty_like(self.weight)
        if penalties.activity_l1:
            parts = _watched(parts, memory.module, activity, share.value, penalties.activity_l1)
            self.operations.append(operation("fill", out=activity, value=0.0))
        self.operations += [each for part in parts for each in part.forward]
        self.operations += loss.operations(Places(raw.value, target, raw.grad, sample_loss))
        self.operations.append(share.times(raw.grad))
        self.operations += [each for part in reversed(parts) for each in part.backward]

        shown, scale = torch.empty_like(total), loss.reported_scale(network.n_outputs)
        if scale != 1:
            self.operations.append(
                operation("affine", sample_loss, out=sample_loss, scale=scale, shift=0.0)
            )
        if penalties.activity_l1:
            self.operations.append(operation("add", sample_loss, activity, out=sample_loss))
        self.operations.append(operation("dot", share.value.mT, sample_loss.mT, out=shown))
        self.operations += _l2(memory, penalties.alpha, share, shown)
        self.operations += _l1(memory, penalties.l1, shown)
        self.operations.append(
            operation("add_scaled", total, shown, out=total, factor=float(n_rows))
        )


class _Share:
    """The share of each sample in the mean over a batch.

    Attributes
    ----------
    value : torch.Tensor
        (batch, 1)
    inverse_total : torch.Tensor
        (1, 1) One divided by the sum of the weights.
    operations : list of Operation
        Compute both; empty if samples have no weights.
    """

    def __init__(self, weight: torch.Tensor, *, weighted: bool) -> None:
        self.weighted, self.n_rows = weighted, len(weight)
        self.value = weight / self.n_rows
        self.inverse_total = weight.new_ones(1, 1) / self.n_rows
        self.operations: list[Operation] = []
        if weighted:
            self.operations = [
                operation("sum_rows", weight, out=self.inverse_total),
                operation("reciprocal", self.inverse_total, out=self.inverse_total),
                operation("mul", weight, self.inverse_total, out=self.value),
            ]

    def times(self, derivative: torch.Tensor) -> Operation:
        """Return the operation that multiplies the derivatives by the shares of the samples."""
        if self.weighted:
            return operation("mul", derivative, self.value, out=derivative)
        return operation("affine", derivative, out=derivative, scale=1 / self.n_rows, shift=0.0)

    def add(self, x: torch.Tensor, y: torch.Tensor, factor: float) -> Operation:
        """Return the operation that adds factor * y / (sum of the weights) to x."""
        if self.weighted:
            return operation("add_product", x, y, self.inverse_total, out=x, factor=factor)
        return operation("add_scaled", x, y, out=x, factor=factor / self.n_rows)


def covers(module: MLP, loss: Loss | None = None) -> bool:
    """Return whether the engine supports every layer, and the loss if one is passed.

    A loss that inherits its operations is not supported: it may have redefined the loss itself.
    """
    knows_loss = loss is None or "operations" in vars(type(loss))
    return knows_loss and all(type(layer) in LAYERS for layer in module)


def _chain(memory: Memory, x: Signal, *, training: bool) -> list[Part]:
    """Return the parts of all layers; the input of each is the output of the preceding one."""
    parts = []
    for layer in memory.module:
        parts.append(LAYERS[type(layer)].operations(layer, x, memory, training=training))
        x = parts[-1].y
    return parts


def _watched(
    parts: Sequence[Part], module: MLP, activity: torch.Tensor, share: torch.Tensor, factor: float
) -> list[Part]:
    """Add the activity penalty, factor * sum |y| per sample, to every activation."""
    watched = []
    for activation, part in zip(module.activations, parts, strict=True):
        if activation is None:
            watched.append(part)
            continue
        y, buffer, rows = part.y, torch.empty_like(part.y.value), torch.empty_like(activity)
        assert y.grad is not None
        forward = [
            operation("abs", y.value, out=buffer),
            operation("sum_columns", buffer, out=rows),
            operation("add_scaled", activity, rows, out=activity, factor=factor),
        ]
        backward = [
            operation("sign", y.value, out=buffer),
            operation("add_product", y.grad, buffer, share, out=y.grad, factor=factor),
        ]
        watched.append(Part(y, part.forward + forward, backward + part.backward))
    return watched


def _l2(memory: Memory, alpha: float, share: _Share, shown: torch.Tensor) -> list[Operation]:
    """Add alpha / 2 * |W|^2 / (sum of the weights of the samples)."""
    if not alpha:
        return []
    weights, gradient = memory.weights.unsqueeze(0), memory.weights_grad.unsqueeze(0)
    square = torch.empty_like(shown)
    return [
        share.add(gradient, weights, alpha),
        operation("dot", weights, weights, out=square),
        share.add(shown, square, 0.5 * alpha),
    ]


def _l1(memory: Memory, l1: float, shown: torch.Tensor) -> list[Operation]:
    """Add l1 * sum |W|."""
    if not l1:
        return []
    weights, gradient = memory.weights.unsqueeze(0), memory.weights_grad.unsqueeze(0)
    signs, total = torch.empty_like(weights), torch.empty_like(shown)
    return [
        operation("sign", weights, out=signs),
        operation("add_scaled", gradient, signs, out=gradient, factor=l1),
        operation("dot", weights, signs, out=total),
        operation("add_scaled", shown, total, out=shown, factor=l1),
    ]
