"""Check for a gradient that grows far too large during training."""

import math

from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import UnscaledTarget
from sknn_tips.tips.quantities import data_size, penalty_of, rises
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.learning_rate_too_large import HARM, LearningRateTooLarge, is_far_above

# The norm of the gradient of all parameters on scaled data. It is at most 2.6 on 13 tables with
# sensible settings.
LARGE = 10.0
# A gradient that is large from the beginning only shows that the first predictions are far from the
# target: of digits as numbers (14), of counts (26). It falls with the loss, or grows by a tenth. In
# deep linear networks that diverge it grows 10 to 1,000 times.
GREW = 3.0
# Training can recover from one such batch.
REPEATED = 2
# These causes can make gradients of any size, and have tips of their own.
SCALES: tuple[Check, ...] = (UnscaledInput(), UnscaledTarget())
LEAPS: tuple[Check, ...] = (LearningRateTooLarge(),)


class ExplodingGradient(Check):
    """Check whether the norm of the gradient grows, if the data are scaled."""

    code = "exploding-gradient"
    title = "The gradient explodes"
    why = "One update with such a gradient can undo all that was learnt before."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.updates and record.non_finite is None:
            return "no gradient was recorded"
        if fires(SCALES, record):
            return "the gradient is large because the features or the target are not scaled"
        return "a large penalty makes the gradient large" if penalty_of(record) else ""

    def examine(self, record: FitRecord) -> Tip | None:
        norms = [math.hypot(*update.gradient) for update in record.updates]
        large = LARGE * data_size(record)
        if record.non_finite is not None:
            return self._diverged(record, norms, large)
        grown = [i for i in range(1, len(norms)) if norms[i] > max(large, GREW * min(norms[:i]))]
        harmed = len(grown) >= REPEATED and rises(record.losses) > HARM
        if not harmed or is_far_above(record):  # then the learning rate is the cause
            return None
        i = max(grown, key=lambda i: norms[i])
        seen = (
            f"The norm of the gradient grew from {min(norms[:i]):.3g} to {norms[i]:.3g} in epoch"
            f" {record.updates[i].epoch} (usual: about 1), and the loss rose in"
            f" {rises(record.losses):.0%} of the epochs."
        )
        return self.tip(seen, {"clip_norm": 1.0}, also=_ALSO)

    def _diverged(self, record: FitRecord, norms: list[float], large: float) -> Tip | None:
        assert record.non_finite is not None
        before = f" from {norms[-1]:.3g}" if norms else ""
        seen = f"In epoch {record.non_finite.epoch} the gradient grew{before} to infinity"
        if norms and max(norms) > large:
            return self.tip(f"{seen} (usual: about 1).", {"clip_norm": 1.0}, also=_ALSO)
        if fires(LEAPS, record):
            return None
        cause = "no earlier update" if norms else "no learning rate"
        return self.tip(f"{seen}, although {cause} was too large.", {"clip_norm": 1.0}, also=_ALSO)


_ALSO = "Or lower learning_rate_init."
