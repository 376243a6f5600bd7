"""Convert the parameters of an estimator to the plan of one fit."""

from typing import Any

import numpy as np

from sknn_tips import exceptions
from sknn_tips._registry import shown
from sknn_tips.exceptions import HintWarning
from sknn_tips.metrics.monitor import (
    TRAINING_LOSS,
    Monitor,
    recorded_metrics,
    resolve_monitor,
)
from sknn_tips.nn.module import Network
from sknn_tips.optim import optimizers
from sknn_tips.optim.choice import choose_optimizer
from sknn_tips.optim.optimizers import Optimizer, OptimizerChoice
from sknn_tips.state.forward import forward_flop
from sknn_tips.state.plan import Plan

# A training step is a forward pass, and two matrix products of its size for the gradients.
_STEP_FLOP_PER_FORWARD = 3


def optimizer_name(estimator: Any) -> Any:
    """Return the name or class of the optimizer: `solver`, unless `optimizer` is set."""
    if estimator.optimizer is None:
        return estimator.solver
    if estimator.solver not in ("adam", estimator.optimizer):
        raise ValueError(
            f"solver={estimator.solver!r} and optimizer={shown(estimator.optimizer)} contradict"
            " each other. Set one of them only; both take every optimizer's name."
        )
    return estimator.optimizer


def optimizer_of(estimator: Any) -> Optimizer:
    """Return the entry of the optimizer, with its properties."""
    return optimizers.optimizer_of(optimizer_name(estimator))


def choose(estimator: Any) -> OptimizerChoice:
    """Return the optimizer with all its options."""
    return choose_optimizer(
        optimizer_name(estimator),
        momentum=estimator.momentum,
        nesterovs_momentum=bool(estimator.nesterovs_momentum),
        betas=(estimator.beta_1, estimator.beta_2),
        epsilon=estimator.epsilon,
        params=estimator.optimizer_params or {},
    )


def initial_rate(estimator: Any) -> float:
    """Return the initial learning rate, "auto" resolved."""
    if estimator.learning_rate_init == "auto":
        usual = optimizer_of(estimator).usual_rate
        if usual is None:
            raise ValueError(
                f"learning_rate_init='auto': optimizer={shown(estimator.optimizer)} has no"
                " default of lr. Give a number, such as learning_rate_init=0.001."
            )
        return usual
    return float(estimator.learning_rate_init)


def make_plan(
    estimator: Any,
    network: Network,
    n_rows: int,
    *,
    validated: bool,
    user_validation: bool,
    continuing: bool,
    incremental: bool,
) -> Plan:
    """Return the plan of a fit, with every parameter resolved.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
    network : Network
    n_rows : int
        Number of training samples.
    validated : bool
        Whether there is a validation set.
    user_validation : bool
        Whether the user passed it.
    continuing : bool
        Whether the weights come from an earlier fit.
    incremental : bool
        Whether this is one epoch of `partial_fit`.
    """
    is_number = not isinstance(estimator.batch_size, str)
    if is_number and estimator.batch_size > n_rows and not optimizer_of(estimator).full_batch:
        exceptions.warn(
            f"batch_size={estimator.batch_size} is larger than the {n_rows} training rows. It is"
            f" clipped to {n_rows}.",
            HintWarning,
        )
    restore = estimator.restore_best
    return Plan(
        params=estimator._table.of(estimator),
        optimizer=choose(estimator),
        rate=initial_rate(estimator),
        schedule=estimator.learning_rate,
        schedule_params=dict(estimator.schedule_params or {}),
        batch_size=batch_size(estimator, n_rows),
        max_epochs=1 if incremental else estimator.max_iter,
        horizon=estimator.max_iter if incremental else None,
        weight_decay=weight_decay(estimator),
        tol=None if incremental else estimator.tol,
        monitor=TRAINING_LOSS if incremental else monitored(estimator, validated=validated),
        restore_best=not incremental and (estimator.early_stopping if restore is None else restore),
        score=estimator._score_name,
        metrics=recorded_metrics(estimator.metrics, estimator.monitor, estimator._score_name),
        target=estimator._target,
        merge_single=network.uses_batchnorm,
        feature_names=getattr(estimator, "feature_names_in_", None),
        user_validation=user_validation,
        continuing=continuing,
    )


def monitored(estimator: Any, *, validated: bool) -> Monitor:
    """Return the monitored column; scikit-learn's choice is the score, or the training loss.

    If the score says nothing about the loss, such as R squared for the quantile loss, early
    stopping monitors the loss on the validation set.

    Raises
    ------
    ValueError
        If it is a metric of the validation set, and there is no validation set.
    """
    score, name = estimator._score_name, estimator.monitor
    if name is None:
        by_score = estimator.early_stopping
        if by_score and not estimator._score_suits_loss:
            return Monitor("valid_loss", larger_is_better=False)
        return Monitor(f"valid_{score}", larger_is_better=True) if by_score else TRAINING_LOSS
    found = resolve_monitor(name, recorded_metrics(estimator.metrics, name, score), score)
    if found.on_validation and not validated:
        raise ValueError(
            f"monitor={name!r} is a metric of the validation set, and there is none. Pass X_val and"
            " y_val to fit, or set early_stopping=True, which holds out samples. A metric of the"
            " training samples is named 'loss' or 'train_...'."
        )
    return found


def weight_decay(estimator: Any) -> float:
    """Return the decoupled weight decay: the optimizer's default, unless it is set."""
    own = optimizer_of(estimator).weight_decay
    return own if estimator.weight_decay is None else estimator.weight_decay


def batch_size(estimator: Any, n_rows: int) -> int:
    """Return the number of samples in a batch."""
    if optimizer_of(estimator).full_batch:
        return n_rows
    sizes = {"auto": 200, "sqrt": max(16, round(2 * n_rows**0.5))}
    return min(int(sizes.get(estimator.batch_size, estimator.batch_size)), n_rows)


def step_flop(estimator: Any, network: Network, n_rows: int) -> float:
    """Return the number of floating-point operations of a step, to choose threads and device."""
    return _STEP_FLOP_PER_FORWARD * forward_flop(network, batch_size(estimator, n_rows))


def training_dtype(estimator: Any, dtype: np.dtype) -> np.dtype:
    """Return the dtype to train in: L-BFGS's line search needs float64, as in scikit-learn."""
    return np.dtype(np.float64) if optimizer_of(estimator).line_search else dtype
