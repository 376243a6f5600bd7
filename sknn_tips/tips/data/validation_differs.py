"""Check for a validation set on a different scale than the training set."""

import numpy as np
from numpy.typing import NDArray

from sknn_tips.tips.quantities import named
from sknn_tips.tips.record import Columns, FitRecord
from sknn_tips.tips.tip import Check, Tip

# FAR is the largest plausible difference between the means of a feature in the two sets, in
# standard deviations of the training set; the tip fires if at least SHARE of the features differ
# more. A random split differs by .1, raw values from standardised ones by 2 to 1,000.
FAR, SHARE = 1.5, 0.3
# A target that was scaled only for training differs by more.
TARGET_FAR = 3.0
FEWEST_ROWS = 10


class ValidationDiffers(Check):
    """Compare the means of features and targets, as they enter the network."""

    code = "validation-differs"
    title = "The validation set has a different scale"
    why = (
        "All results on the validation set are wrong, and so is early stopping. In a Pipeline,"
        " X_val is not transformed by the steps before the network unless transform_input is set."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if not record.user_validation or record.features_val is None:
            return "no validation set was passed"
        few = min(record.features.n_rows, record.features_val.n_rows) < FEWEST_ROWS
        return "too few samples to compare" if few else ""

    def examine(self, record: FitRecord) -> Tip | None:
        assert record.features_val is not None
        far = _distance(record.features, record.features_val)
        varying = ~record.features.is_constant
        if varying.any() and np.mean(far[varying] > FAR) >= SHARE:
            worst = np.argsort(-far)[:1]
            seen = (
                f"{np.mean(far[varying] > FAR):.0%} of the features have a different mean in X_val"
                f" than in X, such as {named(record.features_val, worst)} in X_val and"
                f" {named(record.features, worst)} in X."
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
            f"The mean{which} of y_val is {target_val.mean[i]:.3g}; that of y is"
            f" {target.mean[i]:.3g}, with the standard deviation {target.deviation[i]:.3g}."
        )
        also = "It replaces TransformedTargetRegressor, which does not transform y_val."
        return self.tip(seen, {"normalize_y": True}, also=also)


def _distance(columns: Columns, others: Columns) -> NDArray:
    """Return the distance of the means, in standard deviations of `columns`."""
    with np.errstate(all="ignore"):
        far = np.abs(others.mean - columns.mean) / columns.deviation
    return np.nan_to_num(np.where(columns.is_constant, 0.0, far), posinf=1e30)
