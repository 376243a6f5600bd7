"""The loop over epochs and batches (tiers T1 and T2), for every optimizer but L-BFGS.

Order of calls: `train` runs epochs; an epoch is `_run_batches`, then the validation set, then the
metrics, one row of history, the stopping rule and the next learning rate. A step is `step.Step`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch

from sknn_tips.training.evaluation import evaluate, record_figures
from sknn_tips.training.interrupts import deferred
from sknn_tips.training.net import Net, dataset
from sknn_tips.training.plan import Plan
from sknn_tips.training.reporting import Reporter, reporter
from sknn_tips.training.rows import Batch, Rows, batch_bounds
from sknn_tips.training.schedules import (
    SCHEDULES,
    SGD_ONLY,
    SMALLEST_ADAPTIVE_RATE,
    Position,
)
from sknn_tips.training.step import Step
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
    report = reporter(plan.verbose, plan.max_epochs)
    with deferred() as interrupted:
        run = _Run(net, plan, rows, held_out, interrupted)
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

    def __init__(
        self,
        net: Net,
        plan: Plan,
        rows: Rows,
        held_out: Rows | None,
        interrupted: Callable[[], bool],
    ) -> None:
        self.net, self.plan, self.rows, self.held_out = net, plan, rows, held_out
        self.interrupted = interrupted
        self.step = Step(net, plan)
        self.bounds = batch_bounds(len(rows), plan.batch_size, merge_single=plan.merge_single)
        self.patience = Patience(
            plan.tol, plan.n_iter_no_change, larger_is_better=plan.early_stopping
        )
        self.reductions = 0
        self.lowest_loss = self.lowest_held_out_loss = math.inf
        self.best_state = net.flat.snapshot() if plan.early_stopping else None
        self.scheduled_rate = math.nan
        self.outcome = Outcome("max_iter", [], [], 0)
        self._set_rate()

    def begin(self) -> dict[str, Any]:
        """Tell the callbacks, and return the datasets that skorch hands to them every epoch."""
        self.net.stop_training = False
        if not self.net.callbacks_:
            return {}
        X, y = _arrays(self.rows)
        valid = None if self.held_out is None else dataset(*_arrays(self.held_out))
        self.net.tell("on_train_begin", X=X, y=y)
        return {"dataset_train": dataset(X, y), "dataset_valid": valid}

    def end(self, datasets: dict[str, Any]) -> Outcome:
        if self.best_state is not None and self.outcome.best_epoch:
            self.net.flat.restore(self.best_state)
        if datasets:
            train = datasets["dataset_train"]
            self.net.tell("on_train_end", X=train.X, y=train.y)
        self.net.no_improvement_count = self.patience.count
        self.net.partial_epochs = self.net.partial_epochs + 1 if self.plan.horizon else 0
        return self.outcome

    def epoch(self, report: Reporter, datasets: dict[str, Any]) -> bool:
        """Run one epoch; return whether it was the last."""
        net, outcome = self.net, self.outcome
        start = perf_counter()
        net.history.new_epoch()
        net.history.record("epoch", len(net.history))
        if datasets:
            net.tell("on_epoch_begin", **datasets)
        loss = self._run_batches()
        outcome.losses.append(loss)
        score = self._record(loss, start)
        improved = self.patience.update(loss if score is None else score)
        if improved:
            outcome.best_epoch = len(outcome.losses)
            if self.best_state is not None:
                self.best_state = net.flat.snapshot()
        report.epoch(len(outcome.losses), loss, score)
        stopped = bool(datasets) and self._callbacks_stop(datasets)
        last = self._is_last(loss, stopped, report)
        self._set_rate()
        return last

    def _run_batches(self) -> float:
        """Train on every row once, or until Ctrl-C; return the mean loss."""
        rows, net = self.rows, self.net
        order = self._order()
        net.module_.train()
        total: Any = 0.0
        for start, stop in self.bounds:
            batch = rows.part(start, stop) if order is None else rows.take(order[start:stop])
            total = total + self._batch(batch)
            if self.interrupted() or net.stop_training:
                break
        net.module_.eval()
        net.samples_seen += stop
        return float(total) / stop

    def _batch(self, batch: Batch) -> torch.Tensor:
        if self.net.tier_ != "T2":
            return self.step(batch)
        skorch_batch = (batch.X, batch.target)
        self.net.history.new_batch()
        self.net.tell("on_batch_begin", batch=skorch_batch, training=True)
        shown = self.step(batch)
        loss, raw = shown / len(batch), self.step.raw
        self.net.history.record_batch("train_loss", float(loss))
        self.net.history.record_batch("train_batch_size", len(batch))
        self.net.tell("on_batch_end", batch=skorch_batch, training=True, loss=loss, y_pred=raw)
        return shown

    def _order(self) -> torch.Tensor | None:
        """Return a fresh permutation, or None where the order of rows cannot matter."""
        n_rows = len(self.rows)
        if not self.plan.shuffle or len(self.bounds) == 1:
            return None
        order = np.arange(n_rows)
        self.net.random_state.shuffle(order)
        return torch.from_numpy(order).to(self.rows.target.device)

    def _record(self, loss: float, start: float) -> float | None:
        """Write the epoch's row of history; return the validation score if it decides."""
        record, plan = self.net.history.record, self.plan
        record("train_loss", loss)
        record("train_loss_best", loss <= self.lowest_loss)
        self.lowest_loss = min(loss, self.lowest_loss)
        score = record_figures(self.net, plan, self.rows, self.held_out)
        if score is not None and self.net.tier_ == "T2":
            self._tell_held_out()
        if score is not None:
            loss = self.net.history[-1]["valid_loss"]
            record("valid_loss_best", loss <= self.lowest_held_out_loss)
            self.lowest_held_out_loss = min(loss, self.lowest_held_out_loss)
        record("lr", self.net.rate)
        record("dur", perf_counter() - start)
        if not plan.early_stopping or score is None:
            return None
        self.outcome.scores.append(score)
        return score

    def _callbacks_stop(self, datasets: dict[str, Any]) -> bool:
        self._keep_one_batch()
        self.net.tell("on_epoch_end", **datasets)
        return self.net.stop_training

    def _keep_one_batch(self) -> None:
        """Keep a row for one batch, which checkpoints read, and no more for earlier epochs."""
        history = self.net.history
        if not history[-1]["batches"]:
            history.new_batch()
        if len(history) > 1:
            del history[-2]["batches"][:-1]

    def _is_last(self, loss: float, stopped: bool, report: Reporter) -> bool:
        if self.interrupted():
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
        if adaptive and self.net.rate > SMALLEST_ADAPTIVE_RATE:
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
            epoch=self._epochs_of_schedule(),
            max_epochs=plan.horizon or plan.max_epochs,
            samples_seen=self.net.samples_seen,
            reductions=self.reductions,
            power=plan.power,
        )
        return SCHEDULES[plan.schedule](plan.rate, position)

    def _epochs_of_schedule(self) -> int:
        """Count epochs of this fit, or calls of `partial_fit`, which start again at the horizon."""
        done = len(self.outcome.losses)
        return (self.net.partial_epochs + done) % self.plan.horizon if self.plan.horizon else done

    def _tell_held_out(self) -> None:
        """Show the validation set to callbacks as one batch, as skorch does."""
        assert self.held_out is not None
        X, y = _arrays(self.held_out)
        evaluation = evaluate(self.net, self.plan, self.held_out)
        loss = torch.tensor(evaluation.loss)
        self.net.tell("on_batch_begin", batch=(X, y), training=False)
        self.net.tell(
            "on_batch_end", batch=(X, y), training=False, loss=loss, y_pred=evaluation.raw
        )

    def _set_rate(self) -> None:
        """Follow the schedule; where it asks for no change, a callback's rate stays."""
        rate = self._rate()
        if rate != self.scheduled_rate:
            self.net.set_rate(rate, keep_velocity=self.plan.schedule in SGD_ONLY)
            self.scheduled_rate = rate


def _arrays(rows: Rows) -> tuple[Any, Any]:
    return rows.X.X, rows.target
