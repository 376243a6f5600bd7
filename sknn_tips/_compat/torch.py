"""torch. This file does not import scikit-learn, so that `ops/` does not depend on it."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import unwrap
from types import MethodType
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


def import_dynamo() -> None:
    """Import the part of torch that its optimizers import for `torch.compile`: a second or more."""
    import_module("torch._dynamo")


def bare_optimizer(
    kind: type[torch.optim.Optimizer], groups: list[dict[str, Any]], **options: Any
) -> torch.optim.Optimizer:
    """Build an optimizer of torch without importing ``torch._dynamo``.

    A wrapper of `add_param_group`, which ``__init__`` calls, imports it (torch 2.0 and newer).
    """
    optimizer = kind.__new__(kind)
    unwrapped = MethodType(unwrap(kind.add_param_group), optimizer)
    vars(optimizer)["add_param_group"] = unwrapped
    kind.__init__(optimizer, groups, **options)
    del vars(optimizer)["add_param_group"]
    return optimizer


def bare_step(optimizer: torch.optim.Optimizer) -> Callable[[], Any]:
    """Return ``optimizer.step`` without its wrappers.

    They are for profiling and hooks, which take 10 us, and for `torch.compile`, for which they
    import ``torch._dynamo``.
    """
    return torch.no_grad()(partial(unwrap(type(optimizer).step), optimizer))
