"""The results of training: fitted attributes, errors and warnings."""

import math
from collections.abc import Sequence
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from sknn_tips import exceptions
from sknn_tips.estimators import tip_reports
from sknn_tips.exceptions import (
    HintWarning,
    InterruptedWarning,
    NonFiniteWeightsError,
)
from sknn_tips.metrics.monitor import TRAINING_LOSS
from sknn_tips.state.history import shown_name
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.tips.tip import Tip
from sknn_tips.tips.training.diverged import is_scaled
from sknn_tips.training.lbfgs import Minimum
from sknn_tips.training.loop import Outcome

# Attributes that are lists, which `partial_fit` extends in place, and all attributes of curves.
LISTS = ("loss_curve_", "validation_scores_")
CURVES = (*LISTS, "best_loss_", "best_validation_score_")


def of_net(net: Net) -> dict[str, Any]:
    """Return the attributes of the fitted network, which predictions need."""
    coefs, intercepts = net.weights()
    return {
        "net_": net,
        "coefs_": coefs,
        "intercepts_": intercepts,
        "t_": net.samples_seen,
        "n_layers_": len(coefs) + 1,
        "n_outputs_": net.network.n_outputs,
        "out_activation_": net.criterion_.out_activation,
        "device_": str(net.device),
    }


def of_lbfgs(minimum: Minimum, net: Net) -> dict[str, Any]:
    """Return the attributes after L-BFGS, for which scikit-learn has no curves."""
    return {
        "stop_reason_": minimum.stop_reason,
        "n_iter_": minimum.n_iter,
        "loss_": minimum.loss,
        "best_epoch_": len(net.history),
    }


def of_epochs(outcome: Outcome, plan: Plan, earlier: Any, n_epochs: int) -> dict[str, Any]:
    """Return the attributes that scikit-learn's MLP has after a stochastic fit.

    Parameters
    ----------
    outcome : Outcome
    plan : Plan
    earlier : estimator or None
        The estimator fitted before, whose curves are continued.
    n_epochs : int
        Number of rows of the history.
    """
    losses = _continued(earlier, "loss_curve_", outcome.losses)
    found: dict[str, Any] = {
        "stop_reason_": outcome.stop_reason,
        "n_iter_": len(outcome.losses),
        "loss_": outcome.losses[-1],
        "loss_curve_": losses,
        "best_loss_": None,
        "validation_scores_": None,
        "best_validation_score_": None,
        # the last epoch if the monitored value was always NaN
        "best_epoch_": n_epochs - len(outcome.losses) + (outcome.best_epoch or len(outcome.losses)),
    }
    if plan.params.early_stopping:
        found["validation_scores_"] = _continued(earlier, "validation_scores_", outcome.scores)
        best = _largest(getattr(earlier, "best_validation_score_", None), outcome.scores)
        found["best_validation_score_"] = best
        return found
    before = getattr(earlier, "best_loss_", None)
    found["best_loss_"] = -_largest(
        None if before is None else -before, [-loss for loss in outcome.losses]
    )
    kept_final = plan.monitor == TRAINING_LOSS and not plan.restore_best
    if kept_final and before is not None and before <= found["best_loss_"]:
        found["best_epoch_"] = n_epochs - len(losses) + losses.index(before) + 1
    return found


def _continued(earlier: Any, name: str, values: list[float]) -> list[float]:
    """Return the earlier list, extended by `values` in place, so that no call copies it."""
    before: list[float] | None = getattr(earlier, name, None)
    if before is None:
        return values
    before.extend(values)
    return before


def _largest(before: float | None, values: list[float]) -> float:
    numbers = [value for value in values if not math.isnan(value)]
    if before is not None:
        numbers.append(before)
    return max(numbers, default=-math.inf)


def check_usable(ended: Outcome | Minimum, tips: Sequence[Tip]) -> None:
    """Raise an error if training diverged, and no epoch was better than before training."""
    if ended.is_usable:
        return
    first = next(tip for tip in tips if tip.code == "diverged")
    large = ended.record is not None and not is_scaled(ended.record.features)
    cause = " The input data may contain large values and need to be preprocessed." * large
    raise NonFiniteWeightsError(
        f"Solver produced non-finite parameter weights.{cause} {first.seen} {first.advice}"
        + tip_reports.others(tips, first),
        tips,
        ended.record,
    )


def kept(ended: Outcome | Minimum, plan: Plan) -> str:
    """Return a sentence on the weights that the network has after it diverged."""
    first = plan.params.early_stopping and isinstance(ended, Outcome) and not ended.best_epoch
    return f"The {'weights from before training' if first else 'best weights before it'} were kept."


def warn_of_monitor(outcome: Outcome, plan: Plan) -> None:
    """Warn if the monitored value was always NaN, so that there is no best epoch."""
    if outcome.best_epoch or outcome.stop_reason == "diverged":
        return
    restored = ", and no weights could be restored" if plan.restore_best else ""
    exceptions.warn(
        f"{shown_name(plan.monitor.column)}, which is monitored, was NaN in every epoch: there is"
        f" no best epoch{restored}. Monitor another metric, such as val_loss, or check the"
        " validation set: a score may need both classes, or more than one row.",
        HintWarning,
    )


def warn(stop_reason: str, plan: Plan, n_iter: int) -> None:
    """Warn if Ctrl-C stopped training, or if it reached `max_iter` before convergence."""
    if stop_reason == "interrupted" and plan.horizon is None:  # partial_fit raises Ctrl-C again
        exceptions.warn(
            f"Training interrupted by user after {n_iter} epochs. The model trained so far was"
            " kept.",
            InterruptedWarning,
        )
    elif (
        stop_reason == "max_iter"
        and plan.tol is not None
        and not plan.optimizer.entry.line_search  # which has a warning of its own
    ):
        exceptions.warn(
            f"Stochastic Optimizer: Maximum iterations ({plan.max_epochs}) reached and the"
            " optimization hasn't converged yet. Increase max_iter, or set tol=None if this"
            " many epochs are what you want.",
            ConvergenceWarning,
        )
