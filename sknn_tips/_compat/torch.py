"""torch. It imports nothing of scikit-learn, so that `ops/` does not."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

# The derivatives of activations, by autograd's own operators; the public ones have no `out`.
aten: Any = torch.ops.aten
# The functions behind torch.nn.functional, whose public ones mostly have no `out`.
nn_functions: Any = torch._C._nn
# One step of Adam, on tensors of ours: torch.optim.Adam has its own.
fused_adam: Any = torch._fused_adam_
# The same of SGD.
fused_sgd: Any = torch._fused_sgd_


def bare_step(optimizer: torch.optim.Optimizer) -> Callable[[], Any]:
    """Return ``optimizer.step`` without torch's profiling and hooks, 20 us of a step of 300."""
    wrapped = type(optimizer).step
    return partial(getattr(wrapped, "__wrapped__", wrapped), optimizer)
