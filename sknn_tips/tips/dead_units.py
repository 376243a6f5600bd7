"""Units that answer 0 to everything."""

import numpy as np

from sknn_tips.tips.reading import hidden_layers
from sknn_tips.tips.tip import Check, Tip
from sknn_tips.training.record import FitRecord

# The share of a layer's units that are 0 for every row looked at: at most .11 on 13 tables with
# sensible settings; .5 to 1 with a rate of ten times the best one.
DEAD = 0.5
# Of a handful of units, half may well begin dead.
FEWEST_UNITS = 8


class DeadUnits(Check):
    """Counts, layer by layer, the units that no row wakes."""

    code = "dead-units"
    title = "Units are dead"
    why = (
        "A relu that is 0 for every row has no gradient: it never comes back, and only costs time."
    )

    def not_applicable(self, record: FitRecord) -> str:
        return "" if "relu" in record.activations else "only relu units can die"

    def look(self, record: FitRecord) -> Tip | None:
        dead = np.array(record.last.dead)
        much = (np.nan_to_num(dead) > DEAD) & (np.array(record.widths[1:-1]) >= FEWEST_UNITS)
        if not much.any():
            return None
        began = np.array(record.first.dead)[much].max()
        seen = (
            f"{dead[much].max():.0%} of the units of {hidden_layers(much.tolist())} gave 0 for"
            f" every row looked at ({began:.0%} before training)."
        )
        return self.tip(seen, {"activation": _leaky(record)}, also="Or lower learning_rate_init.")


def _leaky(record: FitRecord) -> str | list[str]:
    names = ["leaky_relu" if name == "relu" else name for name in record.activations]
    return names[0] if len(set(names)) == 1 else names
