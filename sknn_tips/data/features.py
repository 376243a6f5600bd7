"""The input rows, wherever they are: in memory, in a file that is mapped to it, or sparse."""

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

# What is loaded at once: a sparse X is made dense if it then takes no more memory than this, and a
# mapped file is read if it is no larger; others are taken batch by batch.
DENSE_BUDGET_BYTES = 2**28

Index = torch.Tensor | slice
"""Which rows: their numbers in any order, or a range of them."""


class Features(ABC):
    """Rows that are taken a batch at a time, as dense tensors (batch, n_features).

    Attributes
    ----------
    X : tensor, ndarray or sparse matrix
        What they are taken from.
    """

    X: Any

    def __len__(self) -> int:
        return int(self.X.shape[0])

    @abstractmethod
    def __getitem__(self, index: Index) -> torch.Tensor:
        """Return some rows; it may be a view."""

    def put(self, index: Index, out: torch.Tensor) -> None:
        """Copy some rows into a buffer."""
        out.copy_(self[index])


class DenseFeatures(Features):
    """Rows of one tensor, each contiguous in memory."""

    def __init__(self, X: torch.Tensor) -> None:
        self.X = X

    def __getitem__(self, index: Index) -> torch.Tensor:
        found: torch.Tensor = self.X[index]
        return found

    def put(self, index: Index, out: torch.Tensor) -> None:
        if isinstance(index, slice):
            out.copy_(self.X[index])
        else:
            torch.index_select(self.X, 0, index, out=out)


class MappedFeatures(Features):
    """Rows of an array in a file, such as a `numpy.memmap`, read and cast a batch at a time."""

    def __init__(self, X: NDArray, dtype: np.dtype, device: torch.device) -> None:
        self.X, self.dtype, self.device = X, dtype, device

    def __getitem__(self, index: Index) -> torch.Tensor:
        rows = self.X[_numbers(index)]  # a copy, or for a range a view of the file
        rows = rows.astype(self.dtype, copy=not rows.flags.writeable)
        return torch.from_numpy(rows).to(self.device)


class SparseFeatures(Features):
    """Rows of a CSR matrix, made dense a batch at a time."""

    def __init__(self, X: sparse.csr_array, device: torch.device) -> None:
        self.X, self.device = X, device

    def __getitem__(self, index: Index) -> torch.Tensor:
        return torch.from_numpy(self.X[_numbers(index)].toarray()).to(self.device)


class SomeFeatures(Features):
    """Some rows of others, which are not copied.

    Parameters
    ----------
    whole : Features
    chosen : ndarray of int
        The numbers of the rows.
    """

    def __init__(self, whole: Features, chosen: NDArray, device: torch.device) -> None:
        self.whole, self.chosen = whole, torch.from_numpy(chosen).to(device)

    @property
    def X(self) -> Any:
        """The rows themselves, for callbacks: a copy."""
        return self.whole[self.chosen]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: Index) -> torch.Tensor:
        return self.whole[self.chosen[index]]

    def put(self, index: Index, out: torch.Tensor) -> None:
        self.whole.put(self.chosen[index], out)


class Chosen(NamedTuple):
    """Some rows of an array in a file, not read yet."""

    X: NDArray
    rows: NDArray


def choose(X: Any, rows: NDArray) -> Any:
    """Return some rows of an array or a sparse matrix."""
    return Chosen(X, rows) if stays_in_its_file(X) else X[rows]


def features(X: Any, dtype: torch.dtype, device: torch.device) -> Features:
    """Put X on the device, without a copy where its dtype and memory already fit."""
    wanted = numpy_dtype(dtype)
    if isinstance(X, Chosen):
        return SomeFeatures(features(X.X, dtype, device), X.rows, device)
    if sparse.issparse(X):
        if X.shape[0] * X.shape[1] * wanted.itemsize > DENSE_BUDGET_BYTES:
            return SparseFeatures(X.tocsr().astype(wanted), device)
        X = X.toarray()
    elif stays_in_its_file(X):
        return MappedFeatures(X, wanted, device)
    # row after row in memory, so that a row is copied at once
    return DenseFeatures(to_tensor(np.asarray(X, dtype=wanted, order="C"), device))


def stays_in_its_file(X: Any) -> bool:
    """Say whether X is mapped from a file, and larger than what is loaded at once."""
    if not isinstance(X, np.ndarray) or X.nbytes <= DENSE_BUDGET_BYTES:
        return False
    array: Any = X
    while array is not None and not isinstance(array, np.memmap):
        array = getattr(array, "base", None)
    return array is not None


def to_tensor(array: NDArray, device: torch.device) -> torch.Tensor:
    """Return the array as a tensor; torch warns about read-only memory, so that is copied."""
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()
    return torch.from_numpy(array).to(device)


def _numbers(index: Index) -> Any:
    """Return an index that numpy and scipy take."""
    return index if isinstance(index, slice) else index.cpu().numpy()


def numpy_dtype(dtype: torch.dtype) -> np.dtype:
    """Return numpy's name of a torch dtype."""
    return np.dtype(str(dtype).removeprefix("torch."))


def torch_dtype(dtype: np.dtype) -> torch.dtype:
    """Return torch's name of a numpy dtype."""
    found: torch.dtype = getattr(torch, dtype.name)
    return found
