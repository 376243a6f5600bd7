"""The loop over epochs and batches (tiers T1 and T2), for every optimizer but L-BFGS.

Order of calls: `train` runs epochs; an epoch is `_run_batches`, then the validation set, then the
metrics, one row of history, the stopping rule and the next learning rate. A step is `Step`.
The engine (tier T0) will take the place of `Step` where it can.
"""

import math
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch

from sknn_tips.network.losses import Loss
from sknn_tips.training.interrupts import called_directly
from sknn_tips.training.metrics import SCORES, compute
from sknn_tips.training.net import Net
from sknn_tips.training.plan import Plan
from sknn_tips.training.predicting import raw_output
from sknn_tips.training.reporting import Reporter, reporter
from sknn_tips.training.rows import Batch, Rows, batch_bounds
from sknn_tips.training.schedules import (
    SCHEDULES,
    SGD_ONLY,
    SMALLEST_ADAPTIVE_RATE,
    Position,
)
from sknn_tips.training.stopping import Patience


@dataclass
class Outcome:
    """How training went.

    Attributes
    ----------
    stop_reason : str
        converged, max_iter, early_stopping, callback, interrupted or diverged.
    losses : list of float
        One an epoch.
    scores : list of float
        The validation score after each epoch; empty without early stopping.
    best_epoch : int
        From 1, counted in this training; by the score under early stopping, else by the loss.
    """

    stop_reason: str
    losses: list[float]
    scores: list[float]
    best_epoch: int


class Step:
    """One update of the weights from one batch, by autograd and a torch optimizer."""

    def __init__(self, net: Net, plan: Plan) -> None:
        self.net = net
        self.module = net.module_
        self.loss: Loss = net.criterion_
        self.flat = net.flat
        self.optimizer = net.use_optimizer(plan.optimizer, plan.rate)
        self.alpha = plan.alpha
        self.weight_decay = plan.optimizer.weight_decay
        self.shown_scale = self.loss.reported_scale(net.network.n_outputs)

    def __call__(self, batch: Batch) -> torch.Tensor:
        """Train on the batch; return its loss before the update, penalty included, as a tensor."""
        total = len(batch) if batch.weight is None else batch.weight.sum()
        if batch.weight is not None and total == 0:
            return torch.zeros((), dtype=batch.weight.dtype, device=batch.weight.device)
        shown = self._gradients(batch, total)
        if self.net.tier_ == "T2":
            named = list(self.module.named_parameters())
            self.net.tell("on_grad_computed", named_parameters=named, batch=batch, training=True)
        if self.weight_decay:
            self.flat.weights.mul_(1 - self.net.lr * self.weight_decay)
        self.optimizer.step()
        return shown

    def _gradients(self, batch: Batch, total: Any) -> torch.Tensor:
        raw = self.module(batch.X)
        self.raw = raw.detach()
        per_sample = self.loss.per_sample(raw, batch.target)
        if batch.weight is None:
            mean = per_sample.mean()
        else:
            mean = torch.dot(per_sample, batch.weight) / total
        self.flat.grad.zero_()
        mean.backward()  # type: ignore[no-untyped-call]
        shown = mean.detach() * self.shown_scale
        if self.alpha:  # in closed form: the gradient of alpha / 2 * ||W||^2 / total
            weights = self.flat.weights
            self.flat.weights_grad.add_(weights, alpha=self.alpha / float(total))
            shown = shown + torch.dot(weights, weights) * (0.5 * self.alpha / float(total))
        return shown


def train(net: Net, plan: Plan, rows: Rows, held_out: Rows | None) -> Outcome:
    """Train `net` in place, for at most ``plan.max_epochs`` epochs.

    Parameters
    ----------
    net : Net
    plan : Plan
    rows : Rows
        What is trained on.
    held_out : Rows or None
        The validation set: recorded, and with ``plan.early_stopping`` decisive.

    Returns
    -------
    Outcome
    """
    run = _Run(net, plan, rows, held_out)
    report = reporter(plan.verbose, plan.max_epochs)
    datasets = run.begin()
    try:
        for _ in range(plan.max_epochs):
            if run.epoch(report, datasets):
                break
    finally:
        net.module_.eval()
        report.close()
    return run.end(datasets)


class _Run:
    """The state of one training: what an epoch needs of the epochs before it."""

    def __init__(self, net: Net, plan: Plan, rows: Rows, held_out: Rows | None) -> None:
        self.net, self.plan, self.rows, self.held_out = net, plan, rows, held_out
        self.step = Step(net, plan)
        self.bounds = batch_bounds(len(rows), plan.batch_size, merge_single=plan.merge_single)
        self.patience = Patience(
            plan.tol, plan.n_iter_no_change, larger_is_better=plan.early_stopping
        )
        self.reductions = 0
        self.lowest_loss = self.lowest_held_out_loss = math.inf
        self.best_state = net.flat.snapshot() if plan.early_stopping else None
        self.outcome = Outcome("max_iter", [], [], 0)
        self._set_rate()

    def begin(self) -> dict[str, Any]:
        """Tell the callbacks, and return the datasets that skorch hands to them every epoch."""
        self.net.stop_training = False
        if not self.net.callbacks_:
            return {}
        X, y = _arrays(self.rows)
        valid = None if self.held_out is None else self.net.datasets(*_arrays(self.held_out))
        self.net.tell("on_train_begin", X=X, y=y)
        return {"dataset_train": self.net.datasets(X, y), "dataset_valid": valid}

    def end(self, datasets: dict[str, Any]) -> Outcome:
        if self.best_state is not None:
            self.net.flat.restore(self.best_state)
        if datasets:
            train = datasets["dataset_train"]
            self.net.tell("on_train_end", X=train.X, y=train.y)
        self.net.no_improvement_count = self.patience.count
        return self.outcome

    def epoch(self, report: Reporter, datasets: dict[str, Any]) -> bool:
        """Run one epoch; return whether it was the last."""
        net, outcome = self.net, self.outcome
        start = perf_counter()
        net.history.new_epoch()
        net.history.record("epoch", len(net.history))
        if datasets:
            net.tell("on_epoch_begin", **datasets)
        loss, interrupted = self._run_batches()
        net.samples_seen += len(self.rows)
        outcome.losses.append(loss)
        score = self._record(loss, start)
        improved = self.patience.update(loss if score is None else score)
        net.history.record("train_loss_best", loss <= self.lowest_loss)
        self.lowest_loss = min(loss, self.lowest_loss)
        if improved:
            outcome.best_epoch = len(outcome.losses)
            if self.best_state is not None:
                self.best_state = net.flat.snapshot()
        report.epoch(len(outcome.losses), loss, score)
        stopped = bool(datasets) and self._callbacks_stop(datasets)
        last = self._is_last(loss, interrupted, stopped, report)
        self._set_rate()
        return last

    def _run_batches(self) -> tuple[float, bool]:
        """Train on every row once; return the mean loss and whether Ctrl-C cut the epoch short."""
        rows, net = self.rows, self.net
        order = self._order()
        net.module_.train()
        total: Any = 0.0
        done = 0
        interrupted = False
        try:
            for start, stop in self.bounds:
                batch = rows.part(start, stop) if order is None else rows.take(order[start:stop])
                total = total + self._batch(batch) * len(batch)
                done += len(batch)
        except KeyboardInterrupt:
            if not called_directly():
                raise
            interrupted = True
        net.module_.eval()
        return float(total) / max(done, 1), interrupted

    def _batch(self, batch: Batch) -> torch.Tensor:
        if self.net.tier_ == "T1":
            return self.step(batch)
        skorch_batch = (batch.X, batch.target)
        self.net.history.new_batch()
        self.net.tell("on_batch_begin", batch=skorch_batch, training=True)
        loss = self.step(batch)
        raw = self.step.raw
        self.net.history.record_batch("train_loss", float(loss))
        self.net.history.record_batch("train_batch_size", len(batch))
        self.net.tell("on_batch_end", batch=skorch_batch, training=True, loss=loss, y_pred=raw)
        return loss

    def _order(self) -> torch.Tensor | None:
        """Return a fresh permutation, or None where the order of rows cannot matter."""
        n_rows = len(self.rows)
        if not self.plan.shuffle or len(self.bounds) == 1:
            return None
        order = np.arange(n_rows)
        self.net.random_state.shuffle(order)
        return torch.from_numpy(order).to(self.rows.target.device)

    def _record(self, loss: float, start: float) -> float | None:
        """Write the epoch's row of history; return the validation score that may stop training."""
        history, plan = self.net.history, self.plan
        history.record("train_loss", loss)
        score = None
        if plan.metrics:
            for name, value in self._metrics(self.rows).items():
                history.record(f"train_{name}", value)
        if self.held_out is not None:
            score = self._record_held_out(self.held_out)
        history.record("lr", self.net.lr)
        history.record("dur", perf_counter() - start)
        return score if plan.early_stopping else None

    def _record_held_out(self, held_out: Rows) -> float:
        net, plan = self.net, self.plan
        raw = raw_output(net.module_, held_out.X)
        loss = _mean_loss(net.criterion_, raw, held_out) * self.step.shown_scale
        weight = None if held_out.weight is None else held_out.weight.cpu().numpy()
        decided = net.criterion_.decide(raw).cpu().numpy()
        score = SCORES[plan.score](held_out.y, decided, weight)
        net.history.record("valid_loss", loss)
        net.history.record("valid_loss_best", loss <= self.lowest_held_out_loss)
        self.lowest_held_out_loss = min(loss, self.lowest_held_out_loss)
        net.history.record(f"valid_{plan.score}", score)
        if plan.early_stopping:
            self.outcome.scores.append(score)
        if plan.metrics:
            for name, value in self._metrics(held_out, decided).items():
                net.history.record(f"valid_{name}", value)
        return score

    def _metrics(self, rows: Rows, decided: Any = None) -> dict[str, float]:
        if decided is None:
            raw = raw_output(self.net.module_, rows.X)
            decided = self.net.criterion_.decide(raw).cpu().numpy()
        weight = None if rows.weight is None else rows.weight.cpu().numpy()
        to_user = self.plan.to_user
        return compute(dict(self.plan.metrics), to_user(rows.y), to_user(decided), weight)

    def _callbacks_stop(self, datasets: dict[str, Any]) -> bool:
        try:
            self.net.tell("on_epoch_end", **datasets)
        except KeyboardInterrupt:  # how skorch's EarlyStopping ends training
            return True
        return self.net.stop_training

    def _is_last(self, loss: float, interrupted: bool, stopped: bool, report: Reporter) -> bool:
        if interrupted:
            self.outcome.stop_reason = "interrupted"
        elif not math.isfinite(loss):
            self.outcome.stop_reason = "diverged"
        elif stopped:
            self.outcome.stop_reason = "callback"
        elif self.patience.exhausted:
            return self._out_of_patience(report)
        return self.outcome.stop_reason != "max_iter"

    def _out_of_patience(self, report: Reporter) -> bool:
        plan = self.plan
        what = "Validation score" if plan.early_stopping else "Training loss"
        message = (
            f"{what} did not improve more than tol={plan.tol:f} for"
            f" {plan.n_iter_no_change} consecutive epochs."
        )
        adaptive = plan.schedule == "adaptive" and plan.optimizer.entry.is_sgd_family
        if adaptive and self.net.lr > SMALLEST_ADAPTIVE_RATE:
            self.reductions += 1
            self.patience.count = 0
            report.message(f"{message} Setting learning rate to {self._rate():f}")
            return False
        report.message(f"{message} Stopping.")
        self.outcome.stop_reason = "early_stopping" if plan.early_stopping else "converged"
        return True

    def _rate(self) -> float:
        plan = self.plan
        if plan.schedule in SGD_ONLY and not plan.optimizer.entry.is_sgd_family:
            return plan.rate
        position = Position(
            epoch=len(self.outcome.losses),
            max_epochs=plan.max_epochs,
            samples_seen=self.net.samples_seen,
            reductions=self.reductions,
            power=plan.power,
        )
        return SCHEDULES[plan.schedule](plan.rate, position)

    def _set_rate(self) -> None:
        self.net.set_rate(self._rate(), keep_velocity=self.plan.schedule in SGD_ONLY)


def _mean_loss(loss: Loss, raw: torch.Tensor, rows: Rows) -> float:
    per_sample = loss.per_sample(raw, rows.target)
    if rows.weight is None:
        return float(per_sample.mean())
    return float(torch.dot(per_sample, rows.weight) / rows.weight.sum())


def _arrays(rows: Rows) -> tuple[Any, Any]:
    return rows.X.part(0, len(rows)), rows.target
