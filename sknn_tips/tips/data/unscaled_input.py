"""Features that are large, or of very different scales."""

import math

import numpy as np
from numpy.typing import NDArray

from sknn_tips.tips.reading import CODES, FEWEST_ROWS, named
from sknn_tips.tips.record import Columns, FitRecord
from sknn_tips.tips.tip import Check, Tip

# Sizes are root mean squares; a standardised column has 1. Digits of 0 to 16 (13, all alike) train
# as well as scaled ones, so above LARGE columns must also be UNLIKE one another; raw pixels of 0
# to 255 (up to 150) lose accuracy, alike or not.
LARGE, UNLIKE, HUGE = 10.0, 10.0, 50.0
# The norm of a row. Rows of TF-IDF have 1, the raw diabetes data .15, and both train; at a tenth
# of that the first layer's biases drown the features.
TINY = 0.02
# Levels of a category come again: codes go from 0 or 1 to at most this share of the rows.
MOST_LEVELS = 1 / 10


class UnscaledInput(Check):
    """Compares the sizes of the features with what first weights and rates are made for."""

    code = "unscaled-input"
    title = "Features are not scaled"
    why = (
        "First weights and learning rates are made for features of about 1: larger ones drown the"
        " others and make steps too long, smaller ones are not seen."
    )

    def not_applicable(self, record: FitRecord) -> str:
        few = record.features.n_rows < FEWEST_ROWS
        return f"{record.features.n_rows} rows say nothing about scales" if few else ""

    def look(self, record: FitRecord) -> Tip | None:
        features = record.features
        size = np.where(features.is_constant, 0.0, features.size)
        largest = float(size.max())
        if not largest <= LARGE:  # it may be no number, where squares overflow
            usual = float(np.median(size[~features.is_constant]))
            if not largest <= min(HUGE, UNLIKE * usual):
                also = f"{_ALSO} {CODES}" if _may_be_codes(record, size, usual).any() else _ALSO
                return self.tip(_large(features, size, usual), "StandardScaler", also=also)
        norm = math.sqrt(size @ size)
        if 0 < norm < TINY:
            seen = f"All features are tiny: a row has the norm {norm:.2g}."
            return self.tip(seen, "StandardScaler")
        return None


_ALSO = "MinMaxScaler does, too; for sparse X there is MaxAbsScaler."


def _large(features: Columns, size: NDArray, usual: float) -> str:
    order = np.argsort(-size)
    worst = order[size[order] > LARGE]
    beside = f", beside a usual size of {usual:.2g}" if usual < LARGE else ""
    return f"{len(worst)} of {len(features)} features are large: {named(features, worst)}{beside}."


def _may_be_codes(record: FitRecord, size: NDArray, usual: float) -> NDArray:
    """Return which large columns, among others that are not, look like codes of categories."""
    low, high = record.features.minimum, record.features.maximum
    unlike = (size > LARGE) & (size > UNLIKE * usual)
    whole = np.isin(low, (0.0, 1.0)) & (high == np.round(high))
    codes: NDArray = unlike & whole & (high <= MOST_LEVELS * record.n_rows)
    return codes
