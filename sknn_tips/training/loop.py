"""The loop over epochs and batches, for all optimizers except L-BFGS.

Order of calls: `train` calls `_Run.all_epochs`. An epoch consists of `_batches`, the evaluation of
metrics and validation set, a row of the history, the stopping rule and the next learning rate.
`tiers` chooses the step.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch

from sknn_tips.data.rows import Rows, batch_bounds
from sknn_tips.hooks.reporting import Reporter, reporter
from sknn_tips.hooks.sklearn_callbacks import NO_CALLBACKS, Epochs
from sknn_tips.runtime.interrupts import deferred
from sknn_tips.state.history import protect_columns, shown_figures, shown_name
from sknn_tips.state.net import Net, dataset
from sknn_tips.state.plan import Plan
from sknn_tips.step.autograd_step import AutogradStep
from sknn_tips.step.step import RUN_PASS, Pass, Step
from sknn_tips.step.tiers import make_step
from sknn_tips.tips.findings import severe_so_far
from sknn_tips.tips.record import FitRecord
from sknn_tips.training.evaluation import Evaluation, record_figures, recorded_columns
from sknn_tips.training.last_good import LastGood
from sknn_tips.training.recorder import DivergenceRecorder, Recorder, is_recorded
from sknn_tips.training.scheduling import Scheduler
from sknn_tips.training.stopping import Patience

# scikit-learn's names of columns in the message that they stopped improving.
_NAMES = {
    "train_loss": "Training loss",
    "valid_accuracy": "Validation score",
    "valid_r2": "Validation score",
}


@dataclass
class Outcome:
    """The result of a training.

    Attributes
    ----------
    stop_reason : str
        converged, max_iter, early_stopping, callback, interrupted or diverged.
    losses : list of float
        The loss of each epoch.
    scores : list of float
        The validation score after each epoch; empty without early stopping.
    best_epoch : int
        The best epoch by the monitored value, counted from 1 in this training; 0 if that value was
        always NaN.
    record : FitRecord or None
        The record that the checks examine; None for a call of `partial_fit` that is not recorded.
    is_usable : bool
        Whether the weights of the net can be used. False if training diverged and the net was never
        better than before training.
    """

    stop_reason: str
    losses: list[float]
    scores: list[float]
    best_epoch: int
    record: FitRecord | None = None
    is_usable: bool = True

    def interrupt(self) -> None:
        """Report that Ctrl-C was pressed."""
        self.stop_reason = "interrupted"
        if self.record is not None:
            self.record.stop_reason = "interrupted"


def train(
    net: Net, plan: Plan, rows: Rows, held_out: Rows | None, epochs: Epochs = NO_CALLBACKS
) -> Outcome:
    """Train `net` in place, for at most ``plan.max_epochs`` epochs.

    Parameters
    ----------
    net : Net
    plan : Plan
    rows : Rows
        The training samples.
    held_out : Rows or None
        The validation set. Its loss and metrics are recorded, and may be monitored.
    epochs : Epochs
        Is called at every epoch, besides the callbacks of the net.

    Returns
    -------
    Outcome
    """
    with deferred() as interrupted:
        run = _Run(net, plan, rows, held_out, epochs, interrupted)
        outcome = run.all_epochs()
        # pressed after the last batch; without this, Ctrl-C would be lost, or the model
        if outcome.stop_reason != "diverged" and interrupted():
            outcome.interrupt()
    return outcome


class _Run:
    """The state of one training that an epoch needs of the epochs before it."""

    def __init__(
        self,
        net: Net,
        plan: Plan,
        rows: Rows,
        held_out: Rows | None,
        epochs: Epochs,
        interrupted: Callable[[], bool],
    ) -> None:
        self.net, self.plan, self.rows, self.held_out = net, plan, rows, held_out
        self.epochs = epochs
        self.interrupted = interrupted
        self.step = make_step(net, plan)
        self.bounds = batch_bounds(len(rows), plan.batch_size, merge_single=plan.merge_single)
        self.patience = Patience(
            plan.tol, plan.params.n_iter_no_change, larger_is_better=plan.monitor.larger_is_better
        )
        self.scheduler = Scheduler(net, plan, steps_an_epoch=len(self.bounds))
        self.best_so_far: dict[str, float] = {}
        self.remarked: set[str] = set()
        self.best_state = net.flat.snapshot() if plan.restore_best else None
        recorded = plan.horizon is None or is_recorded(net.partial_epochs + 1)
        self.recorder: Recorder | DivergenceRecorder = (
            Recorder if recorded else DivergenceRecorder
        )(net, plan, rows, held_out, len(self.bounds))
        # early stopping that restores the best weights keeps good ones itself
        keeps_best = plan.params.early_stopping and plan.restore_best
        self.last_good = None if keeps_best else LastGood(net)
        self.outcome = Outcome("max_iter", [], [], 0)
        self.scheduler.set_rate()

    def all_epochs(self) -> Outcome:
        """Train until the last epoch."""
        datasets = self.begin()
        report = reporter(
            self.plan.params.verbose, self.plan.max_epochs, alone=self.epochs is NO_CALLBACKS
        )
        try:
            for _ in range(self.plan.max_epochs):
                if self.epoch(report, datasets):
                    break
        finally:
            self.net.module_.eval()
            report.close()
        return self.end(datasets)

    def begin(self) -> dict[str, Any]:
        """Call ``on_train_begin``; return the datasets that the callbacks get at every epoch."""
        self.net.stop_training = False
        self.net.verbose = self.plan.params.verbose  # read by skorch's callbacks that print
        self.net.columns = recorded_columns(self.plan, self.held_out)
        if not self.net.callbacks_:
            return {}
        self.net.batch_size = self.plan.batch_size  # read by skorch's progress bar
        X, y = _arrays(self.rows)
        valid = None if self.held_out is None else dataset(*_arrays(self.held_out))
        self.net.tell("on_train_begin", X=X, y=y)
        return {"dataset_train": dataset(X, y), "dataset_valid": valid}

    def end(self, datasets: dict[str, Any]) -> Outcome:
        outcome = self.outcome
        record = outcome.record = self.recorder.end(outcome.stop_reason, outcome.best_epoch)
        if record is not None and record.non_finite is not None:
            if outcome.stop_reason != "interrupted":  # also if only the predictions overflow
                outcome.stop_reason = record.stop_reason = "diverged"
            self._restore_last_good()
        elif self.best_state is not None and outcome.best_epoch:
            self.net.flat.restore(self.best_state)
            self.net.averaging = None  # further training continues from the weights of that epoch
        if datasets:
            train = datasets["dataset_train"]
            self.net.tell("on_train_end", X=train.X, y=train.y)
        self.net.no_improvement_count = self.patience.count
        if self.plan.horizon is None:
            self.net.partial_epochs = 0
        else:
            self.net.partial_epochs += 1
        return self.outcome

    def _restore_last_good(self) -> None:
        """Restore good weights after training diverged, and reset the optimizer state."""
        self.net.forget_moments()
        self.net.averaging = None
        found_best = self.outcome.best_epoch > 0 and self.plan.monitor.on_validation
        # with early stopping scikit-learn never raises: at worst it restores the initial weights
        if self.best_state is not None and (self.last_good is None or found_best):
            self.net.flat.restore(self.best_state)
        elif self.last_good is not None:
            self.outcome.is_usable = self.last_good.restore(self.rows)

    def epoch(self, report: Reporter, datasets: dict[str, Any]) -> bool:
        """Run one epoch; return whether it was the last."""
        net, outcome = self.net, self.outcome
        start = perf_counter()
        net.history.new_epoch()
        net.history.record("epoch", len(net.history))
        self.epochs.begin()
        if datasets:
            net.tell("on_epoch_begin", **datasets)
        loss = self._batches()
        outcome.losses.append(loss)
        self._record(loss, start)
        finite = math.isfinite(loss) and net.flat.all_finite()
        looked = self.recorder.after_epoch(loss, net.rate, finite=finite)
        if finite and self.last_good is not None:
            self.last_good.update(len(outcome.losses), loss)
        watched = net.history[-1][self.plan.monitor.column] if finite else math.nan
        if self.patience.update(watched):
            outcome.best_epoch = len(outcome.losses)
            if self.best_state is not None:
                self.best_state = net.flat.snapshot()
        self.scheduler.end_epoch(watched)
        stopped = self._callbacks_stop(datasets)
        if report.shows:
            report.epoch(len(outcome.losses), shown_figures(net.history[-1]))
            if looked:
                self._remark(report)
        last = self._is_last(stopped, report, finite=finite)
        self.scheduler.set_rate()
        return last

    def _remark(self, report: Reporter) -> None:
        """Show the severe problems found so far, each once."""
        record = self.recorder.record
        for code, line in severe_so_far(record).items() if record else ():
            if code not in self.remarked:
                self.remarked.add(code)
                report.message(line)

    def _batches(self) -> float:
        """Train the network on every sample once, or until Ctrl-C; return the mean loss."""
        net, step = self.net, self._step()
        step.total.zero_()
        set_rate = self.scheduler.set_rate if self.scheduler.per_step else None
        work = Pass(step, self.rows, self.bounds, self._order(), set_rate, self._stops)
        if step.average is not None:
            step.average.begin()
        done = RUN_PASS.get()(work._replace(watch=self.recorder.watch(work.last_full_batch)))
        self.recorder.after_updates(done)
        if step.average is not None:
            step.average.end()
        stop = self.bounds[done - 1][1]
        net.samples_seen += stop
        net.steps_seen += done
        return float(step.total) / stop

    def _stops(self) -> bool:
        return self.interrupted() or self.net.stop_training

    def _step(self) -> Step:
        """Return the step; change to autograd if a callback has read `optimizer_`."""
        net = self.net
        if net.tier_ == "T0" and net.rule is None:
            net.tier_, net.tier_reason_ = "T1", "a callback asked for optimizer_"
            self.step = AutogradStep(net, self.plan)
        return self.step

    def _order(self) -> torch.Tensor | None:
        """Return a new permutation, or None if the samples keep their order or form one batch."""
        n_rows = len(self.rows)
        if not self.plan.params.shuffle or len(self.bounds) == 1:
            return None
        order = np.arange(n_rows)
        self.net.random_state.shuffle(order)
        return torch.from_numpy(order).to(self.rows.target.device)

    def _record(self, loss: float, start: float) -> None:
        """Write the epoch's row of the history."""
        record, monitored = self.net.history.record, self.plan.monitor.column
        record("train_loss", loss)
        found = record_figures(self.net, self.plan, self.rows, self.held_out)
        if found is not None:
            score, evaluation = found
            if self.net.tier_ == "T2":
                self._tell_held_out(evaluation)
            if self.plan.params.early_stopping:
                self.outcome.scores.append(score)
        row = self.net.history[-1]
        for column in {"train_loss", "valid_loss", monitored} & set(row):
            record(f"{column}_best", self._is_best(column, row[column]))
        record("lr", self.net.rate)
        record("dur", perf_counter() - start)

    def _is_best(self, column: str, value: float) -> bool:
        """Return whether the epoch is the best so far, for the column that checkpoints read."""
        monitor = self.plan.monitor
        sign = 1 if column == monitor.column and monitor.larger_is_better else -1
        best = self.best_so_far.get(column, -math.inf)
        self.best_so_far[column] = max(best, sign * value)
        return sign * value > best

    def _callbacks_stop(self, datasets: dict[str, Any]) -> bool:
        if datasets:
            self._keep_one_batch()
            with protect_columns(self.net.history[-1], self.net.columns):
                self.net.tell("on_epoch_end", **datasets)
        return self.epochs.end(self.net) or self.net.stop_training

    def _keep_one_batch(self) -> None:
        """Keep one batch per epoch in the history, which checkpoints read, and delete others."""
        history = self.net.history
        if not history[-1]["batches"]:
            history.new_batch()
        if len(history) > 1:
            del history[-2]["batches"][:-1]

    def _is_last(self, stopped: bool, report: Reporter, *, finite: bool) -> bool:
        if self.interrupted():
            self.outcome.stop_reason = "interrupted"
        elif not finite:
            self.outcome.stop_reason = "diverged"
        elif stopped:
            self.outcome.stop_reason = "callback"
        elif self.patience.exhausted:
            return self._out_of_patience(report)
        return self.outcome.stop_reason != "max_iter"

    def _out_of_patience(self, report: Reporter) -> bool:
        plan = self.plan
        what = _NAMES.get(plan.monitor.column, shown_name(plan.monitor.column))
        message = (
            f"{what} did not improve more than tol={plan.tol:f} for"
            f" {plan.params.n_iter_no_change} consecutive epochs."
        )
        if self.scheduler.lower():
            self.patience.count = 0
            report.message(f"{message} Setting learning rate to {self.scheduler.rate():f}")
            return False
        report.message(f"{message} Stopping.")
        by_validation = plan.monitor.on_validation
        self.outcome.stop_reason = "early_stopping" if by_validation else "converged"
        return True

    def _tell_held_out(self, evaluation: Evaluation) -> None:
        """Call the batch hooks for the validation set as one batch, as skorch does."""
        X, y = _arrays(evaluation.rows)
        loss = torch.tensor(evaluation.loss)
        self.net.tell("on_batch_begin", batch=(X, y), training=False)
        self.net.tell(
            "on_batch_end", batch=(X, y), training=False, loss=loss, y_pred=evaluation.raw
        )


def _arrays(rows: Rows) -> tuple[Any, Any]:
    return rows.X.X, rows.target
