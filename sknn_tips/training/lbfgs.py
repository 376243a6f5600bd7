"""L-BFGS of scipy, on the vector of all parameters in float64."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from sknn_tips import exceptions
from sknn_tips.data.features import DenseFeatures
from sknn_tips.data.rows import Batch, Rows
from sknn_tips.hooks.reporting import reporter
from sknn_tips.hooks.sklearn_callbacks import NO_CALLBACKS, Epochs
from sknn_tips.nn.losses import Loss
from sknn_tips.runtime.interrupts import called_directly, deferred
from sknn_tips.state.history import shown_figures
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.tips.record import FitRecord
from sknn_tips.training.evaluation import record_figures
from sknn_tips.training.last_good import LastGood
from sknn_tips.training.recorder import Recorder

# Maximum size of the dense blocks of a sparse X, over which the loss of all samples is summed.
BLOCK_BYTES = 2**26


@dataclass
class Objective:
    """The loss of all samples, penalty included, and its gradient."""

    net: Net
    plan: Plan
    rows: Rows

    def __call__(self, vector: NDArray) -> tuple[float, NDArray]:
        flat = self.net.flat
        self.place(vector)
        flat.grad.zero_()
        data, penalty = self._accumulate()
        return data + penalty, flat.grad.cpu().numpy().copy()

    @torch.no_grad()
    def place(self, vector: NDArray) -> None:
        """Set the parameters of the network to `vector`."""
        self.net.flat.vector.copy_(torch.from_numpy(vector))

    def shown(self) -> float:
        """Return the loss at the present weights as scikit-learn reports it."""
        data, penalty = self._accumulate()
        return data * self._loss.reported_scale(self.net.network.n_outputs) + penalty

    def as_shown(self, objective: float) -> float:
        """Convert the objective, computed at the present weights, to the loss of `shown`."""
        scale = self._loss.reported_scale(self.net.network.n_outputs)
        penalty = self._penalty() if scale != 1 else 0.0
        return (objective - penalty) * scale + penalty

    def _penalty(self) -> float:
        weights = self.net.flat.weights
        return float(torch.dot(weights, weights)) * 0.5 * self.plan.params.alpha / self._total

    @property
    def _total(self) -> float:
        rows = self.rows
        return float(len(rows) if rows.weight is None else rows.weight.sum())

    @property
    def _loss(self) -> Loss:
        return self.net.criterion_

    def _accumulate(self) -> tuple[float, float]:
        flat, total = self.net.flat, self._total
        data = sum(self._block(batch, total) for batch in self._blocks())
        flat.weights_grad.add_(flat.weights, alpha=self.plan.params.alpha / total)
        return data, self._penalty()

    def _block(self, batch: Batch, total: float) -> float:
        per_sample = self._loss.per_sample(self.net.module_(batch.X), batch.target)
        if batch.weight is not None:
            per_sample = per_sample * batch.weight
        part = per_sample.sum() / total
        part.backward()
        return float(part.detach())

    def _blocks(self) -> list[Batch] | Any:
        n_rows = len(self.rows)
        if isinstance(self.rows.X, DenseFeatures) or self.net.network.uses_batchnorm:
            return [self.rows[0:n_rows]]
        bytes_a_row = self.net.network.n_features * self.net.flat.vector.element_size()
        size = max(1, BLOCK_BYTES // bytes_a_row)
        starts = range(0, n_rows, size)
        return (self.rows[start : start + size] for start in starts)


@dataclass
class Minimum:
    """The result of the search for a minimum.

    Attributes
    ----------
    stop_reason : str
        converged, max_iter, callback, interrupted or diverged.
    n_iter : int
    loss : float
        The final loss.
    record : FitRecord
        The record that the checks examine.
    is_usable : bool
        Whether the weights of the net can be used, as in `loop.Outcome`.
    """

    stop_reason: str
    n_iter: int
    loss: float
    record: FitRecord
    is_usable: bool = True


def minimise(
    net: Net, plan: Plan, rows: Rows, held_out: Rows | None, epochs: Epochs = NO_CALLBACKS
) -> Minimum:
    """Train `net` in place.

    The options are scikit-learn's: at most ``max_iter`` iterations and ``max_fun`` evaluations, and
    `tol` for the largest component of the gradient. Each iteration adds a row to the history.
    """
    recorder, last_good = Recorder(net, plan, rows, held_out, n_batches=1), LastGood(net)
    with deferred() as interrupted:
        reason, n_iter, loss = _search(
            net, plan, rows, held_out, epochs, recorder, last_good, interrupted
        )
        minimum = Minimum(reason, n_iter, loss, recorder.end(reason, n_iter))
        if reason != "diverged" and interrupted():  # pressed after the last evaluation
            minimum.stop_reason = minimum.record.stop_reason = "interrupted"
    if reason == "diverged":
        minimum.is_usable = last_good.restore(rows)
    return minimum


def _search(
    net: Net,
    plan: Plan,
    rows: Rows,
    held_out: Rows | None,
    epochs: Epochs,
    recorder: Recorder,
    last_good: LastGood,
    interrupted: Callable[[], bool],
) -> tuple[str, int, float]:
    """Return the stop reason, the number of iterations and the final loss."""
    objective = Objective(net, plan, rows)
    net.tier_, net.tier_reason_ = "T1", "L-BFGS is scipy's, with gradients by autograd"
    net.module_.train()
    start = net.flat.vector.detach().cpu().numpy().astype(np.float64)
    done, reached, stopped = 0, start, False

    def evaluate(vector: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        if interrupted():
            raise KeyboardInterrupt
        return objective(vector)

    def record(intermediate_result: scipy.optimize.OptimizeResult) -> None:
        nonlocal done, reached, stopped
        done, reached = done + 1, intermediate_result.x.copy()
        net.history.new_epoch()
        net.history.record("epoch", len(net.history))
        objective.place(reached)
        net.history.record("train_loss", objective.as_shown(float(intermediate_result.fun)))
        net.module_.eval()
        if plan.metrics or held_out is not None:
            record_figures(net, plan, rows, held_out)
        recorder.after_updates(1)
        recorder.after_epoch(net.history[-1]["train_loss"], math.nan, finite=True)
        net.module_.train()
        last_good.update(done, float(intermediate_result.fun))
        if report.shows:
            report.epoch(done, shown_figures(net.history[-1]))
        epochs.begin()  # scipy calls back at the end of an iteration only
        stopped = epochs.end(net)
        if stopped:
            raise StopIteration  # ends the search of scipy

    tolerance = {"gtol": 0.0, "ftol": 0.0} if plan.tol is None else {"gtol": plan.tol}
    report = reporter(plan.params.verbose, plan.max_epochs, alone=epochs is NO_CALLBACKS)
    try:
        result = scipy.optimize.minimize(
            evaluate,
            start,
            method="L-BFGS-B",
            jac=True,
            options={"maxfun": plan.params.max_fun, "maxiter": plan.max_epochs, **tolerance},
            callback=record,
        )
    except KeyboardInterrupt:
        if not called_directly():
            raise
        objective(reached)
        return "interrupted", done, objective.shown()
    finally:
        net.module_.eval()
        report.close()
    objective(result.x)
    loss = objective.shown()
    if not np.isfinite(loss):
        recorder.after_updates(1)
        recorder.diverged(int(result.nit) + 1, math.nan)
        return "diverged", int(result.nit), loss
    if stopped:
        return "callback", done, loss
    if plan.tol is None:
        return "max_iter", int(result.nit), loss
    if result.status != 0:
        _warn(result, plan)
    return ("converged" if result.status == 0 else "max_iter"), int(result.nit), loss


def _warn(result: scipy.optimize.OptimizeResult, plan: Plan) -> None:
    """Warn that scipy stopped before convergence, with the reason and a remedy."""
    limit = ""
    if result.nit >= plan.max_epochs:
        limit = f"increase max_iter (now {plan.max_epochs}), or "
    elif result.nfev >= plan.params.max_fun:
        limit = f"increase max_fun (now {plan.params.max_fun}), or "
    exceptions.warn(
        f"lbfgs failed to converge after {result.nit} iteration(s) (status={result.status}):"
        f" {result.message}. To fix this, {limit}scale the input (StandardScaler). With tol=None,"
        " training runs for max_iter iterations without this warning.",
        ConvergenceWarning,
    )
