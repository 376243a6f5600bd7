"""Everything the loop needs to know, decided before the first step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from numpy.typing import NDArray

from sknn_tips.training.metrics import Metric
from sknn_tips.training.optimizers import OptimizerChoice


@dataclass(frozen=True)
class Plan:
    """One fit, with every parameter resolved.

    Attributes
    ----------
    optimizer : OptimizerChoice
    rate : float
        Initial learning rate.
    schedule : str
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
    tol : float or None
    n_iter_no_change : float
    early_stopping : bool
        Whether the validation score decides, and the best weights are restored.
    score : str
        Name of the validation score in `metrics.SCORES`.
    metrics : dict
    to_user : callable
        Turns decided codes or values into labels or the user's units, for `metrics`.
    merge_single : bool
        Whether a last batch of one row joins the one before.
    verbose : int
    """

    optimizer: OptimizerChoice
    rate: float
    batch_size: int
    max_epochs: int
    score: str
    to_user: Callable[[NDArray], NDArray]
    schedule: str = "constant"
    power: float = 0.5
    max_fun: int = 15000
    horizon: int | None = None
    shuffle: bool = True
    alpha: float = 0.0
    tol: float | None = None
    n_iter_no_change: float = 10
    early_stopping: bool = False
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    merge_single: bool = False
    verbose: int = 0
