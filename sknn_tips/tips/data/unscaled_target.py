"""Check for a regression target that is large or tiny."""

import numpy as np

from sknn_tips.tips.quantities import FEWEST_ROWS, named
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import FIRST_CALL, Check, Tip

# Losses whose raw output has the scale of the target. With the other losses the output is the
# logarithm of the mean.
SCALED = ("SquaredError", "AbsoluteError", "Huber", "Quantile", "OwnLoss")
# The root mean square, as for features. The rings of abalone (10.4) are the smallest real case that
# matters; below TINY all improvements of the squared error are less than the default tol of 1e-4.
LARGE, TINY = 10.0, 0.02
# The mean divided by the standard deviation: 3 for abalone. The output layer must first learn a
# mean that is far from 0, with an error that is small relative to the standard deviation (R2 of
# 9 + .05 z: -582; of z: .7).
FAR_AWAY = 10.0


class UnscaledTarget(Check):
    """Compare the size of the target with that of the initial outputs."""

    code = "unscaled-target"
    title = "The target is not scaled"
    why = (
        "The network starts with outputs of about 1 and takes steps of that scale, so it takes long"
        " to reach large targets, and the defaults of tol and alpha do not fit."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if record.target is None:
            return "the targets of a classifier have no scale"
        if record.loss not in SCALED:
            return f"with {record.loss} the output is the logarithm of the prediction"
        return "" if record.target.n_rows >= FEWEST_ROWS else "too few samples to know the scale"

    def examine(self, record: FitRecord) -> Tip | None:
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
        has = (
            f"has the mean {target.mean[order[0]]:.3g} and the standard deviation"
            f" {target.deviation[order[0]]:.3g}"
        )
        if record.parameters.get("normalize_y"):
            return self.tip(
                f"{what} {has}, although it is scaled as in the first call.", FIRST_CALL
            )
        seen = f"{what} {has}."
        return self.tip(seen, {"normalize_y": True}, also="Predictions keep the units of y.")
