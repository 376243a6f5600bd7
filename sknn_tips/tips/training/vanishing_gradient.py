"""A gradient that does not reach the first layers."""

import math
from statistics import median

from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.tips.reading import share_left
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit

# The gradient of the first layer, relative to its weights, as a share of the output layer's: .07 to
# 2 on 13 tables and in relu nets of 10 layers; .001 to .03 with sigmoids from 3 layers on.
SHARE = 0.03
LEFT = 0.15
FEWEST_UPDATES = 50
# All-zero weights pass no gradient on.
CAUSES: tuple[Check, ...] = (BadInit(),)


class VanishingGradient(Check):
    """Compares the gradients of the first and the last layer, each relative to its weights."""

    code = "vanishing-gradient"
    title = "The gradient vanishes on its way to the first layers"
    why = "What hardly gets a gradient hardly learns: the first layers stay what they were drawn."

    def not_applicable(self, record: FitRecord) -> str:
        if len(record.activations) < 2:
            return "it takes two hidden layers"
        if not record.is_over:
            return "training is not over"
        few = record.n_updates < FEWEST_UPDATES or not record.updates
        return f"{record.n_updates} updates are too few to tell" if few else ""

    def look(self, record: FitRecord) -> Tip | None:
        if fires(CAUSES, record):
            return None
        shares = [_relative(p.gradient, p.weight) for p in record.updates[:3]]
        share = median(shares)
        if not (share < SHARE and share_left(record) > LEFT):
            return None
        names = " and ".join(dict.fromkeys(record.activations))
        seen = (
            f"In {len(record.activations)} hidden layers of {names}, the gradient of the first one"
            f" is {share:.2g} of the last one's, each relative to its weights."
        )
        known = [ACTIVATIONS[name] for name in record.activations if name in ACTIVATIONS]
        squashes = any(activation.shrinks_gradient for activation in known)
        remedy = {"activation": "relu"} if squashes else {"batchnorm": True}
        return self.tip(seen, remedy, also="Or batchnorm=True, or fewer layers." * squashes)


def _relative(gradient: list[float], weight: list[float]) -> float:
    first, last = gradient[0] / max(weight[0], 1e-30), gradient[-1] / max(weight[-1], 1e-30)
    return first / last if last > 0 else math.nan
