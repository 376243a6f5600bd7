"""The raw output of a network for many rows, in large chunks and without autograd."""

import torch

from sknn_tips.network.module import MLP, Network
from sknn_tips.training.rows import Features

# Values of the widest layer a chunk may hold: 64 MiB in float32.
_VALUES_A_CHUNK = 2**24


@torch.inference_mode()
def raw_output(module: MLP, X: Features) -> torch.Tensor:
    """Return what the last layer gives, (n, n_outputs), with dropout and batch statistics off."""
    widest = max(max(fan_in, units * pieces) for fan_in, units, pieces in module.network.widths)
    chunk = max(1, _VALUES_A_CHUNK // widest)
    if len(X) <= chunk:
        return module(X.part(0, len(X)))
    starts = range(0, len(X), chunk)
    return torch.cat([module(X.part(start, min(start + chunk, len(X)))) for start in starts])


def forward_flop(network: Network, rows: int) -> float:
    """Return the multiplications and additions of a forward pass; a training step costs thrice."""
    return 2.0 * rows * sum(i * units * pieces for i, units, pieces in network.widths)
