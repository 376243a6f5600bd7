"""Explain a lack of memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

# Parts of the messages of torch's errors that mean a lack of memory.
_MESSAGES = ("can't allocate memory", "Storage size calculation overflowed", "out of memory")


@contextmanager
def memory_explained() -> Iterator[None]:
    """Replace torch's and numpy's errors for a lack of memory by one that names the remedies."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if not known and not any(part in str(error) for part in _MESSAGES):
            raise
        raise MemoryError(
            "There is not enough memory to train this network on these samples. Use smaller"
            " hidden_layer_sizes, a smaller batch_size, X as float32 or a sparse matrix, or"
            f" partial_fit on parts of the samples. The error was: {error}"
        ) from error
