"""A validation set on another scale than the training rows."""

import numpy as np
from numpy.typing import NDArray

from sknn_tips.tips.reading import named
from sknn_tips.tips.record import Columns, FitRecord
from sknn_tips.tips.tip import Check, Tip

# How far the mean of a column may be from that of training, in its deviations, and in how many of
# the columns. A random split differs by .1; raw values beside standardised ones by 2 to 1,000.
FAR, SHARE = 1.5, 0.3
# A target that was scaled for training alone differs by more.
TARGET_FAR = 3.0
FEWEST_ROWS = 10


class ValidationDiffers(Check):
    """Compares the means of the columns, as the network sees them."""

    code = "validation-differs"
    title = "The validation set is on another scale"
    why = (
        "Every figure of it is wrong then, and so is what early stopping does by it. In a Pipeline,"
        " X_val bypasses the steps in front unless it is told to pass them."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if not record.own_validation or record.features_val is None:
            return "you handed in no validation set"
        few = min(record.features.n_rows, record.features_val.n_rows) < FEWEST_ROWS
        return "too few rows to compare" if few else ""

    def look(self, record: FitRecord) -> Tip | None:
        assert record.features_val is not None
        far = _distance(record.features, record.features_val)
        varying = ~record.features.is_constant
        if varying.any() and np.mean(far[varying] > FAR) >= SHARE:
            worst = np.argsort(-far)[:1]
            seen = (
                f"{np.mean(far[varying] > FAR):.0%} of the features of X_val are elsewhere than"
                f" those of X: {named(record.features_val, worst)}, and in training"
                f" {named(record.features, worst)}."
            )
            return self.tip(seen, "transform_input")
        if record.target is not None and record.target_val is not None:
            return self._of_target(record.target, record.target_val)
        return None

    def _of_target(self, target: Columns, target_val: Columns) -> Tip | None:
        far = _distance(target, target_val)
        i = int(far.argmax())
        if not far[i] > TARGET_FAR:
            return None
        which = "" if len(target) == 1 else f" of column {i}"
        seen = (
            f"The mean{which} of y_val is {target_val.mean[i]:.3g}, and of y {target.mean[i]:.3g}"
            f" with the deviation {target.deviation[i]:.3g}."
        )
        also = "It takes the place of TransformedTargetRegressor, which leaves y_val as it is."
        return self.tip(seen, {"normalize_y": True}, also=also)


def _distance(columns: Columns, others: Columns) -> NDArray:
    """Return how far the means are apart, in deviations of the first."""
    with np.errstate(all="ignore"):
        far = np.abs(others.mean - columns.mean) / columns.deviation
    return np.nan_to_num(np.where(columns.is_constant, 0.0, far), posinf=1e30)
