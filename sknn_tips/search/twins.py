"""Fits that are equal so far: one trains, and the others take over what came of its pass.

Candidates that differ in `max_iter`, in `tol` or in what is recorded are one training, as far as
the shorter one goes; so are candidates drawn twice. That they are equal is found before the first
pass, from all that a pass depends on; whoever does a pass alone after that has no twin any more.
"""

from collections.abc import Hashable, Iterator
from hashlib import blake2b
from typing import Any

import numpy as np
import torch

from sknn_tips.training.engine_step import EngineStep
from sknn_tips.training.step import Pass


def state_of(work: Pass) -> Hashable | None:
    """Return what is equal for trainings that will be equal after their first pass, and go on so.

    None for those that a callback may change on the way.
    """
    step = work.step
    if not isinstance(step, EngineStep) or step.net.callbacks_:
        return None
    digest = blake2b(digest_size=16)
    for array in _numbers(step, work):
        digest.update(array.tobytes())
    plan = step.plan
    schedule = plan.schedule, plan.schedule_params, plan.power, plan.rate, plan.max_epochs
    options = (
        step.net.network,
        type(step.loss),
        vars(step.loss),
        plan.optimizer,
        plan.weight_decay,
        plan.clip_norm,
        plan.clip_value,
        step.penalties,
        step.net.steps_seen,
        schedule if work.set_rate is not None else None,
    )
    return digest.digest(), repr(options), work.rows.X.identity


def take_over(work: Pass, leader: Pass) -> None:
    """Be where the leader is after its pass."""
    assert isinstance(work.step, EngineStep)
    assert isinstance(leader.step, EngineStep)
    if work.set_rate is not None:
        for turn in range(1, len(work.batches)):
            work.set_rate(turn)
    work.step.take_over(leader.step)


def _numbers(step: EngineStep, work: Pass) -> Iterator[Any]:
    """Yield the numbers that a pass depends on, besides the features."""
    net, rows = step.net, work.rows
    _, drawn, position, *_ = net.random_state.get_state(legacy=True)
    yield drawn
    yield np.array(position)
    tensors = [*step.flat.snapshot(), *step.rule.state.values(), rows.target]
    tensors += [rows.weight] if rows.weight is not None else []
    tensors += [net.generator.get_state()] if net.generator is not None else []
    tensors += [batch for batch in work.batches if isinstance(batch, torch.Tensor)]
    for tensor in tensors:
        yield tensor.detach().cpu().numpy()
