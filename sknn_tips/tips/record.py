"""What is written down during a fit, for the checks in `tips`: plain numbers, no tensors."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Values so many deviations from the mean are far out. Normal columns have none beyond 5, and pixels
# that are dark in fewer than three pictures of four none beyond 6 (digits, MNIST, Fashion-MNIST).
FAR_OUT = 8.0


@dataclass(frozen=True)
class Columns:
    """The columns of some rows, features or targets, as the network sees them.

    Attributes
    ----------
    names : ndarray of str or None
        None for columns without names.
    n_rows : int
        How many rows were looked at.
    minimum, maximum, mean, deviation : ndarray of shape (n_columns,)
        Of these rows, computed in float64.
    iqr : ndarray of shape (n_columns,)
        The interquartile range of columns with a value more than `FAR_OUT` deviations from the
        mean; NaN for the others, so that nothing is sorted in vain.
    n_rows_constant : int
        How many rows `is_constant` is true for.
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
        """Look at values of shape (n_rows, n_columns)."""
        exact = values.astype(np.float64)
        low, high = exact.min(axis=0), exact.max(axis=0)
        with np.errstate(all="ignore"):  # sums may overflow: then they are infinite
            mean = exact.mean(axis=0)
            centred = exact - mean
            deviation = np.sqrt(np.einsum("ij,ij->j", centred, centred) / len(exact))
            far_out = np.maximum(high - mean, mean - low) > FAR_OUT * deviation
            iqr = _iqr(values, far_out)
        return cls(names, len(exact), low, high, mean, deviation, iqr, len(exact))

    def __len__(self) -> int:
        return len(self.mean)

    def name(self, column: int) -> str:
        """Return how a column is called in a message."""
        return f"column {column}" if self.names is None else repr(str(self.names[column]))

    @cached_property
    def size(self) -> NDArray:
        """The root mean square of each column: how large its values are, counted from 0."""
        with np.errstate(all="ignore"):
            return np.hypot(self.mean, self.deviation)

    @cached_property
    def is_constant(self) -> NDArray:
        return self.minimum == self.maximum


def _iqr(values: NDArray, which: NDArray) -> NDArray:
    """Return the interquartile range of some columns, to the next value, and NaN for the others."""
    iqr = np.full(len(which), np.nan)
    if which.any():
        ordered = np.sort(np.ascontiguousarray(values.T[which]), axis=1)
        quarter = len(values) // 4
        iqr[which] = ordered[:, -1 - quarter] - ordered[:, quarter]
    return iqr


@dataclass(frozen=True)
class Update:
    """The last update of an epoch, by dense layer, the output layer's last.

    Attributes
    ----------
    epoch : int
    weight : list of float
        The norm of the weights after it.
    gradient : list of float
        The norm of their gradient, clipped if it is.
    change : list of float
        How far it moved them, as a share of `weight`.
    """

    epoch: int
    weight: list[float]
    gradient: list[float]
    change: list[float]


@dataclass(frozen=True)
class Look:
    """What the network answers to the probe rows after an epoch, without dropout.

    Attributes
    ----------
    epoch : int
        0 before training.
    loss : float
        Their mean loss, without penalties.
    dead, saturated : list of float
        By hidden layer, the share of units that gave 0 for every row, or that were at an end of
        their range for nearly every one; NaN where the activation cannot be either.
    """

    epoch: int
    loss: float
    dead: list[float]
    saturated: list[float]


@dataclass(frozen=True)
class NonFinite:
    """Where training left the finite numbers.

    Attributes
    ----------
    epoch, step : int
        From 1, counted in this training. On a GPU the step is the last one of the epoch, since
        nobody looks in between.
    rate : float
        The learning rate of that step.
    """

    epoch: int
    step: int
    rate: float


@dataclass
class FitRecord:
    """One training, as the checks see it.

    Attributes
    ----------
    parameters : mapping
        The estimator's parameters, as the user gave them.
    optimizer : str
    full_batch, line_search : bool
        Whether it takes all rows at every step, and whether it searches for the length of each.
    rate : float
        The initial learning rate, "auto" resolved.
    batch_size : int
    usual_rate : float
        Of the optimizer; of one that has none, `rate`.
    loss : str
        The class of the loss.
    continues : bool
        Whether the weights come from an earlier training.
    incremental : bool
        Whether this is one epoch of `partial_fit`.
    restores_best : bool
        Whether the weights of the best epoch come back at the end.
    n_rows, n_rows_val : int
        Rows that are trained on, and of the validation set; 0 without one.
    own_validation : bool
        Whether the user handed the validation set in.
    widths : list of int
        Features, hidden units, outputs.
    activations : list of str
        Of the hidden layers.
    n_parameters : int
    features : Columns
    features_val : Columns or None
        None without a validation set.
    target, target_val : Columns or None
        As the network sees it: scaled, if `normalize_y` is. None for a classifier.
    class_counts : list of int or None
        Rows of each class; None for a regressor and for multilabel targets.
    baseline_loss : float
        Of the best answer that does not look at X, on the probe rows.
    losses : list of float
        One an epoch: the mean over its batches, penalties included, as in ``loss_curve_``.
    val_losses, val_scores : list of float
        Of the validation set after each epoch; empty without one.
    updates : list of Update
        After the first epochs, and then fewer.
    looks : list of Look
        Before training, in the middle of a long one, and at the end.
    first_weights : list of float
        The norm of each dense layer's weights before training.
    moved : list of float
        By dense layer, how far training moved the weights in all, as a share of their first norm.
    alike : list of bool
        By hidden layer, whether all its units began with the same weights.
    n_updates : int
    non_finite : NonFinite or None
    stop_reason : str
        Empty as long as training goes on.
    best_epoch : int
        As ``best_epoch_``, counted in this training.
    found : dict
        What checks found in it, as long as it stays as it is, so that none looks twice.
    """

    parameters: Mapping[str, Any]
    optimizer: str
    full_batch: bool
    line_search: bool
    rate: float
    batch_size: int
    usual_rate: float
    loss: str
    continues: bool
    incremental: bool
    restores_best: bool
    n_rows: int
    n_rows_val: int
    own_validation: bool
    widths: list[int]
    activations: list[str]
    n_parameters: int
    features: Columns
    features_val: Columns | None = None
    target: Columns | None = None
    target_val: Columns | None = None
    class_counts: list[int] | None = None
    baseline_loss: float = math.nan
    losses: list[float] = field(default_factory=list)
    val_losses: list[float] = field(default_factory=list)
    val_scores: list[float] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
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
        """The epoch, from 1, whose weights the network has in the end."""
        restored = self.restores_best and self.best_epoch
        return self.best_epoch if restored else len(self.losses)

    @property
    def first(self) -> Look:
        """The look before training."""
        return self.looks[0]

    @property
    def last(self) -> Look:
        """The latest look."""
        return self.looks[-1]
