"""The rows a network sees: checked once, on the device once, taken batch by batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

# A sparse X is made dense once if it then takes no more memory than this, else batch by batch.
DENSE_BUDGET_BYTES = 2**28


class Features(Protocol):
    """The input rows, dense or sparse; what is taken is a dense tensor (batch, n_features)."""

    @property
    def X(self) -> Any: ...
    def __len__(self) -> int: ...
    def take(self, index: torch.Tensor) -> torch.Tensor: ...
    def part(self, start: int, stop: int) -> torch.Tensor: ...


class DenseFeatures:
    """Rows of one tensor."""

    def __init__(self, X: torch.Tensor) -> None:
        self.X = X

    def __len__(self) -> int:
        return len(self.X)

    def take(self, index: torch.Tensor) -> torch.Tensor:
        return self.X.index_select(0, index)

    def part(self, start: int, stop: int) -> torch.Tensor:
        return self.X[start:stop]


class SparseFeatures:
    """Rows of a CSR matrix, made dense a batch at a time."""

    def __init__(self, X: sparse.csr_array, device: torch.device) -> None:
        self.X = X
        self.device = device

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def take(self, index: torch.Tensor) -> torch.Tensor:
        return self._dense(self.X[index.cpu().numpy()])

    def part(self, start: int, stop: int) -> torch.Tensor:
        return self._dense(self.X[start:stop])

    def _dense(self, X: sparse.csr_array) -> torch.Tensor:
        return torch.from_numpy(X.toarray()).to(self.device)


def features(X: Any, dtype: torch.dtype, device: torch.device) -> Features:
    """Put X on the device, without a copy where its dtype and memory already fit."""
    wanted = numpy_dtype(dtype)
    if sparse.issparse(X):
        if X.shape[0] * X.shape[1] * wanted.itemsize > DENSE_BUDGET_BYTES:
            return SparseFeatures(X.tocsr().astype(wanted), device)
        X = X.toarray()
    return DenseFeatures(to_tensor(np.asarray(X, dtype=wanted), device))


def to_tensor(array: NDArray, device: torch.device) -> torch.Tensor:
    """Return the array as a tensor; torch warns about read-only memory, so that is copied."""
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()
    return torch.from_numpy(array).to(device)


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

    def take(self, index: torch.Tensor) -> "Batch":
        weight = None if self.weight is None else self.weight.index_select(0, index)
        return Batch(self.X.take(index), self.target.index_select(0, index), weight)

    def part(self, start: int, stop: int) -> "Batch":
        weight = None if self.weight is None else self.weight[start:stop]
        return Batch(self.X.part(start, stop), self.target[start:stop], weight)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, ready for one step."""

    X: torch.Tensor
    target: torch.Tensor
    weight: torch.Tensor | None

    def __len__(self) -> int:
        return len(self.X)


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


def numpy_dtype(dtype: torch.dtype) -> np.dtype:
    """Return numpy's name of a torch dtype."""
    return np.dtype(str(dtype).removeprefix("torch."))


def torch_dtype(dtype: np.dtype) -> torch.dtype:
    """Return torch's name of a numpy dtype."""
    found: torch.dtype = getattr(torch, dtype.name)
    return found


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
