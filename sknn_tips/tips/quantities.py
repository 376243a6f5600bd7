"""Quantities that several checks compute from a record."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips.tips.record import Columns, FitRecord

# Fewer rows are too few to determine the scale of a column.
FEWEST_ROWS = 5
# For each penalty: the value from which on it is large, and the usual value. Those of `alpha` are
# for sample weights of 1, because this penalty is divided by the sum of the weights in a batch.
LARGE_ALPHA, USUAL_ALPHA = 1.0, 1e-4
PENALTIES: dict[str, tuple[float, Any]] = {
    "l1": (1e-3, 0.0),
    "activity_l1": (1e-2, 0.0),
    "weight_decay": (1.0, None),
}
# No check can tell from numbers alone whether a column holds codes, so this is added as a hint to
# tips where codes may be the cause.
CODES = (
    'Columns with integer codes of categories need one-hot encoding: set their dtype to "category"'
    " and use sknn_tips.tabular_pipeline, or its TableEncoder."
)
# If the loss of the best constant prediction is below this, there is nothing to learn, for example
# because all samples are of one class.
NOTHING_TO_LEARN = 1e-5


def last_and_first(record: FitRecord, kind: str, which: Sequence[bool]) -> tuple[float, float]:
    """Return the largest share of "dead" or "saturated" units in some layers, at end and start."""
    last, first = (
        max(share for share, chosen in zip(getattr(probe, kind), which, strict=True) if chosen)
        for probe in (record.last, record.first)
    )
    return last, first


def why_no_validation_curve(record: FitRecord, fewest_epochs: int) -> str:
    """Return why the validation losses say nothing about generalization, or an empty string."""
    if not record.n_rows_val:
        return "there is no validation set: pass X_val and y_val, or use diagnose"
    if not record.is_over:
        return "training is not over"
    few = len(record.losses) < fewest_epochs
    return f"{len(record.losses)} epochs are too few to tell" if few else ""


def update_sizes(record: FitRecord) -> list[float]:
    """Return the largest relative change of a layer in each update."""
    sizes = [max(update.change) for update in record.updates]
    return [size for size in sizes if math.isfinite(size)]


def share_left(record: FitRecord) -> float:
    """Return the final loss divided by the loss of the best constant prediction."""
    return _quotient(record.last.loss, record.baseline_loss)


def share_at_start(record: FitRecord) -> float:
    """Return the loss before training divided by the loss of the best constant prediction."""
    return _quotient(record.first.loss, record.baseline_loss)


def _quotient(part: float, whole: float) -> float:
    return part / whole if whole > NOTHING_TO_LEARN else math.nan


def rises(losses: Sequence[float]) -> float:
    """Return the share of epochs with a larger loss than the epoch before."""
    return sum(b > a for a, b in pairwise(losses)) / max(1, len(losses) - 1)


def half_width(n_epochs: int) -> int:
    """Return how many epochs before and after each one `smoothed` averages over."""
    return max(1, n_epochs // 10)


def smoothed(values: Sequence[float]) -> NDArray:
    """Return the running means of a quantity over epochs, since single epochs are noisy."""
    half = half_width(len(values))
    windows = [values[max(0, i - half) : i + half + 1] for i in range(len(values))]
    return np.array([np.mean(window) for window in windows])


def hidden_layers(truths: Sequence[bool]) -> str:
    """Return a phrase that names the hidden layers for which `truths` is true."""
    numbers = [str(i) for i, truth in enumerate(truths, 1) if truth]
    if len(numbers) == len(truths) > 1:
        return "every hidden layer"
    return f"layer{'s' * (len(numbers) > 1)} {' and '.join(numbers)}"


def gentler_rate(record: FitRecord) -> dict[str, Any]:
    """Return the smaller of the optimizer's usual learning rate and a tenth of the current one."""
    return {"learning_rate_init": min(record.usual_rate, float(f"{record.rate / 10:.2g}"))}


def penalty_of(record: FitRecord) -> dict[str, Any]:
    """Return the usual value of the first penalty that is large; empty if none is."""
    if alpha_of(record) >= LARGE_ALPHA * record.typical_weight:
        return usual_alpha(record)
    for name, (much, usual) in PENALTIES.items():
        if (record.parameters.get(name) or 0.0) >= much:
            return {name: usual}
    return {}


def alpha_of(record: FitRecord) -> float:
    return float(record.parameters.get("alpha") or 0.0)


def usual_alpha(record: FitRecord) -> dict[str, Any]:
    """Return the usual value of `alpha` for samples of this weight."""
    return {"alpha": float(f"{USUAL_ALPHA * record.typical_weight:.2g}")}


def data_size(record: FitRecord) -> float:
    """Return the root mean square of the features or, if larger, of the target; at least 1.

    The initial losses and gradients grow with it. The target only counts for Poisson and gamma
    losses, whose targets no tip recommends to scale.
    """
    sizes = record.features.size
    features = math.sqrt(sizes @ sizes / len(sizes))
    counts = record.loss in ("PoissonLoss", "GammaLoss") and record.target is not None
    target = float(record.target.size.max()) if counts and record.target is not None else 0.0
    return max(1.0, features, target)


def named(columns: Columns, order: NDArray, most: int = 3) -> str:
    """Return the names and ranges of the first `most` columns of `order`."""
    parts = [f"{columns.name(i)} ({_range(columns, i)})" for i in order[:most]]
    more = len(order) - most
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _range(columns: Columns, column: int) -> str:
    low, high = columns.minimum[column], columns.maximum[column]
    return f"always {low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def uses_batchnorm(record: FitRecord) -> bool:
    given = record.parameters.get("batchnorm", False)
    values = given if isinstance(given, list | tuple | np.ndarray) else [given]
    return bool(record.activations) and any(bool(value) for value in values)


def is_normalised(record: FitRecord) -> bool:
    """Return whether batch or layer norm cancels the effect of the scale of the weights."""
    return uses_batchnorm(record) or bool(record.parameters.get("layernorm"))
