"""Check whether the loss or the weights became NaN or infinite."""

import numpy as np

from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import SCALED, UnscaledTarget
from sknn_tips.tips.quantities import alpha_of, gentler_rate, named, usual_alpha
from sknn_tips.tips.record import Columns, FitRecord, NonFinite
from sknn_tips.tips.tip import Check, Remedy, Tip, find

# The most likely causes, most likely first.
CAUSES: tuple[Check, ...] = (UnscaledInput(), UnscaledTarget())
# The root mean square of a standardised column is 1. A column below this value counts as scaled.
SCALED_SIZE = 1.5
# The L2 penalty alone multiplies the weights by 1 - rate * alpha / (sum of the sample weights) in
# an update. Plain SGD diverges if this is below -1, and with Nesterov momentum of .9 below -.4.
OVERSHOOTS = 1.0


class Diverged(Check):
    """Find the first update that was not finite, and its likely cause."""

    code = "diverged"
    title = "Training diverged"
    why = "Steps that are too long for the scale of the data overshoot more and more."

    def not_applicable(self, record: FitRecord) -> str:
        return "" if record.losses or record.non_finite else "nothing was trained"

    def examine(self, record: FitRecord) -> Tip | None:
        where = record.non_finite
        if where is None:
            return None
        rate = "" if np.isnan(where.rate) else f", with the learning rate {where.rate:g}"
        seen = (
            f"The loss, a weight or a prediction became NaN or infinite in {_time(where)}{rate},"
            " and training stopped."
        )
        n_rows = record.n_rows % record.batch_size or record.batch_size  # of the smallest batch
        alpha = alpha_of(record)
        overshoots = where.rate * alpha / (n_rows * record.typical_weight) > OVERSHOOTS
        if overshoots and alpha > usual_alpha(record)["alpha"]:  # otherwise the rate is to blame
            return self._by_penalty(record, seen, n_rows)
        if not is_scaled(record.features):
            worst = np.argsort(-record.features.size)
            seen += f" The largest feature is {named(record.features, worst[:1])}."
        remedy = self._remedy(record)
        return self.tip(seen, remedy, also=self._also(record, remedy))

    def _by_penalty(self, record: FitRecord, seen: str, n_rows: int) -> Tip:
        weight, also = record.typical_weight, ""
        divisor = f"number of samples in a batch ({n_rows:,})"
        if weight != 1:
            divisor = f"sum of the sample weights in a batch (about {n_rows * weight:.2g})"
            also = f"Or divide the sample weights by {weight:.2g}."
        seen += (
            f" The penalty with alpha={alpha_of(record):g}, divided by the {divisor}, is too large"
            " for this learning rate."
        )
        return self.tip(seen, usual_alpha(record), also=also)

    def _remedy(self, record: FitRecord) -> Remedy:
        for cause in CAUSES:
            if isinstance(tip := find(cause, record), Tip):
                return tip.remedy
        return gentler_rate(record) if record.has_rate else {"optimizer": "adam"}

    def _also(self, record: FitRecord, remedy: Remedy) -> str:
        others = []
        if "StandardScaler" not in remedy and not is_scaled(record.features):
            others.append("put a StandardScaler in front")
        scales_y = record.loss in SCALED and not record.parameters.get("normalize_y")
        if "normalize_y" not in remedy and scales_y and not is_scaled(record.target):
            others.append("scale y (normalize_y=True)")
        if "learning_rate_init" not in remedy and record.has_rate:
            others.append(f"lower learning_rate_init (now {record.rate:g})")
        return f"Or {', '.join(others)}." if others else ""


def _time(where: NonFinite) -> str:
    if where.step is None:
        return f"epoch {where.epoch}"
    return f"update {where.step:,} (epoch {where.epoch})"


def is_scaled(columns: Columns | None) -> bool:
    """Return whether the columns are too small to be a cause."""
    return columns is None or bool(columns.size.max() < SCALED_SIZE)
