"""Check for initial weights that are equal, or far too large or small."""

import math

from sknn_tips._registry import shown
from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import UnscaledTarget
from sknn_tips.tips.quantities import data_size, hidden_layers, is_normalised, share_at_start
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires

# The initial loss divided by the loss of the best constant prediction. It is 1 to 2 with the usual
# initialisations on scaled data, 7 on digits with values of 0 to 16, and 6 to 600 with N(0, 1)
# weights.
FAR_OFF = 4.0
# The gain of a signal through all layers: the product of sqrt(inputs * variance of the weights).
# Glorot's initialisation has a gain of 1 for each layer, Keras's uniform one .4 to .8. Below this
# value the output is constant.
LOST = 1e-3
# These causes also make the initial loss large.
CAUSES: tuple[Check, ...] = (UnscaledInput(), UnscaledTarget())


class BadInit(Check):
    """Check the weights before training, and the loss with them."""

    code = "bad-init"
    title = "The initial weights are bad"
    why = (
        "Units with equal initial weights stay equal, and with weights that are far too large or"
        " too small the gradient is of little use."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if record.continues:
            return "the weights come from an earlier fit"
        return "" if record.activations else "without hidden layers any initial weights are good"

    def examine(self, record: FitRecord) -> Tip | None:
        seen = self._seen(record)
        return self.tip(seen, {"init": "auto", "init_params": None}) if seen else None

    def _seen(self, record: FitRecord) -> str:
        init = record.parameters.get("init", "auto")
        given = f"init={shown(init)}"
        if any(record.alike):
            where = hidden_layers(record.alike)
            return f"With {given} all units of {where} have the same initial weights."
        if is_normalised(record) or init == "auto":  # there is no better initialisation
            return ""
        through = math.prod(_gains(record))
        if through < LOST:
            return f"With {given} the initial weights shrink a signal to {through:.1g} of its size."
        start = share_at_start(record)
        if not fires(CAUSES, record) and start > FAR_OFF * data_size(record):
            return (
                f"With {given} the initial loss was {start:.0f} times that of the best"
                " constant prediction."
            )
        return ""


def _gains(record: FitRecord) -> list[float]:
    """Return sqrt(inputs * variance of the weights) of each dense layer."""
    return [
        norm / math.sqrt(units)
        for norm, units in zip(record.first_weights, record.widths[1:], strict=True)
    ]
