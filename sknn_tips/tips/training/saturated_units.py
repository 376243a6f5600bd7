"""Check for sigmoid and tanh units that are near the limits of their range."""

import math

from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.tips.quantities import hidden_layers, last_and_first
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The share of the units of a layer that are near a limit of their range for nearly every sample: 0
# on 13 tables with tanh and sensible settings.
SATURATED = 0.3


class SaturatedUnits(Check):
    """Check the share of units in each layer that are saturated."""

    code = "saturated-units"
    title = "Units are saturated"
    why = "Near the limits of their range units have almost no slope, so they hardly learn."

    def not_applicable(self, record: FitRecord) -> str:
        can = any(math.isfinite(share) for share in record.first.saturated)
        names = sorted(name for name, entry in ACTIVATIONS.items() if entry.ends is not None)
        return "" if can else f"only {' and '.join(names)} units saturate"

    def examine(self, record: FitRecord) -> Tip | None:
        much = [share > SATURATED for share in record.last.saturated]
        if not any(much):
            return None
        now, before = last_and_first(record, "saturated", much)
        seen = (
            f"{now:.0%} of the units of {hidden_layers(much)} were near a limit of their range for"
            f" nearly every sample examined ({before:.0%} before training)."
        )
        remedy = (
            {"init": "auto", "init_params": None} if before > SATURATED else {"batchnorm": True}
        )
        also = "Or lower learning_rate_init." * record.has_rate
        return self.tip(seen, remedy, severity=HINT, also=also)
