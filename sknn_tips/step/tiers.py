"""Choose one of the three tiers, the ways to train, and state the reason."""

import os

import torch

from sknn_tips._registry import name_of
from sknn_tips.nn.program import covers
from sknn_tips.ops import native
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.step.autograd_step import AutogradStep
from sknn_tips.step.engine_step import EngineStep
from sknn_tips.step.graph_step import GraphStep
from sknn_tips.step.native_step import NativeStep
from sknn_tips.step.step import Step

# For tests and comparisons: SKNN_TIPS_TIER=T1 disables the engine, in worker processes too.
FASTEST = os.environ.get("SKNN_TIPS_TIER", "T0")


def make_step(net: Net, plan: Plan) -> Step:
    """Choose the tier, record it in the net, and return its step."""
    net.tier_, net.tier_reason_ = choose_tier(net, plan)
    if net.tier_ == "T0":
        return _engine(net.flat.vector)(net, plan)
    return AutogradStep(net, plan)


def _engine(vector: torch.Tensor) -> type[EngineStep]:
    """Return the fastest step of the engine for the device and dtype of `vector`."""
    if vector.is_cuda:
        return GraphStep
    return EngineStep if native.unsupported_reason(vector) else NativeStep


def _own_objects(net: Net, plan: Plan) -> list[str]:
    """Return the classes and functions of the user that need autograd."""
    given = [("activation", each) for each in net.network.own_activations]
    given += [("optimizer", plan.optimizer.name), ("loss", getattr(plan.params, "loss", None))]
    named = [f"{parameter}={name_of(each)}" for parameter, each in given if callable(each)]
    return list(dict.fromkeys(named))


def choose_tier(net: Net, plan: Plan) -> tuple[str, str]:
    """Return the tier and the reason.

    T2 calls callbacks at every batch. T0 is the engine, if it supports the layers, the loss and the
    optimizer. T1 is used in all other cases.
    """
    if net.batch_hooks:
        return "T2", f"the callback {net.batch_hooks[0]} is called for every batch"
    own = _own_objects(net, plan)
    if own:
        return "T1", f"the engine has no rule for {' and '.join(own)}"
    if FASTEST != "T0":
        return FASTEST, "the engine is kept out"
    if not plan.optimizer.has_rule:
        options = dict(plan.optimizer.options)
        return "T1", f"the engine has no rule for {plan.optimizer.name} with {options}"
    if not covers(net.module_, net.criterion_):
        return "T1", "the engine does not know every layer, or the loss"
    if net.flat.vector.is_cuda:
        return "T0", "the engine covers it, by CUDA graphs"
    reason = native.unsupported_reason(net.flat.vector)
    if reason is not None:
        return "T0", f"the engine covers it, by calls from Python: {reason}"
    return "T0", "the engine covers it, by the compiled executor"
