"""Check for units whose output is always 0."""

from typing import Any

from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.tips.quantities import hidden_layers, last_and_first
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip

# The share of the units of a layer that are 0 for every probe sample: at most .11 on 13 tables with
# sensible settings; .5 to 1 with ten times the best learning rate.
DEAD = 0.5
# In smaller layers, half of the units can be dead before training by chance.
FEWEST_UNITS = 8
# With two samples, a quarter of the units is 0 for both by chance, and half of the units in one of
# 200 fits.
FEWEST_ROWS = 10


class DeadUnits(Check):
    """Check the share of units in each layer that are 0 for every sample."""

    code = "dead-units"
    title = "Units are dead"
    why = "A relu unit that is 0 for every sample has no gradient: it stays 0 and only costs time."

    def not_applicable(self, record: FitRecord) -> str:
        names = [name for name, entry in ACTIVATIONS.items() if entry.may_die]
        if not any(name in names for name in record.activations):
            return f"only {' and '.join(names)} units can die"
        if record.n_rows < FEWEST_ROWS:
            return f"fewer than {FEWEST_ROWS} samples: a unit may be 0 for all of them by chance"
        if record.features.is_constant.all():
            return "all features are constant: a unit is 0 for all samples or for none"
        return ""

    def examine(self, record: FitRecord) -> Tip | None:
        much = [
            share > DEAD and units >= FEWEST_UNITS
            for share, units in zip(record.last.dead, record.widths[1:], strict=False)
        ]
        if not any(much):
            return None
        now, before = last_and_first(record, "dead", much)
        seen = (
            f"{now:.0%} of the units of {hidden_layers(much)} were 0 for every sample examined"
            f" ({before:.0%} before training)."
        )
        also = "Or lower learning_rate_init." * record.has_rate
        return self.tip(seen, {"activation": _leaky(record)}, also=also)


def _leaky(record: FitRecord) -> str | list[Any]:
    names: list[Any] = []
    for layer, name in enumerate(record.activations):
        if name not in ACTIVATIONS:  # a class of the user, in a list with a relu
            names.append(record.parameters["activation"][layer])
        else:
            names.append("leaky_relu" if ACTIVATIONS[name].may_die else name)
    return names[0] if all(name == names[0] for name in names) else names
