"""Turning the parameters of an estimator into the plan of one fit."""

from typing import Any

import numpy as np

from sknn_tips import exceptions
from sknn_tips.estimators import parameters
from sknn_tips.exceptions import HintWarning
from sknn_tips.network.module import Network
from sknn_tips.training.metrics import resolve_metrics
from sknn_tips.training.optimizers import OPTIMIZERS
from sknn_tips.training.plan import Plan
from sknn_tips.training.predicting import forward_flop
from sknn_tips.training.schedules import SGD_ONLY

# A training step is a forward pass and two products of its size for the gradients.
_STEP_FLOP_PER_FORWARD = 3


def make_plan(estimator: Any, network: Network, n_rows: int, *, incremental: bool) -> Plan:
    """Resolve every parameter for `n_rows` training rows; `incremental` is one epoch."""
    if estimator.batch_size != "auto" and estimator.batch_size > n_rows:
        exceptions.warn(
            f"batch_size={estimator.batch_size} is larger than the {n_rows} training rows. It is"
            f" clipped to {n_rows}.",
            HintWarning,
        )
    return Plan(
        optimizer=parameters.choose(estimator),
        rate=parameters.initial_rate(estimator),
        schedule=estimator.learning_rate,
        power=estimator.power_t,
        batch_size=batch_size(estimator, n_rows),
        max_epochs=1 if incremental else estimator.max_iter,
        max_fun=estimator.max_fun,
        horizon=estimator.max_iter if incremental else None,
        shuffle=estimator.shuffle,
        alpha=estimator.alpha,
        tol=None if incremental else estimator.tol,
        n_iter_no_change=estimator.n_iter_no_change,
        early_stopping=estimator.early_stopping,
        score=estimator._score_name,
        metrics=resolve_metrics(estimator.metrics, estimator._metrics),
        to_user=estimator._decode,
        merge_single=network.uses_batchnorm,
        verbose=int(estimator.verbose),
    )


def batch_size(estimator: Any, n_rows: int) -> int:
    """Return the rows of a step."""
    if OPTIMIZERS[parameters.optimizer_name(estimator)].full_batch:
        return n_rows
    return min(200 if estimator.batch_size == "auto" else int(estimator.batch_size), n_rows)


def step_flop(estimator: Any, network: Network, n_rows: int) -> float:
    """Return the arithmetic of one step, which decides on threads and device."""
    return _STEP_FLOP_PER_FORWARD * forward_flop(network, batch_size(estimator, n_rows))


def training_dtype(estimator: Any, dtype: np.dtype) -> np.dtype:
    """Return the dtype to train in: L-BFGS's line search needs float64, as in scikit-learn."""
    lbfgs = parameters.optimizer_name(estimator) == "lbfgs"
    return np.dtype(np.float64) if lbfgs else dtype


def hint(estimator: Any) -> None:
    """Warn about a parameter that has no effect; where scikit-learn is silent, so are we."""
    name = parameters.optimizer_name(estimator)
    if estimator.early_stopping and name == "lbfgs":
        exceptions.warn(
            "early_stopping=True has no effect with lbfgs, which stops at a minimum of the training"
            " loss. To watch rows it does not see, pass X_val and y_val.",
            HintWarning,
        )
    if estimator.callbacks and name == "lbfgs":
        exceptions.warn(
            "callbacks are not called by lbfgs, which has no epochs. Use optimizer='adam' for them,"
            " or read history_ after the fit.",
            HintWarning,
        )
    ignored = estimator.learning_rate in SGD_ONLY and not OPTIMIZERS[name].is_sgd_family
    as_sklearn = estimator.optimizer is None and name in ("adam", "lbfgs")
    if ignored and not as_sklearn:
        exceptions.warn(
            f"learning_rate={estimator.learning_rate!r} acts on the SGD family only; with"
            f" optimizer={name!r} the rate stays constant. learning_rate='cosine' acts on every"
            " optimizer.",
            HintWarning,
        )
