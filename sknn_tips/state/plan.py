"""Everything the loop needs to know, decided before the first step."""

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
    """One fit, with every parameter resolved.

    Attributes
    ----------
    params : Parameters
        The estimator's own, for all that needs no resolving.
    optimizer : OptimizerChoice
    rate : float
        Initial learning rate.
    batch_size : int
    max_epochs : int
    score : str
        Name of the validation score in `metrics.SCORES`.
    target : Target
        What y means.
    schedule : str or callable
    schedule_params : dict
    horizon : int or None
        Epochs over which the schedule runs when they are trained one call at a time; None for
        ``max_epochs``.
    weight_decay : float
        Decoupled: each step first multiplies the weights by ``1 - rate * weight_decay``.
    tol : float or None
    monitor : Monitor
        What the stopping rule, the best epoch and "plateau" watch.
    restore_best : bool
        Whether the weights of the best epoch are put back at the end.
    metrics : dict
    merge_single : bool
        Whether a last batch of one sample joins the one before.
    feature_names : ndarray of str or None
    own_validation : bool
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
    own_validation: bool = False
    continuing: bool = False
