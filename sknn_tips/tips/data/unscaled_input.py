"""Check for features that are large or tiny, or of very different scales."""

import math

import numpy as np
from numpy.typing import NDArray

from sknn_tips.tips.quantities import CODES, FEWEST_ROWS, named
from sknn_tips.tips.record import Columns, FitRecord
from sknn_tips.tips.tip import Check, Tip

# The size of a feature is its root mean square; a standardised feature has 1. Digits of 0 to 16
# (all features of similar size, up to 13) train as well as scaled ones, so features above LARGE
# must also be UNLIKE times the usual size. Features above HUGE are too large in any case: raw
# pixels of 0 to 255 (sizes up to 150) lose accuracy.
LARGE, UNLIKE, HUGE = 10.0, 10.0, 50.0
# The norm of a sample. TF-IDF samples have 1, the raw diabetes data .15, and both train; at a tenth
# of that the biases of the first layer dominate the features.
TINY = 0.02
# Categories repeat, so their codes go from 0 or 1 to at most this share of the number of samples.
MOST_LEVELS = 1 / 10


class UnscaledInput(Check):
    """Check whether the sizes of the features suit initial weights and learning rates."""

    code = "unscaled-input"
    title = "Features are not scaled"
    why = (
        "Initial weights and learning rates are made for features of size 1: larger features"
        " dominate the others and make steps too long, and tiny ones have no effect."
    )

    def not_applicable(self, record: FitRecord) -> str:
        few = record.features.n_rows < FEWEST_ROWS
        return f"{record.features.n_rows} samples are too few to know the scale" if few else ""

    def examine(self, record: FitRecord) -> Tip | None:
        features = record.features
        size = np.where(features.is_constant, 0.0, features.size)
        largest = float(size.max())
        if not largest <= LARGE:  # true for NaN, too, which is the result if squares overflow
            usual = float(np.median(size[~features.is_constant]))
            if not largest <= min(HUGE, UNLIKE * usual):
                also = f"{_ALSO} {CODES}" if _may_be_codes(record, size, usual).any() else _ALSO
                return self.tip(_large(features, size, usual), "StandardScaler", also=also)
        norm = math.sqrt(size @ size)
        if 0 < norm < TINY:
            seen = f"All features are tiny: the norm of a sample is {norm:.2g}."
            return self.tip(seen, "StandardScaler")
        return None


_ALSO = "MinMaxScaler works as well; for sparse X use MaxAbsScaler."


def _large(features: Columns, size: NDArray, usual: float) -> str:
    order = np.argsort(-size)
    worst = order[size[order] > LARGE]
    beside = f", while the usual size is {usual:.2g}" if usual < LARGE else ""
    return f"{len(worst)} of {len(features)} features are large: {named(features, worst)}{beside}."


def _may_be_codes(record: FitRecord, size: NDArray, usual: float) -> NDArray:
    """Return a mask of the features much larger than usual that look like codes of categories."""
    low, high = record.features.minimum, record.features.maximum
    unlike = (size > LARGE) & (size > UNLIKE * usual)
    whole = np.isin(low, (0.0, 1.0)) & (high == np.round(high))
    codes: NDArray = unlike & whole & (high <= MOST_LEVELS * record.n_rows)
    return codes
