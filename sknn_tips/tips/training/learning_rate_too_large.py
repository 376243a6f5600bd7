"""Check for updates that overshoot."""

from statistics import median

from sknn_tips.tips.quantities import gentler_rate, is_normalised, rises, update_sizes
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit
from sknn_tips.tips.training.vanishing_gradient import VanishingGradient

# Relative size of an update: the norm of the change of the weights of a layer, divided by the norm
# of the weights. On 13 tables with sensible settings it is .003 to .023 in the first epoch. Updates
# above LEAPS are too large: Adam with a learning rate of .1 or more on scaled data has .1 to .4.
# Updates above LONG are too large if the weights have also grown to BLOWN_UP times their initial
# norm; in healthy fits they stay within 4 times.
LEAPS, LONG, BLOWN_UP = 0.15, 0.03, 10.0
# If the loss rises in a smaller share of the second half of the epochs, large updates did little
# harm (the toy examples of the lectures: eight samples, a linear model with momentum).
HARM = 0.05
# Nor did they if the median loss of that half is below this share of the loss of the best constant
# prediction. In 1,800 fits of six data sets with 1 to 330 times the usual rate, with updates as
# large as below, a third of the rate changed the score on new samples by +.12 in the mean above
# this share, and by +.003 below it (as often for the worse as for the better).
LEFT = 0.2
# The median relative size over all updates. In healthy fits it is .0005 to .009, and up to .04 with
# dropout or batch norm and batches of 32; the loss rises in up to .5 of the epochs, since the rates
# that train best make it noisy at the end.
RESTLESS, RISES = 0.04, 0.3
FEWEST_EPOCHS = 5
# A learning rate of this many times the usual one of the optimizer diverges on scaled data, too
# (SGD with 1 on 1,200 samples of Friedman's data; with .3 it trains). This decides if training
# ended before an update was measured, or the last loss is larger than that of the best constant
# prediction; and a third of such a rate would not be enough.
FAR_ABOVE = 20.0
# These causes make the weights small or the loss flat, so that updates only seem large.
CAUSES: tuple[Check, ...] = (BadInit(), VanishingGradient())


class LearningRateTooLarge(Check):
    """Check the size of the updates, relative to the weights, and whether the loss settles."""

    code = "learning-rate-too-large"
    title = "The learning rate is too large"
    why = "Updates overshoot: the loss jumps up and down instead of settling, and units may die."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.has_rate:
            return f"{record.optimizer} searches for the length of each step"
        seen = update_sizes(record) or record.non_finite is not None
        return "" if seen else "no update was recorded"

    def examine(self, record: FitRecord) -> Tip | None:
        if fires(CAUSES, record):
            return None
        if not update_sizes(record):
            return self._diverged_at_once(record)
        leaps = _leaps(record) and not is_normalised(record)
        overshot = is_far_above(record) and record.losses[-1] > record.baseline_loss
        if not overshot and (not _harms(record) or not (leaps or _is_restless(record))):
            return None
        sizes = update_sizes(record)
        seen = (
            f"With learning_rate_init={record.rate:g}, one update changed the weights of a layer by"
            f" up to {max(sizes[:2]):.1%} of their size in the first epochs, and by"
            f" {median(sizes):.1%} in the median (usual: under 1%). The loss rose in"
            f" {rises(record.losses):.0%} of the epochs."
        )
        smaller = {"learning_rate_init": float(f"{record.rate / 3:.1g}")}
        remedy = gentler_rate(record) if leaps or is_far_above(record) else smaller
        return self.tip(seen, remedy, also=_FINDER)

    def _diverged_at_once(self, record: FitRecord) -> Tip | None:
        if not is_far_above(record):
            return None
        seen = (
            f"Training diverged in its first epoch with learning_rate_init={record.rate:g}; the"
            f" usual learning rate of {record.optimizer} is {record.usual_rate:g}."
        )
        return self.tip(seen, gentler_rate(record), also=_FINDER)


_FINDER = "sknn_tips.learning_rate_range finds a good value."


def is_far_above(record: FitRecord) -> bool:
    """Return whether the learning rate is far above the usual one of the optimizer."""
    return record.rate > FAR_ABOVE * record.usual_rate


def _harms(record: FitRecord) -> bool:
    """Return whether training diverged, or the loss goes up and down far from 0."""
    half = record.losses[len(record.losses) // 2 :]
    unsettled = rises(half) > HARM and median(half) > LEFT * record.baseline_loss
    return record.non_finite is not None or unsettled


def _leaps(record: FitRecord) -> bool:
    first = max(update_sizes(record)[:2])
    blown_up = bool(record.moved) and max(record.moved) > BLOWN_UP
    return first > LEAPS or (first > LONG and blown_up)


def _is_restless(record: FitRecord) -> bool:
    """Return whether the median update is large and the loss often rises."""
    usual, losses = median(update_sizes(record)), record.losses
    return usual > RESTLESS and len(losses) >= FEWEST_EPOCHS and rises(losses) > RISES
