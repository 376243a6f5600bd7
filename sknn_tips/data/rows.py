"""Samples of a data set: features, targets and weights, read batch by batch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips.data.features import Features, Index, features, numpy_dtype, to_tensor


@dataclass(frozen=True)
class Rows:
    """Features, encoded targets and weights of the training or the validation set.

    Attributes
    ----------
    X : Features
        (n, n_features)
    target : torch.Tensor
        Targets as the loss encodes them, first axis n.
    weight : torch.Tensor or None
        (n,) Weights in the loss, including class weights; None if all are 1.
    y : ndarray
        Class codes, indicator or values, not encoded by the loss; scores compare with them.
    sample_weight : ndarray or None
        (n,) The user's sample weights, which scores and metrics use.
    """

    X: Features
    target: torch.Tensor
    weight: torch.Tensor | None
    y: NDArray
    sample_weight: NDArray | None = None

    def __len__(self) -> int:
        return len(self.X)

    @cached_property
    def has_zero_weights(self) -> bool:
        """Whether all weights of a batch may be zero."""
        return self.weight is not None and not bool(self.weight.all())

    def count(self, index: Index) -> bool:
        """Return whether any sample has a nonzero weight; if not, there is no loss and no step."""
        if self.weight is None or not self.has_zero_weights:
            return True
        return bool(self.weight[index].any())

    def __getitem__(self, index: Index) -> "Batch":
        weight = None if self.weight is None else self.weight[index]
        return Batch(self.X[index], self.target[index], weight)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some samples, ready for one training step."""

    X: torch.Tensor
    target: torch.Tensor
    weight: torch.Tensor | None

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, index: Index) -> "Batch":
        weight = None if self.weight is None else self.weight[index]
        return Batch(self.X[index], self.target[index], weight)


def make_rows(
    X: Any,
    y: NDArray,
    weight: NDArray | None,
    encode: Callable[[NDArray, np.dtype], NDArray],
    like: torch.Tensor,
    sample_weight: NDArray | None = None,
) -> Rows:
    """Put features, targets and weights on the device and in the dtype of `like`.

    Parameters
    ----------
    X : array or sparse matrix of shape (n, n_features)
    y : ndarray
        Class codes, indicator or values.
    weight : ndarray of shape (n,) or None
        Weights in the loss.
    encode : callable
        The loss's `encode`.
    like : torch.Tensor
        The network's parameters.
    sample_weight : ndarray of shape (n,) or None
        Weights in scores and metrics.
    """
    dtype = numpy_dtype(like.dtype)
    target = to_tensor(encode(y, dtype), like.device)
    weights = None
    if weight is not None:
        weights = to_tensor(weight.astype(dtype, copy=False), like.device)
    return Rows(features(X, like.dtype, like.device), target, weights, y, sample_weight)


def batch_bounds(n_rows: int, batch_size: int, *, merge_single: bool) -> list[tuple[int, int]]:
    """Split `n_rows` samples into batches; the last one may be smaller.

    Parameters
    ----------
    n_rows, batch_size : int
    merge_single : bool
        Whether a last batch of one sample is merged into the previous batch, since batch norm
        cannot normalise a single sample.

    Returns
    -------
    list of (start, stop)
    """
    starts = list(range(0, n_rows, batch_size))
    if merge_single and len(starts) > 1 and n_rows - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], n_rows], strict=True))
