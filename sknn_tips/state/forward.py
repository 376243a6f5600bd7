"""The raw output of a network for many samples, in chunks and without autograd."""

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

# Maximum number of values of the widest layer in a chunk. On a CPU they should fit into the cache:
# a million samples of a 20-100-2 network take .08 s with 2^16 to 2^20, and .15 s with 2^24. A GPU
# is faster with few large chunks.
_VALUES_A_CHUNK = 2**19
_VALUES_A_CHUNK_OF_A_GPU = 2**24
# Forward passes of at most `_FEW_ROWS` samples are kept, `_MOST_KEPT` per network and thread.
_FEW_ROWS, _MOST_KEPT = 256, 4


def raw_output(
    memory: Memory, X: Features, tell: Callable[..., None] | None = None
) -> torch.Tensor:
    """Return the output of the last layer, (n, n_outputs), in inference mode.

    Dropout is off, and batch normalisation uses its running statistics.

    Parameters
    ----------
    memory : Memory
        The network's parameters.
    X : Features
        (n, n_features)
    tell : callable or None
        Called with the name of a hook and its arguments, before and after the whole prediction and
        each chunk.
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
        if forward is None or stop - start < chunk:  # the first chunk, or a smaller last one
            forward, x = _forward(memory, batch)
        x.copy_(batch)
        if tell is not None:
            tell("on_predict_batch_begin", batch=batch)
        raw = out[start:stop].copy_(forward())
        if tell is not None:
            tell("on_predict_batch_end", batch=batch, y_pred=raw)
    return out


def _forward(memory: Memory, like: torch.Tensor) -> tuple[Callable[[], torch.Tensor], torch.Tensor]:
    """Return a forward pass for inputs of the shape of `like`, and the buffer of its input.

    For few samples it is kept for the next prediction, since building it takes longer than running
    it.
    """
    if not covers(memory.module):
        x = torch.empty_like(like)
        return lambda: _answer(memory.module, x), x
    if len(like) > _FEW_ROWS:
        forward = Forward(memory, torch.empty_like(like))
        return forward, forward.x
    kept = _KEPT.forwards.setdefault(memory, {})
    key = len(like), torch.get_num_threads()
    # The dict is in order of use, so that the least recently used one is deleted.
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
    """Forward passes of each thread; their buffers must not be shared between threads."""

    def __init__(self) -> None:
        self.forwards: WeakKeyDictionary[Memory, dict[tuple[int, int], Forward]] = (
            WeakKeyDictionary()
        )


_KEPT = _Kept()


def forward_flop(network: Network, rows: int) -> float:
    """Return the number of floating-point operations of a forward pass.

    A training step takes three times as many.
    """
    return 2.0 * rows * sum(i * units * pieces for i, units, pieces in network.widths)
