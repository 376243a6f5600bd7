"""Sigmoid and tanh units at the ends of their range."""

import math

from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.tips.reading import hidden_layers
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The share of a layer's units that are at an end of their range for nearly every row: 0 on 13
# tables with tanh and sensible settings.
SATURATED = 0.3


class SaturatedUnits(Check):
    """Counts, layer by layer, the units that hardly have a slope left."""

    code = "saturated-units"
    title = "Units are saturated"
    why = "At the ends of their range they have next to no slope, so they hardly learn any more."

    def not_applicable(self, record: FitRecord) -> str:
        can = any(math.isfinite(share) for share in record.first.saturated)
        names = sorted(name for name, entry in ACTIVATIONS.items() if entry.ends is not None)
        return "" if can else f"only {' and '.join(names)} units saturate"

    def look(self, record: FitRecord) -> Tip | None:
        much = [share > SATURATED for share in record.last.saturated]
        if not any(much):
            return None
        now, before = (
            max(share for share, is_much in zip(look.saturated, much, strict=True) if is_much)
            for look in (record.last, record.first)
        )
        seen = (
            f"{now:.0%} of the units of {hidden_layers(much)} were at an end of their range for"
            f" nearly every row looked at ({before:.0%} before training)."
        )
        remedy = (
            {"init": "auto", "init_params": None} if before > SATURATED else {"batchnorm": True}
        )
        also = "Or lower learning_rate_init." * record.has_rate
        return self.tip(seen, remedy, severity=HINT, also=also)
