"""The settings of one training, all decided before its first step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from sknn_tips.metrics.metrics import Metric
from sknn_tips.metrics.monitor import TRAINING_LOSS, Monitor
from sknn_tips.metrics.targets import Target
from sknn_tips.optim.optimizers import OptimizerChoice
from sknn_tips.parameters import Parameters


@dataclass(frozen=True)
class Plan:
    """The settings of one fit, with every parameter resolved.

    Attributes
    ----------
    params : Parameters
        The estimator's parameters, for those that need no resolving.
    optimizer : OptimizerChoice
    rate : float
        Initial learning rate.
    batch_size : int
    max_epochs : int
    score : str
        Name of the validation score in `metrics.SCORES`.
    target : Target
        How y is encoded, and how outputs become predictions.
    schedule : str or callable
    schedule_params : dict
    horizon : int or None
        Number of epochs that the schedule spans in ``partial_fit``, where each call trains one
        epoch; None in ``fit``, where it is `max_epochs`.
    weight_decay : float
        Decoupled weight decay: each step first multiplies the weights by
        ``1 - rate * weight_decay``.
    tol : float or None
    monitor : Monitor
        The quantity that the stopping rule, the best epoch and "plateau" use.
    restore_best : bool
        Whether the weights of the best epoch are restored at the end.
    metrics : dict
    merge_single : bool
        Whether a last batch of a single sample is merged with the batch before it.
    feature_names : ndarray of str or None
    user_validation : bool
        Whether the user passed the validation set.
    continuing : bool
        Whether the weights come from an earlier training.
    """

    params: Parameters
    optimizer: OptimizerChoice
    rate: float
    batch_size: int
    max_epochs: int
    score: str
    target: Target
    schedule: Any = "constant"
    schedule_params: Mapping[str, Any] = field(default_factory=dict)
    horizon: int | None = None
    weight_decay: float = 0.0
    tol: float | None = None
    monitor: Monitor = TRAINING_LOSS
    restore_best: bool = False
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    merge_single: bool = False
    feature_names: NDArray | None = None
    user_validation: bool = False
    continuing: bool = False
