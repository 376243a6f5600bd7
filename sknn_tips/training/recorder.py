"""Write the `FitRecord` of a training, at little cost.

Recording takes 1 % of the time of a fit that lasts a second, and 1 to 4 ms of a shorter one
(`benchmarks/recording.py`), since it examines few samples, after few epochs.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips._registry import name_of
from sknn_tips.data.features import DenseFeatures, Index
from sknn_tips.data.rows import Batch, Rows
from sknn_tips.metrics.targets import ClassTarget
from sknn_tips.optim.schedules import schedule_of
from sknn_tips.parameters import Parameters
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.tips.record import Columns, FitRecord, NonFinite
from sknn_tips.training.probes import LastUpdate, Weights, identical_units, probe_units, share

# Number of samples whose features and targets are examined, at most and at least. Within these
# limits, the samples have `LEAST_CELLS` values (.1 ms) in a short fit, and the share
# `SHARE_OF_CELLS` of all values in a long one.
MOST_ROWS, FEWEST_ROWS = 2000, 32
LEAST_CELLS, SHARE_OF_CELLS = 10_000, 1 / 50
# Number of samples that the network predicts before, sometimes during, and after training (.1 ms
# for a layer of 100 units).
PROBE_ROWS = 200
# Updates are measured (.03 ms) after epochs 1, 2, 4, 8 ..., and later once in this many updates,
# which take 10 ms or more. Predictions are examined once in `UPDATES_PER_PROBE` updates.
UPDATES_PER_MEASUREMENT, UPDATES_PER_PROBE = 200, 2000

# No check reads these parameters, and their values may be large or code.
_NOT_EXAMINED = {"callbacks", "metrics", "random_state", "tips", "verbose"}


def is_recorded(call: int) -> bool:
    """Return whether a call of `partial_fit`, counted from 1, is recorded.

    Calls 1, 2, 4, 8 ... and every 64th are recorded, since recording takes longer than a call.
    """
    return call & (call - 1) == 0 or call % 64 == 0


class Recorder:
    """Record one training.

    Parameters
    ----------
    net : Net
        The net before the first update.
    plan : Plan
    rows : Rows
        The training samples.
    held_out : Rows or None
        The validation set.
    n_batches : int
        Number of batches in an epoch.

    Attributes
    ----------
    record : FitRecord
    """

    def __init__(
        self, net: Net, plan: Plan, rows: Rows, held_out: Rows | None, n_batches: int
    ) -> None:
        self.net, self.plan, self.rows = net, plan, rows
        sample = _sample(rows, _n_rows_looked_at(rows))
        self.probe_rows = sample[slice(0, None, math.ceil(len(sample) / PROBE_ROWS))]
        self.record = _begin(net, plan, rows, held_out, sample)
        self.record.baseline_loss = self._baseline_loss()
        self._weights = Weights(net)
        self._first_vector = net.flat.memory.vector.cpu().numpy().copy()
        self.record.first_weights = self._weights.norms(self._first_vector)
        self._look(0)
        self._gap = math.ceil(UPDATES_PER_MEASUREMENT / n_batches)
        self._next, self._next_look = 1, UPDATES_PER_PROBE
        self._last_update: LastUpdate | None = None

    def watch(self, last: Index) -> LastUpdate | None:
        """Return what measures an update of the next epoch, or None.

        `last` are the indices of the samples of that update.
        """
        epoch = len(self.record.losses) + 1
        is_due = epoch >= self._next and self.rows.count(last)
        self._last_update = LastUpdate(self.net, self._weights, epoch) if is_due else None
        return self._last_update

    def after_updates(self, n: int) -> None:
        """Count the updates of an epoch."""
        self.record.n_updates += n

    def after_epoch(self, loss: float, rate: float, *, finite: bool) -> bool:
        """Record loss and score of an epoch; return whether it was examined more closely."""
        record = self.record
        record.losses.append(loss)
        record.rates.append(rate)
        if record.n_rows_val:
            row = self.net.history[-1]
            record.val_losses.append(row["valid_loss"])
            record.val_scores.append(row[f"valid_{self.plan.score}"])
        epoch = len(record.losses)
        if not finite:
            self.diverged(epoch, rate)
            return True
        if epoch < self._next:
            return False
        self._next = epoch + min(epoch, self._gap)
        if self._last_update is not None and self._last_update.size is not None:
            record.updates.append(self._last_update.size)
        if record.n_updates >= self._next_look:
            self._next_look = record.n_updates + UPDATES_PER_PROBE
            self._look(epoch)
        return True

    def diverged(self, epoch: int, rate: float) -> None:
        """Record that the loss or the weights are no longer finite."""
        step = self.record.n_updates if self.net.flat.vector.is_cpu else None
        self.record.non_finite = NonFinite(epoch, step, rate)

    def end(self, stop_reason: str, best_epoch: int) -> FitRecord:
        """Examine the weights at the end of training, and return the record."""
        record = self.record
        epoch = len(record.losses)
        if record.non_finite is None and epoch > record.last.epoch:
            self._look(epoch)
            if not record.last.finite:
                self.diverged(epoch, self.net.rate)
        record.moved = self._moved()
        record.stop_reason, record.best_epoch = stop_reason, best_epoch
        return record

    def _look(self, epoch: int) -> None:
        self.record.probes.append(probe_units(self.net, self.probe_rows, epoch))

    def _moved(self) -> list[float]:
        with np.errstate(all="ignore"):
            change = self.net.flat.memory.vector.cpu().numpy() - self._first_vector
        moved = self._weights.norms(change)
        return [share(*pair) for pair in zip(moved, self.record.first_weights, strict=True)]

    def _baseline_loss(self) -> float:
        net, rows, n_outputs = self.net, self.probe_rows, self.net.network.n_outputs
        loss = net.criterion_
        weight = None if rows.weight is None else rows.weight.cpu().numpy()
        with np.errstate(all="ignore"):  # the mean of large targets may overflow
            raw = loss.baseline(rows.target.cpu().numpy(), weight, n_outputs)
        answer = torch.from_numpy(np.asarray(raw)).to(rows.target.device, net.flat.vector.dtype)
        return loss.mean(answer.expand(len(rows), n_outputs), rows.target, rows.weight)


class DivergenceRecorder:
    """Record a training only if it diverges; used in place of a `Recorder`.

    Parameters
    ----------
    *fit
        The arguments of `Recorder`.

    Attributes
    ----------
    record : FitRecord or None
    """

    def __init__(self, *fit: Any) -> None:
        self.fit = fit
        self.record: FitRecord | None = None
        self.n_updates = 0
        self.before = fit[0].flat.snapshot()

    def watch(self, last: Index) -> None:
        """Return None: no update is measured."""

    def after_updates(self, n: int) -> None:
        """Count the updates."""
        self.n_updates += n

    def after_epoch(self, loss: float, rate: float, *, finite: bool) -> bool:
        """Record the only epoch if it diverged; return whether it was examined more closely."""
        if finite:
            return False
        flat = self.fit[0].flat
        after = flat.snapshot()
        flat.restore(self.before)
        recorder = Recorder(*self.fit)
        flat.restore(after)
        recorder.after_updates(self.n_updates)
        self.record = recorder.record
        return recorder.after_epoch(loss, rate, finite=False)

    def end(self, stop_reason: str, best_epoch: int) -> FitRecord | None:
        """Return the record, if there is one."""
        if self.record is not None:
            self.record.stop_reason, self.record.best_epoch = stop_reason, best_epoch
        return self.record


def _examined(params: Parameters) -> dict[str, Any]:
    """Return the parameters that checks may examine."""
    return {name: value for name, value in vars(params).items() if name not in _NOT_EXAMINED}


def _begin(net: Net, plan: Plan, rows: Rows, held_out: Rows | None, sample: Batch) -> FitRecord:
    """Return the record of a training before its first update."""
    network, names = net.network, plan.feature_names
    regresses = not net.criterion_.classifies
    record = FitRecord(
        parameters=_examined(plan.params),
        optimizer=name_of(plan.optimizer.name),
        full_batch=plan.optimizer.entry.full_batch,
        line_search=plan.optimizer.entry.line_search,
        rate=plan.rate,
        batch_size=plan.batch_size,
        usual_rate=plan.optimizer.entry.usual_rate or plan.rate,
        schedule_has_end=schedule_of(plan.schedule).has_end,
        loss=type(net.criterion_).__name__,
        continues=plan.continuing,
        incremental=plan.horizon is not None,
        restores_best=plan.restore_best,
        n_rows=len(rows),
        n_rows_val=0 if held_out is None else len(held_out),
        user_validation=plan.user_validation,
        widths=[network.n_features, *(units for _, units, _ in network.widths)],
        activations=[name_of(layer.activation) for layer in network.hidden],
        n_parameters=len(net.flat.vector),
        features=_of_all(_columns(sample.X, names), _in_memory(rows)),
        target=_of_all(_columns(sample.target), rows.target) if regresses else None,
        class_counts=None if regresses else _class_counts(rows.y),
        numeric_classes=isinstance(plan.target, ClassTarget) and plan.target.is_numeric,
        typical_weight=_typical_weight(sample.weight),
        alike=identical_units(net),
    )
    if held_out is not None:
        sample = _sample(held_out, _n_rows_looked_at(held_out))
        record.features_val = _columns(sample.X, names)
        record.target_val = _columns(sample.target) if regresses else None
    return record


def _columns(values: torch.Tensor, names: NDArray | None = None) -> Columns:
    return Columns.of(values.cpu().numpy(), names)


def _in_memory(rows: Rows) -> torch.Tensor | None:
    """Return the features, or None if they would have to be read from their file."""
    return rows.X.X if isinstance(rows.X, DenseFeatures) else None


def _of_all(columns: Columns, values: torch.Tensor | None) -> Columns:
    """Return `columns`, in which those that seem constant get their range over all `values`."""
    which = np.flatnonzero(columns.is_constant)
    if not len(which) or values is None or columns.n_rows == len(values):
        return columns
    values = values[:, torch.from_numpy(which).to(values.device)]
    low, high = columns.minimum.copy(), columns.maximum.copy()
    low[which], high[which] = values.amin(0).cpu().numpy(), values.amax(0).cpu().numpy()
    return replace(columns, minimum=low, maximum=high, n_rows_constant=len(values))


def _typical_weight(weights: torch.Tensor | None) -> float:
    positive = None if weights is None else weights[weights > 0]
    return 1.0 if positive is None or not len(positive) else float(positive.median())


def _class_counts(codes: NDArray) -> list[int] | None:
    """Return the number of samples of each class; None for an indicator matrix."""
    if codes.ndim == 2 and codes.shape[1] > 1:
        return None
    counts: list[int] = np.bincount(codes.ravel(), minlength=2).tolist()
    return counts


def _n_rows_looked_at(rows: Rows) -> int:
    n_features = rows.X[0:1].shape[1]
    cells = max(LEAST_CELLS, SHARE_OF_CELLS * len(rows) * n_features)
    return min(len(rows), MOST_ROWS, max(FEWEST_ROWS, int(cells / n_features)))


def _sample(rows: Rows, n: int) -> Batch:
    """Return `n` evenly spaced samples, which also represent data that are sorted."""
    if n == len(rows):
        return rows[0:n]
    numbers = np.linspace(0, len(rows) - 1, n).astype(np.int64)
    return rows[torch.from_numpy(numbers).to(rows.target.device)]
