"""A regression target that is large or tiny."""

import numpy as np

from sknn_tips.tips.reading import FEWEST_ROWS, named
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip

# Losses of the output as it is: its scale is the target's. The others give the log of the mean.
SCALED = ("SquaredError", "AbsoluteError", "Huber", "Quantile", "OwnLoss")
# Root mean square, as for features. The rings of abalone (10.4) are the mildest real case; below
# TINY all improvements of the squared error are under the default tol of 1e-4.
LARGE, TINY = 10.0, 0.02
# The mean in deviations: abalone has 3, and the output layer must first find a mean that is far
# from 0 to a part of the deviation (R2 of 9 + .05 z: -582; of z: .7).
FAR_AWAY = 10.0


class UnscaledTarget(Check):
    """Compares the size of the target with what the first output can be."""

    code = "unscaled-target"
    title = "The target is not scaled"
    why = (
        "The network begins with outputs of about 1 and takes steps of that scale, so the way to"
        " large targets is long, and tol and alpha mean something else."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if record.target is None:
            return "a classifier's targets have no scale"
        if record.loss not in SCALED:
            return f"{record.loss} predicts on the scale of logarithms"
        return "" if record.target.n_rows >= FEWEST_ROWS else "too few rows to know the scale"

    def look(self, record: FitRecord) -> Tip | None:
        target = record.target
        assert target is not None
        with np.errstate(all="ignore"):
            far_away = np.abs(target.mean) > FAR_AWAY * target.deviation
        narrow = ~target.is_constant & ((target.deviation < TINY) | far_away)
        large = ~(target.size <= LARGE)
        if not (large | narrow).any():
            return None
        order = np.argsort(np.where(large, -target.size, ~narrow))[:1]
        what = "y" if len(target) == 1 else f"y, {named(target, order)},"
        seen = (
            f"{what} has the mean {target.mean[order[0]]:.3g} and the standard deviation"
            f" {target.deviation[order[0]]:.3g}."
        )
        return self.tip(seen, {"normalize_y": True}, also="Predictions stay in your units.")
