"""Check for a gradient that does not reach the first layers."""

import math
from statistics import median

from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.tips.quantities import share_left
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit

# The relative gradient (its norm divided by the norm of the weights) of the first layer, divided by
# that of the output layer. It is .07 to 2 on 13 tables and in relu networks of 10 layers, and .001
# to .03 with sigmoids in 3 or more layers.
SHARE = 0.03
LEFT = 0.15
FEWEST_UPDATES = 50
# Weights that are all zero propagate no gradient.
CAUSES: tuple[Check, ...] = (BadInit(),)


class VanishingGradient(Check):
    """Compare the gradients of the first and the last layer, each relative to its weights."""

    code = "vanishing-gradient"
    title = "The gradient vanishes on its way to the first layers"
    why = "The first layers hardly get a gradient, so their weights stay close to the initial ones."

    def not_applicable(self, record: FitRecord) -> str:
        if len(record.activations) < 2:
            return "there are fewer than two hidden layers"
        if not record.is_over:
            return "training is not over"
        few = record.n_updates < FEWEST_UPDATES or not record.updates
        return f"{record.n_updates} updates are too few to tell" if few else ""

    def examine(self, record: FitRecord) -> Tip | None:
        if fires(CAUSES, record):
            return None
        shares = [_relative(p.gradient, p.weight) for p in record.updates[:3]]
        share = median(shares)
        if not (share < SHARE and share_left(record) > LEFT):
            return None
        names = " and ".join(dict.fromkeys(record.activations))
        seen = (
            f"In {len(record.activations)} hidden layers of {names}, the gradient of the first"
            f" layer is {share:.2g} times that of the last, each relative to its weights."
        )
        known = [ACTIVATIONS[name] for name in record.activations if name in ACTIVATIONS]
        squashes = any(activation.shrinks_gradient for activation in known)
        remedy = {"activation": "relu"} if squashes else {"batchnorm": True}
        return self.tip(seen, remedy, also="Or batchnorm=True, or fewer layers." * squashes)


def _relative(gradient: list[float], weight: list[float]) -> float:
    first, last = gradient[0] / max(weight[0], 1e-30), gradient[-1] / max(weight[-1], 1e-30)
    return first / last if last > 0 else math.nan
