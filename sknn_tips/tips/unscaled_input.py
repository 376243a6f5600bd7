"""Features that are large, or of very different scales."""

import numpy as np

from sknn_tips.tips.reading import FEWEST_ROWS, named
from sknn_tips.tips.tip import Check, Tip
from sknn_tips.training.record import Columns, FitRecord

# Sizes are root mean squares; a standardised column has 1. Digits of 0 to 16 (13, all alike) train
# as well as scaled ones, so above LARGE columns must also be UNLIKE one another; raw pixels of 0
# to 255 (up to 150) lose accuracy, alike or not.
LARGE, UNLIKE, HUGE = 10.0, 10.0, 50.0
# The norm of a row. Rows of TF-IDF have 1, the raw diabetes data .15, and both train; at a tenth
# of that the first layer's biases drown the features.
TINY = 0.02


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
        varying = size[~features.is_constant]
        if not len(varying):
            return None
        largest, usual = float(varying.max()), float(np.median(varying))
        unlike = largest > LARGE and largest > UNLIKE * usual
        if not np.isfinite(largest) or largest > HUGE or unlike:
            return self.tip(self._large(features, size, usual), "StandardScaler", also=_ALSO)
        norm = float(np.sqrt(np.square(varying).sum()))
        if norm < TINY:
            return self.tip(
                f"All features are tiny: a row has the norm {norm:.2g}.", "StandardScaler"
            )
        return None

    def _large(self, features: Columns, size: np.ndarray, usual: float) -> str:
        order = np.argsort(-size)
        worst = order[size[order] > LARGE]
        beside = f", beside a usual size of {usual:.2g}" if usual < LARGE else ""
        return (
            f"{len(worst)} of {len(features)} features are large: {named(features, worst)}{beside}."
        )


_ALSO = "MinMaxScaler does, too; for sparse X there is MaxAbsScaler."
