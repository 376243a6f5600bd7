"""Check for a gradient that is far too large, always or at times."""

import math
from statistics import median

from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import UnscaledTarget
from sknn_tips.tips.quantities import data_size, penalty_of
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.learning_rate_too_large import LearningRateTooLarge

# The norm of the gradient of all parameters on scaled data. It is at most 2.6 on 13 tables with
# sensible settings.
LARGE = 10.0
# These causes can make gradients of any size, and have tips of their own.
SCALES: tuple[Check, ...] = (UnscaledInput(), UnscaledTarget())
LEAPS: tuple[Check, ...] = (LearningRateTooLarge(),)


class ExplodingGradient(Check):
    """Check the norm of the gradient, if the data are scaled."""

    code = "exploding-gradient"
    title = "The gradient explodes"
    why = "One update with such a gradient can undo all that was learnt before."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.updates and record.non_finite is None:
            return "no gradient was recorded"
        if fires(SCALES, record):
            return "the data are not scaled, so the gradient is not, either"
        return "a large penalty makes the gradient large" if penalty_of(record) else ""

    def examine(self, record: FitRecord) -> Tip | None:
        norms = [math.hypot(*update.gradient) for update in record.updates]
        if norms and max(norms) > LARGE * data_size(record):
            epoch = record.updates[norms.index(max(norms))].epoch
            seen = (
                f"The norm of the gradient was {max(norms):.3g} in epoch {epoch} (usual: about 1);"
                f" its median is {median(norms):.3g}."
            )
        elif record.non_finite is not None and not fires(LEAPS, record):
            before = f" from {norms[-1]:.3g}" if norms else ""
            cause = "no earlier update" if norms else "no learning rate"
            seen = (
                f"In epoch {record.non_finite.epoch} the gradient grew{before} to infinity,"
                f" although {cause} was too large."
            )
        else:
            return None
        return self.tip(seen, {"clip_norm": 1.0}, also="Or lower learning_rate_init.")
