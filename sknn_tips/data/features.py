"""The features of the samples: in memory, memory-mapped from a file, or sparse."""

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

# The most memory that is used for X at once: a sparse X is made dense if it then fits, and a mapped
# file is read if it is no larger. Otherwise the samples are read batch by batch.
DENSE_BUDGET_BYTES = 2**28

Index = torch.Tensor | slice
"""The indices of samples in any order, or a slice."""


class Features(ABC):
    """Features that are read one batch at a time, as dense tensors (batch, n_features).

    Attributes
    ----------
    X : tensor, ndarray or sparse matrix
        The source of the samples.
    """

    X: Any

    def __len__(self) -> int:
        return int(self.X.shape[0])

    @abstractmethod
    def __getitem__(self, index: Index) -> torch.Tensor:
        """Return some samples; the result may be a view."""

    def put(self, index: Index, out: torch.Tensor) -> None:
        """Copy some samples into a buffer."""
        out.copy_(self[index])


class DenseFeatures(Features):
    """Samples in one tensor, each contiguous in memory."""

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
    """Samples of an array in a file, such as a `numpy.memmap`, read and cast batch by batch."""

    def __init__(self, X: NDArray, dtype: np.dtype, device: torch.device) -> None:
        self.X, self.dtype, self.device = X, dtype, device

    def __getitem__(self, index: Index) -> torch.Tensor:
        rows = self.X[_numbers(index)]  # a copy; for a slice a view of the file
        rows = rows.astype(self.dtype, copy=not rows.flags.writeable)
        return torch.from_numpy(rows).to(self.device)


class SparseFeatures(Features):
    """Samples of a CSR matrix, converted to dense batch by batch."""

    def __init__(self, X: sparse.csr_array, device: torch.device) -> None:
        self.X, self.device = X, device

    def __getitem__(self, index: Index) -> torch.Tensor:
        return torch.from_numpy(self.X[_numbers(index)].toarray()).to(self.device)


class SomeFeatures(Features):
    """A subset of other features, which are not copied.

    Parameters
    ----------
    whole : Features
    chosen : ndarray of int
        The indices of the samples.
    """

    def __init__(self, whole: Features, chosen: NDArray, device: torch.device) -> None:
        self.whole, self.chosen = whole, torch.from_numpy(chosen).to(device)

    @property
    def X(self) -> Any:
        """A copy of the samples, for callbacks."""
        return self.whole[self.chosen]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: Index) -> torch.Tensor:
        return self.whole[self.chosen[index]]

    def put(self, index: Index, out: torch.Tensor) -> None:
        self.whole.put(self.chosen[index], out)


class Chosen(NamedTuple):
    """A subset of an array in a file that has not been read yet."""

    X: NDArray
    rows: NDArray


def choose(X: Any, rows: NDArray) -> Any:
    """Return some samples of an array or a sparse matrix; a large mapped file is not read."""
    return Chosen(X, rows) if stays_in_its_file(X) else X[rows]


def features(X: Any, dtype: torch.dtype, device: torch.device) -> Features:
    """Move X to the device; it is not copied if its dtype and memory layout already fit."""
    wanted = numpy_dtype(dtype)
    if isinstance(X, Chosen):
        return SomeFeatures(features(X.X, dtype, device), X.rows, device)
    if sparse.issparse(X):
        if X.shape[0] * X.shape[1] * wanted.itemsize > DENSE_BUDGET_BYTES:
            return SparseFeatures(X.tocsr().astype(wanted), device)
        X = X.toarray()
    elif stays_in_its_file(X):
        return MappedFeatures(X, wanted, device)
    # C order: the values of a sample are contiguous and are copied at once
    return DenseFeatures(to_tensor(np.asarray(X, dtype=wanted, order="C"), device))


def stays_in_its_file(X: Any) -> bool:
    """Return whether X is mapped from a file and larger than `DENSE_BUDGET_BYTES`."""
    if not isinstance(X, np.ndarray) or X.nbytes <= DENSE_BUDGET_BYTES:
        return False
    array: Any = X
    while array is not None and not isinstance(array, np.memmap):
        array = getattr(array, "base", None)
    return array is not None


def to_tensor(array: NDArray, device: torch.device) -> torch.Tensor:
    """Return the array as a tensor; read-only arrays are copied, since torch warns about them."""
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()
    return torch.from_numpy(array).to(device)


def _numbers(index: Index) -> Any:
    """Return an index that numpy and scipy accept."""
    return index if isinstance(index, slice) else index.cpu().numpy()


def numpy_dtype(dtype: torch.dtype) -> np.dtype:
    """Return the numpy dtype of a torch dtype."""
    return np.dtype(str(dtype).removeprefix("torch."))


def torch_dtype(dtype: np.dtype) -> torch.dtype:
    """Return the torch dtype of a numpy dtype."""
    found: torch.dtype = getattr(torch, dtype.name)
    return found
