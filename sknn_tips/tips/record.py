"""The record of a fit for the checks in `tips`: plain numbers, no tensors."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Values that are more than this many standard deviations from the mean are outliers. Normally
# distributed columns have none beyond 5; pixels that are dark in fewer than three of four images
# have none beyond 6 (digits, MNIST, Fashion-MNIST).
FAR_OUT = 8.0


@dataclass(frozen=True)
class Columns:
    """Statistics of the columns of features or targets, as they enter the network.

    Attributes
    ----------
    names : ndarray of str or None
        None for columns without names.
    n_rows : int
        Number of rows that were examined.
    minimum, maximum, mean, deviation : ndarray of shape (n_columns,)
        The statistics of these rows, computed in float64; `deviation` is the standard deviation.
    iqr : ndarray of shape (n_columns,)
        The interquartile range of columns with a value more than `FAR_OUT` standard deviations
        from the mean. NaN for the other columns, which saves sorting them.
    n_rows_constant : int
        Number of rows over which `is_constant` was determined.
    """

    names: NDArray | None
    n_rows: int
    minimum: NDArray
    maximum: NDArray
    mean: NDArray
    deviation: NDArray
    iqr: NDArray
    n_rows_constant: int

    @classmethod
    def of(cls, values: NDArray, names: NDArray | None = None) -> "Columns":
        """Return the statistics of values of shape (n_rows, n_columns)."""
        exact = values.astype(np.float64)
        low, high = exact.min(axis=0), exact.max(axis=0)
        with np.errstate(all="ignore"):  # sums that overflow become infinite
            mean = exact.mean(axis=0)
            centred = exact - mean
            deviation = np.sqrt(np.einsum("ij,ij->j", centred, centred) / len(exact))
            far_out = np.maximum(high - mean, mean - low) > FAR_OUT * deviation
            iqr = _iqr(values, far_out)
        return cls(names, len(exact), low, high, mean, deviation, iqr, len(exact))

    def __len__(self) -> int:
        return len(self.mean)

    def name(self, column: int) -> str:
        """Return the name of a column for messages."""
        return f"column {column}" if self.names is None else repr(str(self.names[column]))

    @cached_property
    def size(self) -> NDArray:
        """The root mean square of each column, which measures the distance from 0."""
        with np.errstate(all="ignore"):
            return np.hypot(self.mean, self.deviation)

    @cached_property
    def is_constant(self) -> NDArray:
        return self.minimum == self.maximum


def _iqr(values: NDArray, which: NDArray) -> NDArray:
    """Return the interquartile range of the selected columns, and NaN for the others.

    Quartiles are values of the column, without interpolation.
    """
    iqr = np.full(len(which), np.nan)
    if which.any():
        ordered = np.sort(np.ascontiguousarray(values.T[which]), axis=1)
        quarter = len(values) // 4
        iqr[which] = ordered[:, -1 - quarter] - ordered[:, quarter]
    return iqr


@dataclass(frozen=True)
class Update:
    """One update of an epoch, one value for each dense layer; the output layer is last.

    It is the last update that uses a batch of full size.

    Attributes
    ----------
    epoch : int
    weight : list of float
        The norm of the weights after the update.
    gradient : list of float
        The norm of their gradient, after clipping if it is clipped.
    change : list of float
        The norm of the change of the weights, as a fraction of `weight`.
    """

    epoch: int
    weight: list[float]
    gradient: list[float]
    change: list[float]


@dataclass(frozen=True)
class Probe:
    """The outputs of the network for the probe samples after an epoch, without dropout.

    The probe samples are the same in all epochs.

    Attributes
    ----------
    epoch : int
        0 before training.
    loss : float
        Mean loss of the probe samples, without penalties.
    dead, saturated : list of float
        For each hidden layer, the share of units that output 0 for every sample (dead), or that
        are near a limit of their range for nearly every sample (saturated). NaN for activations
        that cannot be dead, or cannot saturate.
    finite : bool
        Whether all predictions are finite.
    """

    epoch: int
    loss: float
    dead: list[float]
    saturated: list[float]
    finite: bool = True


@dataclass(frozen=True)
class NonFinite:
    """The update in which the loss, a weight or a prediction became NaN or infinite.

    Attributes
    ----------
    epoch : int
        Counted from 1 in this training.
    step : int or None
        Counted from 1 in this training; None on a GPU, where the loss is only checked after each
        epoch.
    rate : float
        The learning rate of that step.
    """

    epoch: int
    step: int | None
    rate: float


@dataclass
class FitRecord:
    """The record of one training, which the checks examine.

    Attributes
    ----------
    parameters : mapping
        The parameters of the estimator, as passed by the user.
    optimizer : str
    full_batch, line_search : bool
        Whether the optimizer uses all samples in every step, and whether it chooses the length of
        each step by a line search.
    rate : float
        The initial learning rate, with "auto" resolved.
    batch_size : int
    usual_rate : float
        The usual learning rate of the optimizer; of one without, `rate`.
    schedule_has_end : bool
        Whether the schedule of the learning rate spans ``max_iter`` epochs.
    loss : str
        The name of the loss class.
    continues : bool
        Whether the weights come from an earlier training.
    incremental : bool
        Whether this is one epoch of `partial_fit`.
    restores_best : bool
        Whether the weights of the best epoch are restored at the end.
    n_rows, n_rows_val : int
        Number of training samples, and of validation samples; 0 without a validation set.
    user_validation : bool
        Whether the user passed the validation set.
    widths : list of int
        Number of features, of units in each hidden layer, and of outputs.
    activations : list of str
        The activations of the hidden layers.
    n_parameters : int
    features : Columns
    features_val : Columns or None
        None without a validation set.
    target, target_val : Columns or None
        As they enter the loss: scaled if `normalize_y` is set. None for a classifier.
    class_counts : list of int or None
        Number of samples of each class; None for a regressor and for multilabel targets.
    numeric_classes : bool
        Whether the labels of the classes are numbers.
    typical_weight : float
        The median of the positive weights of the samples that were examined; 1 without weights.
    baseline_loss : float
        The loss on the probe samples of the best constant prediction, which does not use X.
    losses : list of float
        The mean loss over the batches of each epoch, penalties included, as in ``loss_curve_``.
    rates : list of float
        The learning rate at the end of each epoch.
    val_losses, val_scores : list of float
        On the validation set after each epoch; empty without a validation set.
    updates : list of Update
        Of each of the first epochs, and of fewer of the later ones.
    probes : list of Probe
        Before training, in the middle of a long training, and at the end.
    first_weights : list of float
        The norm of the weights of each dense layer before training.
    moved : list of float
        For each dense layer, the norm of the total change of the weights by training, as a
        fraction of their initial norm.
    alike : list of bool
        For each hidden layer, whether all its units had the same initial weights.
    n_updates : int
    non_finite : NonFinite or None
    stop_reason : str
        Empty until training has ended.
    best_epoch : int
        As ``best_epoch_``, counted in this training.
    found : dict
        The findings of the checks that have run, so that each runs once. Cleared when the record
        has changed.
    """

    parameters: Mapping[str, Any]
    optimizer: str
    full_batch: bool
    line_search: bool
    rate: float
    batch_size: int
    usual_rate: float
    schedule_has_end: bool
    loss: str
    continues: bool
    incremental: bool
    restores_best: bool
    n_rows: int
    n_rows_val: int
    user_validation: bool
    widths: list[int]
    activations: list[str]
    n_parameters: int
    features: Columns
    features_val: Columns | None = None
    target: Columns | None = None
    target_val: Columns | None = None
    class_counts: list[int] | None = None
    numeric_classes: bool = False
    typical_weight: float = 1.0
    baseline_loss: float = math.nan
    losses: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    val_losses: list[float] = field(default_factory=list)
    val_scores: list[float] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    first_weights: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    alike: list[bool] = field(default_factory=list)
    n_updates: int = 0
    non_finite: NonFinite | None = None
    stop_reason: str = ""
    best_epoch: int = 0
    found: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_over(self) -> bool:
        return bool(self.stop_reason)

    @property
    def has_rate(self) -> bool:
        """Whether the optimizer has a learning rate."""
        return not self.line_search

    @property
    def kept_epoch(self) -> int:
        """The epoch, counted from 1, whose weights the network keeps at the end."""
        restored = self.restores_best and self.best_epoch
        return self.best_epoch if restored else len(self.losses)

    @property
    def first(self) -> Probe:
        """The outputs before training."""
        return self.probes[0]

    @property
    def last(self) -> Probe:
        """The latest recorded outputs."""
        return self.probes[-1]
