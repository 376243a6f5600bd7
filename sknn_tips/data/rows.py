"""The rows a network sees: features, targets and weights, taken batch by batch."""

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
        As the loss encodes it, first axis n.
    weight : torch.Tensor or None
        (n,) Of the loss, class weights included; None stands for ones.
    y : ndarray
        Class codes, indicator or values, before the loss encoded them: what scores compare with.
    sample_weight : ndarray or None
        (n,) The user's own weights, which scores and metrics have.
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
        """Whether a batch may be without any weight."""
        return self.weight is not None and not bool(self.weight.all())

    def count(self, index: Index) -> bool:
        """Whether any of some rows has a weight; else there is neither a loss nor a step."""
        if self.weight is None or not self.has_zero_weights:
            return True
        return bool(self.weight[index].any())

    def __getitem__(self, index: Index) -> "Batch":
        weight = None if self.weight is None else self.weight[index]
        return Batch(self.X[index], self.target[index], weight)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, ready for one step."""

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
        Of the loss.
    encode : callable
        The loss's `encode`.
    like : torch.Tensor
        The network's parameters.
    sample_weight : ndarray of shape (n,) or None
        Of scores and metrics.
    """
    dtype = numpy_dtype(like.dtype)
    target = to_tensor(encode(y, dtype), like.device)
    weights = None
    if weight is not None:
        weights = to_tensor(weight.astype(dtype, copy=False), like.device)
    return Rows(features(X, like.dtype, like.device), target, weights, y, sample_weight)


def batch_bounds(n_rows: int, batch_size: int, *, merge_single: bool) -> list[tuple[int, int]]:
    """Cut `n_rows` into batches; the last one is smaller if need be.

    Parameters
    ----------
    n_rows, batch_size : int
    merge_single : bool
        Whether a last batch of one row joins the one before: batch norm cannot normalise one row.

    Returns
    -------
    list of (start, stop)
    """
    starts = list(range(0, n_rows, batch_size))
    if merge_single and len(starts) > 1 and n_rows - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], n_rows], strict=True))
