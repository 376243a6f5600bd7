"""What several checks read out of a record."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips.tips.record import Columns, FitRecord

# Fewer rows say nothing about the scale of a column.
FEWEST_ROWS = 5
# Penalties: what is much, and the usual value.
PENALTIES: dict[str, tuple[float, Any]] = {
    "alpha": (1.0, 1e-4),
    "l1": (1e-3, 0.0),
    "activity_l1": (1e-2, 0.0),
    "weight_decay": (1.0, None),
}
# What no check can tell from numbers alone; said where it may be the cause.
CODES = (
    'Columns that hold codes of categories need one-hot encoding: declare them as "category" and'
    " use sknn_tips.tabular_pipeline, or its TableEncoder."
)
# A constant answer with so small a loss cannot be beaten: rows of one class.
NOTHING_TO_LEARN = 1e-5


def update_sizes(record: FitRecord) -> list[float]:
    """Return for each update how far it moved the layer that it moved most."""
    sizes = [max(update.change) for update in record.updates]
    return [size for size in sizes if math.isfinite(size)]


def share_left(record: FitRecord) -> float:
    """Return the loss at the end as a share of that of the best constant answer."""
    return _quotient(record.last.loss, record.baseline_loss)


def share_at_start(record: FitRecord) -> float:
    """Return the loss before training as a share of that of the best constant answer."""
    return _quotient(record.first.loss, record.baseline_loss)


def _quotient(part: float, whole: float) -> float:
    return part / whole if whole > NOTHING_TO_LEARN else math.nan


def rises(losses: Sequence[float]) -> float:
    """Return the share of epochs whose loss was above the one before."""
    return sum(b > a for a, b in pairwise(losses)) / max(1, len(losses) - 1)


def hidden_layers(truths: Sequence[bool]) -> str:
    """Name the hidden layers for which something holds."""
    numbers = [str(i) for i, truth in enumerate(truths, 1) if truth]
    if len(numbers) == len(truths) > 1:
        return "every hidden layer"
    return f"layer{'s' * (len(numbers) > 1)} {' and '.join(numbers)}"


def gentler_rate(record: FitRecord) -> dict[str, Any]:
    """Return a smaller learning rate: the optimizer's usual one, or a tenth if it is that small."""
    return {"learning_rate_init": min(record.usual_rate, float(f"{record.rate / 10:.2g}"))}


def penalty_of(record: FitRecord) -> dict[str, Any]:
    """Return the usual value of a penalty that is large; nothing where none is."""
    for name, (much, usual) in PENALTIES.items():
        if (record.parameters.get(name) or 0.0) >= much:
            return {name: usual}
    return {}


def data_size(record: FitRecord) -> float:
    """Return the size of features and targets, or 1 if that is more.

    First losses and gradients grow with it; with targets of losses on the scale of logarithms,
    too, which no tip asks to scale.
    """
    sizes = record.features.size
    features = math.sqrt(sizes @ sizes / len(sizes))
    counts = record.loss in ("PoissonLoss", "GammaLoss") and record.target is not None
    target = float(record.target.size.max()) if counts and record.target is not None else 0.0
    return max(1.0, features, target)


def named(columns: Columns, order: NDArray, most: int = 3) -> str:
    """Name the first columns of an order with their range."""
    parts = [
        f"{columns.name(i)} ({columns.minimum[i]:.3g} to {columns.maximum[i]:.3g})"
        for i in order[:most]
    ]
    more = len(order) - most
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def uses_batchnorm(record: FitRecord) -> bool:
    given = record.parameters.get("batchnorm", False)
    values = given if isinstance(given, list | tuple | np.ndarray) else [given]
    return bool(record.activations) and any(bool(value) for value in values)


def is_normalised(record: FitRecord) -> bool:
    """Say whether a norm undoes what the scale of the weights does."""
    return uses_batchnorm(record) or bool(record.parameters.get("layernorm"))
