"""Fits that are equal so far: one trains, and the others take over what came of its pass.

Candidates that differ in `max_iter`, in `tol` or in what is recorded are one training, as far as
the shorter one goes; so are candidates drawn twice. That they are equal is found before the first
pass, from all that a pass depends on; whoever does a pass alone after that has no twin any more.
"""

from collections.abc import Hashable, Iterator
from hashlib import blake2b

import joblib
import torch

from sknn_tips.training.engine_step import EngineStep, size_of
from sknn_tips.training.sharing import SHARE
from sknn_tips.training.step import Pass


def state_of(work: Pass) -> Hashable | None:
    """Return what is equal for trainings that will be equal after their first pass, and go on so.

    None for those that have no twin, or that a callback may change on the way.
    """
    step = work.step
    # without a share the rows are its own, and so nobody's twin's
    if SHARE.get() is None or not isinstance(step, EngineStep) or step.net.callbacks_:
        return None
    digest = blake2b(digest_size=16)
    # any generator's state is a dict, of arrays or of numbers
    digest.update(joblib.hash(step.net.random_state.get_state(legacy=False)).encode())
    for tensor in _numbers(step, work):
        digest.update(f"{tensor.shape} {tensor.dtype}".encode())  # where one ends, the next begins
        digest.update(tensor.detach().cpu().numpy().tobytes())
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
        [size_of(batch) for batch in work.batches],
        plan.shuffle,
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
    if work.watch is not None and leader.watch is not None:
        work.watch.take_over(leader.watch)


def _numbers(step: EngineStep, work: Pass) -> Iterator[torch.Tensor]:
    """Yield the numbers that a pass depends on, besides the features."""
    yield from step.flat.snapshot()
    yield from step.rule.state.values()
    yield work.rows.target
    if work.rows.weight is not None:
        yield work.rows.weight
    if step.net.generator is not None:
        yield step.net.generator.get_state()
    yield from (batch for batch in work.batches if isinstance(batch, torch.Tensor))
