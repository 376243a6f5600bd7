"""The raw output of a network for many rows, in chunks and without autograd."""

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import nn

from sknn_tips.data.features import Features
from sknn_tips.nn.memory import Memory
from sknn_tips.nn.module import Network
from sknn_tips.nn.program import Forward, covers

# Values of the widest layer a chunk may hold. On a CPU they shall stay in the cache: a million rows
# of 20-100-2 take .08 s with 2^16 to 2^20, and .15 s with 2^24. A GPU wants few large chunks.
_VALUES_A_CHUNK = 2**19
_VALUES_A_CHUNK_OF_A_GPU = 2**24
# Of how many rows, and for how many numbers of rows, forward passes are kept.
_FEW_ROWS, _MOST_KEPT = 256, 4


def raw_output(
    memory: Memory, X: Features, tell: Callable[..., None] | None = None
) -> torch.Tensor:
    """Return what the last layer gives, (n, n_outputs), with dropout and batch statistics off.

    Parameters
    ----------
    memory : Memory
        Of the network.
    X : Features
        (n, n_features)
    tell : callable or None
        Called with a hook's name and its arguments, before and after the whole and every chunk.
    """
    with torch.inference_mode(), np.errstate(all="ignore"):
        if tell is None:
            return _in_chunks(memory, X)
        tell("on_predict_begin", X=X.X)
        raw = _in_chunks(memory, X, tell)
        tell("on_predict_end", X=X.X, y_pred=raw)
        return raw


def _in_chunks(
    memory: Memory, X: Features, tell: Callable[..., None] | None = None
) -> torch.Tensor:
    network, n_rows = memory.module.network, len(X)
    values = _VALUES_A_CHUNK_OF_A_GPU if memory.vector.is_cuda else _VALUES_A_CHUNK
    widest = max(max(fan_in, units * pieces) for fan_in, units, pieces in network.widths)
    chunk = max(1, values // widest)
    out = memory.vector.new_empty((n_rows, network.n_outputs))
    forward = None
    for start in range(0, n_rows, chunk):
        stop = min(start + chunk, n_rows)
        batch = X[start:stop]
        if forward is None or stop - start < chunk:  # the first, and a smaller last one
            forward, x = _forward(memory, batch)
        x.copy_(batch)
        if tell is not None:
            tell("on_predict_batch_begin", batch=batch)
        raw = out[start:stop].copy_(forward())
        if tell is not None:
            tell("on_predict_batch_end", batch=batch, y_pred=raw)
    return out


def _forward(memory: Memory, like: torch.Tensor) -> tuple[Callable[[], torch.Tensor], torch.Tensor]:
    """Return what answers to so many rows, and the buffer to put them into.

    For few rows it is kept until the next prediction, since it takes longer to make than to run.
    """
    if not covers(memory.module):
        x = torch.empty_like(like)
        return lambda: _answer(memory.module, x), x
    if len(like) > _FEW_ROWS:
        forward = Forward(memory, torch.empty_like(like))
        return forward, forward.x
    kept = _KEPT.forwards.setdefault(memory, {})
    key = len(like), torch.get_num_threads()
    # the last one used comes last
    kept[key] = forward = kept.pop(key) if key in kept else Forward(memory, torch.empty_like(like))
    if len(kept) > _MOST_KEPT:
        del kept[next(iter(kept))]
    return forward, forward.x


def _answer(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Return the module's output as after training; a callback may predict in between."""
    if not module.training:
        return module(x)
    try:
        return module.eval()(x)
    finally:
        module.train()


class _Kept(threading.local):
    """Forward passes of each thread: they have buffers."""

    def __init__(self) -> None:
        self.forwards: WeakKeyDictionary[Memory, dict[tuple[int, int], Forward]] = (
            WeakKeyDictionary()
        )


_KEPT = _Kept()


def forward_flop(network: Network, rows: int) -> float:
    """Return the multiplications and additions of a forward pass; a training step costs thrice."""
    return 2.0 * rows * sum(i * units * pieces for i, units, pieces in network.widths)
