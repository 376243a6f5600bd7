"""torch. This file does not import scikit-learn, so that `ops/` does not depend on it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

# Derivatives of activations, by autograd's operators; the public functions have no `out`.
aten: Any = torch.ops.aten
# The functions behind torch.nn.functional, whose public versions mostly have no `out`.
nn_functions: Any = torch._C._nn
# One step of Adam on given tensors; torch.optim.Adam stores its own tensors.
fused_adam: Any = torch._fused_adam_
# One step of SGD on given tensors.
fused_sgd: Any = torch._fused_sgd_


def bare_step(optimizer: torch.optim.Optimizer) -> Callable[[], Any]:
    """Return ``optimizer.step`` without torch's profiling and hooks: 20 of 300 us per step."""
    wrapped = type(optimizer).step
    return partial(getattr(wrapped, "__wrapped__", wrapped), optimizer)
