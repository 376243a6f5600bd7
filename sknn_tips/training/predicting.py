"""The raw output of a network for many rows, in large chunks and without autograd."""

from collections.abc import Callable

import torch

from sknn_tips.network.module import MLP, Network
from sknn_tips.training.rows import Features

# Values of the widest layer a chunk may hold: 64 MiB in float32.
_VALUES_A_CHUNK = 2**24


@torch.inference_mode()
def raw_output(module: MLP, X: Features, tell: Callable[..., None] | None = None) -> torch.Tensor:
    """Return what the last layer gives, (n, n_outputs), with dropout and batch statistics off.

    Parameters
    ----------
    module : MLP
    X : Features
        (n, n_features)
    tell : callable or None
        Called with a hook's name and its arguments, before and after the whole and every chunk.
    """
    if tell is None:
        return _in_chunks(module, X, module.network)

    def told(batch: torch.Tensor) -> torch.Tensor:
        tell("on_predict_batch_begin", batch=batch)
        raw = module(batch)
        tell("on_predict_batch_end", batch=batch, y_pred=raw)
        return raw

    tell("on_predict_begin", X=X.X)
    raw = _in_chunks(told, X, module.network)
    tell("on_predict_end", X=X.X, y_pred=raw)
    return raw


def _in_chunks(
    forward: Callable[[torch.Tensor], torch.Tensor], X: Features, network: Network
) -> torch.Tensor:
    widest = max(max(fan_in, units * pieces) for fan_in, units, pieces in network.widths)
    chunk = max(1, _VALUES_A_CHUNK // widest)
    if len(X) <= chunk:
        return forward(X.part(0, len(X)))
    starts = range(0, len(X), chunk)
    return torch.cat([forward(X.part(start, min(start + chunk, len(X)))) for start in starts])


def forward_flop(network: Network, rows: int) -> float:
    """Return the multiplications and additions of a forward pass; a training step costs thrice."""
    return 2.0 * rows * sum(i * units * pieces for i, units, pieces in network.widths)
