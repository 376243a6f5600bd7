"""Everything the loop needs to know, decided before the first step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from sknn_tips.metrics.metrics import Metric
from sknn_tips.metrics.monitor import TRAINING_LOSS, Monitor
from sknn_tips.metrics.targets import Target
from sknn_tips.optim.optimizers import OptimizerChoice


@dataclass(frozen=True)
class Plan:
    """One fit, with every parameter resolved.

    Attributes
    ----------
    optimizer : OptimizerChoice
    rate : float
        Initial learning rate.
    schedule : str
    schedule_params : dict
    power : float
        ``power_t`` of the schedule.
    batch_size : int
    max_epochs, max_fun : int
    horizon : int or None
        Epochs over which the schedule runs when they are trained one call at a time; None for
        ``max_epochs``.
    shuffle : bool
    alpha : float
        scikit-learn's L2: the loss gets ``alpha / 2 * ||W||^2 / rows of the batch``.
    l1, activity_l1 : float
        The loss gets ``l1 * sum |W|``, and ``activity_l1`` times the sum of the absolute values
        that the hidden layers give, averaged over the rows of the batch.
    weight_decay : float
        Decoupled: each step first multiplies the weights by ``1 - rate * weight_decay``.
    ema_decay : float or None
        Of the moving average of the weights that predicts; None for the weights themselves.
    clip_norm, clip_value : float or None
        Largest norm of the whole gradient, or largest absolute value of its components.
    tol : float or None
    n_iter_no_change : float
    early_stopping : bool
        Whether a validation set decides; its scores are the outcome's.
    monitor : Monitor
        What the stopping rule, the best epoch and "plateau" watch.
    restore_best : bool
        Whether the weights of the best epoch are put back at the end.
    score : str
        Name of the validation score in `metrics.SCORES`.
    metrics : dict
    target : Target
        What y means.
    merge_single : bool
        Whether a last batch of one row joins the one before.
    verbose : int
    parameters : mapping
        The estimator's own, for the checks of the fit.
    feature_names : ndarray of str or None
    own_validation : bool
        Whether the user handed the validation set in.
    continuing : bool
        Whether the weights come from an earlier training.
    """

    optimizer: OptimizerChoice
    rate: float
    batch_size: int
    max_epochs: int
    score: str
    target: Target
    schedule: str = "constant"
    schedule_params: Mapping[str, Any] = field(default_factory=dict)
    power: float = 0.5
    max_fun: int = 15000
    horizon: int | None = None
    shuffle: bool = True
    alpha: float = 0.0
    l1: float = 0.0
    activity_l1: float = 0.0
    weight_decay: float = 0.0
    ema_decay: float | None = None
    clip_norm: float | None = None
    clip_value: float | None = None
    tol: float | None = None
    n_iter_no_change: float = 10
    early_stopping: bool = False
    monitor: Monitor = TRAINING_LOSS
    restore_best: bool = False
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    merge_single: bool = False
    verbose: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    feature_names: NDArray | None = None
    own_validation: bool = False
    continuing: bool = False
