"""Sigmoid and tanh units at the ends of their range."""

import numpy as np

from sknn_tips.tips.reading import hidden_layers
from sknn_tips.tips.tip import HINT, Check, Tip
from sknn_tips.training.record import FitRecord

# The share of a layer's units that are at an end of their range for nearly every row: 0 on 13
# tables with tanh and sensible settings.
SATURATED = 0.3


class SaturatedUnits(Check):
    """Counts, layer by layer, the units that hardly have a slope left."""

    code = "saturated-units"
    title = "Units are saturated"
    why = "At the ends of their range they have next to no slope, so they hardly learn any more."

    def not_applicable(self, record: FitRecord) -> str:
        can = np.isfinite(record.first.saturated).any()
        return "" if can else "only logistic and tanh units saturate"

    def look(self, record: FitRecord) -> Tip | None:
        saturated = np.array(record.last.saturated)
        much = np.nan_to_num(saturated) > SATURATED
        if not much.any():
            return None
        began = np.array(record.first.saturated)[much].max()
        seen = (
            f"{np.nanmax(saturated):.0%} of the units of {hidden_layers(much.tolist())} were at an"
            f" end of their range for nearly every row looked at ({began:.0%} before training)."
        )
        remedy = {"init": "auto", "init_params": None} if began > SATURATED else {"batchnorm": True}
        return self.tip(seen, remedy, severity=HINT, also="Or lower learning_rate_init.")
