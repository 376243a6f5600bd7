"""The arithmetic of one step, for batches of one size: all buffers and all calls, made once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch

from sknn_tips.engine.activations import ACTIVATIONS
from sknn_tips.engine.calls import Call, call, run
from sknn_tips.engine.layers import LAYERS
from sknn_tips.engine.losses import LOSSES, Places
from sknn_tips.engine.memory import Memory
from sknn_tips.engine.signals import Part, Signal
from sknn_tips.network.losses import Loss, SoftmaxLogLoss
from sknn_tips.network.module import MLP

Factor = float | torch.Tensor
"""One number for all stacked networks, or a tensor (K, 1, 1) with one for each."""


@dataclass(frozen=True)
class Penalties:
    """What the loss gets besides the data's, as in `training.plan.Plan`."""

    alpha: Factor = 0.0
    l1: Factor = 0.0
    activity_l1: Factor = 0.0

    @property
    def on_activities(self) -> bool:
        return _acts(self.activity_l1)


class Forward:
    """What the networks answer to a batch, with dropout and batch statistics off.

    Parameters
    ----------
    memory : Memory
    x : torch.Tensor
        (.., batch, n_features) The batch, or a buffer to be filled before every call.
    """

    def __init__(self, memory: Memory, x: torch.Tensor) -> None:
        parts = _chain(memory, Signal(x), training=False)
        self.calls = [bound for part in parts for bound in part.forward]
        self.raw = parts[-1].y.value

    def __call__(self) -> torch.Tensor:
        """Return the raw output (.., batch, n_outputs), in the same buffer at every call."""
        run(self.calls)
        return self.raw


class Program:
    """The loss of a batch and its gradient.

    Parameters
    ----------
    memory : Memory
    loss : Loss
    penalties : Penalties
    n_rows : int
        Rows of the batch.
    weighted : bool
        Whether rows have weights.
    total : torch.Tensor
        (.., 1, 1) Rows times the mean loss is added to it at every step.
    x : torch.Tensor or None
        (.., batch, n_features) The batch itself where it is always the same, so that nothing is
        copied; None for a buffer.
    smoothing : torch.Tensor or None
        (K, 1, 1) The label smoothing of each stacked network; None for the loss's own.

    Attributes
    ----------
    x, given_target, weight : torch.Tensor
        Buffers to be filled before every step: (.., batch, n_features), (.., batch, n_outputs) or
        class codes (.., batch, 1), and (.., batch, 1).
    raw : torch.Tensor
        (.., batch, n_outputs) What the last layer gave.
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
        smoothing: torch.Tensor | None = None,
    ) -> None:
        network, like = memory.module.network, memory.vector
        rows = (*memory.stack, n_rows)
        self.x = like.new_empty((*rows, network.n_features)) if x is None else x
        self.target = self.given_target = like.new_empty((*rows, network.n_outputs))
        self.weight = like.new_ones((*rows, 1))

        ones = like.new_ones((*memory.stack, 1, 1))
        inverse_total = ones / n_rows  # of the rows' weights
        share = self.weight / n_rows  # of each row in the mean
        self.calls: list[Call] = []
        if isinstance(loss, SoftmaxLogLoss):
            self.given_target = torch.empty((*rows, 1), dtype=torch.int64, device=like.device)
            self.calls += _one_hot(
                self.given_target,
                self.target,
                loss.label_smoothing if smoothing is None else smoothing,
            )
        if weighted:
            self.calls += [
                call(torch.matmul, like.new_ones(1, n_rows), self.weight, out=inverse_total),
                partial(torch.reciprocal, inverse_total, out=inverse_total),
                partial(torch.mul, self.weight, inverse_total, out=share),
            ]
        sample_loss = torch.empty_like(self.weight)
        parts = _chain(memory, Signal(self.x), training=True)
        raw = parts[-1].y
        assert raw.grad is not None
        self.raw = raw.value
        activity = torch.zeros_like(self.weight)
        if penalties.on_activities:
            parts = _watched(parts, memory.module, activity, share, penalties.activity_l1)
            self.calls.append(activity.zero_)
        self.calls += [bound for part in parts for bound in part.forward]
        self.calls += LOSSES[type(loss)](
            loss, Places(raw.value, self.target, raw.grad, sample_loss)
        )
        shares = share if weighted else share.expand_as(raw.grad).contiguous()
        self.calls.append(call(torch.mul, raw.grad, shares, out=raw.grad))
        self.calls += [bound for part in reversed(parts) for bound in part.backward]

        shown = torch.empty_like(ones)
        shown_scale = loss.reported_scale(network.n_outputs)
        if shown_scale != 1:
            self.calls.append(partial(sample_loss.mul_, shown_scale))
        if penalties.on_activities:
            self.calls.append(call(torch.add, sample_loss, activity, out=sample_loss))
        self.calls.append(call(torch.matmul, share.mT, sample_loss, out=shown))
        self.calls += _l2(memory, penalties.alpha, inverse_total, shown, changing=weighted)
        self.calls += _l1(memory, penalties.l1, shown)
        self.calls.append(partial(torch.add, total, shown, alpha=n_rows, out=total))

    def __call__(self) -> None:
        """Put the gradient of the mean loss into the memory."""
        run(self.calls)


def covers(module: MLP, loss: Loss | None = None) -> bool:
    """Say whether the engine knows every layer, and the loss where there is one."""
    knows_loss = loss is None or type(loss) in LOSSES
    return knows_loss and all(type(layer) in LAYERS for layer in module)


def _chain(memory: Memory, x: Signal, *, training: bool) -> list[Part]:
    """Return the layers' parts, each bound to the signal of the one in front."""
    parts = []
    for layer in memory.module:
        parts.append(LAYERS[type(layer)](layer, x, memory, training=training))
        x = parts[-1].y
    return parts


def _watched(
    parts: Sequence[Part],
    module: MLP,
    activity: torch.Tensor,
    share: torch.Tensor,
    factor: Factor,
) -> list[Part]:
    """Add to every activation the penalty on what it gives: factor * sum |y| a row."""
    watched = []
    for layer, part in zip(module, parts, strict=True):
        if type(layer) not in ACTIVATIONS:
            watched.append(part)
            continue
        y, buffer, rows = part.y, torch.empty_like(part.y.value), torch.empty_like(activity)
        assert y.grad is not None
        forward: list[Call] = [
            call(torch.abs, y.value, out=buffer),
            call(torch.matmul, buffer, buffer.new_ones(y.width, 1), out=rows),
            partial(rows.mul_, factor),
            call(torch.add, activity, rows, out=activity),
        ]
        backward: list[Call] = [
            call(torch.sign, y.value, out=buffer),
            partial(buffer.mul_, share),
            partial(buffer.mul_, factor),
            call(torch.add, y.grad, buffer, out=y.grad),
        ]
        watched.append(Part(y, part.forward + forward, backward + part.backward))
    return watched


def _one_hot(codes: torch.Tensor, out: torch.Tensor, smoothing: Factor) -> list[Call]:
    """Write class codes (.., batch, 1) as rows of shares (.., batch, n_classes)."""
    share = smoothing / out.shape[-1]
    of_class = torch.empty_like(codes, dtype=out.dtype)
    if isinstance(share, torch.Tensor):
        of_class.copy_(1 - smoothing + share)
        clear: Call = partial(out.copy_, share.to(out.dtype).expand_as(out))
    else:
        of_class.fill_(1 - smoothing + share)
        clear = partial(out.fill_, share)
    return [clear, partial(out.scatter_, -1, codes, of_class)]


def _l2(
    memory: Memory,
    alpha: Factor,
    inverse_total: torch.Tensor,
    shown: torch.Tensor,
    *,
    changing: bool,
) -> list[Call]:
    """Alpha / 2 * |W|^2 / total."""
    if not _acts(alpha):
        return []
    weights, gradient = memory.weights.unsqueeze(-2), memory.weights_grad.unsqueeze(-2)
    factor, square = inverse_total * alpha, torch.empty_like(shown)
    return [
        *[partial(torch.mul, inverse_total, alpha, out=factor)] * changing,
        partial(torch.addcmul, gradient, weights, factor, out=gradient),
        call(torch.matmul, weights, weights.mT, out=square),
        partial(torch.addcmul, shown, square, factor, value=0.5, out=shown),
    ]


def _l1(memory: Memory, l1: Factor, shown: torch.Tensor) -> list[Call]:
    """l1 * sum |W|."""
    if not _acts(l1):
        return []
    weights, gradient = memory.weights.unsqueeze(-2), memory.weights_grad.unsqueeze(-2)
    buffer = torch.empty_like(weights)
    return [
        call(torch.sign, weights, out=buffer),
        partial(buffer.mul_, l1),
        call(torch.add, gradient, buffer, out=gradient),
        # sum |W| times l1 is the product of the weights with what was added
        lambda: shown.add_((weights * buffer).sum(-1, keepdim=True)),
    ]


def _acts(factor: Factor) -> bool:
    return isinstance(factor, torch.Tensor) or factor != 0
