"""First weights that are all alike, or far off."""

import math

from sknn_tips._registry import shown
from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import UnscaledTarget
from sknn_tips.tips.reading import data_size, hidden_layers, is_normalised, share_at_start
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires

# The first loss as a multiple of that of the best constant answer: 1 to 2 with the usual
# initialisations on scaled data, and 7 on digits of 0 to 16; 6 to 600 with N(0, 1) weights.
FAR_OFF = 4.0
# How much of a signal gets through all layers: the product of root of (inputs times variance of the
# weights). Glorot's gives 1 a layer, Keras's uniform .4 to .8; below this the output is constant.
LOST = 1e-3
# They put the first loss far off, too.
CAUSES: tuple[Check, ...] = (UnscaledInput(), UnscaledTarget())


class BadInit(Check):
    """Looks at the weights before training, and at the loss that they give."""

    code = "bad-init"
    title = "The first weights are bad"
    why = (
        "Units that begin alike stay alike, and the gradient of weights that are far too large or"
        " too small is no guide."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if record.continues:
            return "the weights came from an earlier fit"
        return "" if record.activations else "without hidden layers any start is good"

    def look(self, record: FitRecord) -> Tip | None:
        seen = self._seen(record)
        return self.tip(seen, {"init": "auto", "init_params": None}) if seen else None

    def _seen(self, record: FitRecord) -> str:
        init = record.parameters.get("init", "auto")
        given = f"init={shown(init)}"
        if any(record.alike):
            where = hidden_layers(record.alike)
            return f"With {given} all units of {where} began with the same weights."
        if is_normalised(record) or init == "auto":  # there is no better one
            return ""
        through = math.prod(_gains(record))
        if through < LOST:
            return f"With {given} only {through:.1g} of a signal gets through the first weights."
        start = share_at_start(record)
        if not fires(CAUSES, record) and start > FAR_OFF * data_size(record):
            return (
                f"With {given} the first loss was {start:.0f} times that of the best constant"
                " answer."
            )
        return ""


def _gains(record: FitRecord) -> list[float]:
    """Return root of (inputs times variance) of each dense layer's weights."""
    return [
        norm / math.sqrt(units)
        for norm, units in zip(record.first_weights, record.widths[1:], strict=True)
    ]
