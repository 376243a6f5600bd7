"""Updates that overshoot."""

from statistics import median

from sknn_tips.tips.reading import gentler_rate, is_normalised, rises, update_sizes
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit
from sknn_tips.tips.training.vanishing_gradient import VanishingGradient

# How far one update moves the weights of a layer, as a share of their norm. On 13 tables with
# sensible settings it is .003 to .023 in the first epoch. LEAPS are .1 to .4: Adam with a rate of
# .1 and more on scaled data; LONG ones need to have blown up the weights, too, which healthy fits
# leave within 4 times their first norm.
LEAPS, LONG, BLOWN_UP = 0.15, 0.03, 10.0
# A loss that hardly rises in the second half of the epochs shows that such steps did little harm
# (the toys of the decks: eight rows, a linear model with momentum).
HARM = 0.05
# As the median over a fit it is .0005 to .009, and the loss rises in up to .39 of the epochs.
RESTLESS, RISES = 0.02, 0.3
FEWEST_EPOCHS = 5
# Where training ended before an update was measured: a rate so many times the optimizer's usual one
# diverges on scaled data, too (SGD at 1 on 1,200 rows of Friedman's; at .3 it trains).
FAR_ABOVE = 20.0
# They make weights small or the loss flat, and updates only seem large.
CAUSES: tuple[Check, ...] = (BadInit(), VanishingGradient())


class LearningRateTooLarge(Check):
    """Measures the updates, relative to the weights, and whether the loss settles."""

    code = "learning-rate-too-large"
    title = "The learning rate is too large"
    why = "Updates overshoot: the loss jumps about instead of settling, and units die on the way."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.has_rate:
            return f"{record.optimizer} searches for the length of each step"
        seen = update_sizes(record) or record.non_finite is not None
        return "" if seen else "no update was looked at"

    def look(self, record: FitRecord) -> Tip | None:
        if fires(CAUSES, record):
            return None
        if not update_sizes(record):
            return self._diverged_at_once(record)
        half = record.losses[len(record.losses) // 2 :]
        harm = record.non_finite is not None or rises(half) > HARM
        leaps = harm and _leaps(record) and not is_normalised(record)
        if not leaps and not _is_restless(record):
            return None
        sizes = update_sizes(record)
        seen = (
            f"With learning_rate_init={record.rate:g}, one update moved the weights of a layer by"
            f" {max(sizes[:2]):.1%} of their size in the beginning and {median(sizes):.1%} as a"
            f" rule (usual: under 1%), and the loss rose in {rises(record.losses):.0%} of the"
            " epochs."
        )
        smaller = {"learning_rate_init": float(f"{record.rate / 3:.1g}")}
        remedy = gentler_rate(record) if leaps else smaller
        return self.tip(seen, remedy, also=_FINDER)

    def _diverged_at_once(self, record: FitRecord) -> Tip | None:
        if not record.rate > FAR_ABOVE * record.usual_rate:
            return None
        seen = (
            f"Training diverged in its first epoch with learning_rate_init={record.rate:g}; the"
            f" usual rate of {record.optimizer} is {record.usual_rate:g}."
        )
        return self.tip(seen, gentler_rate(record), also=_FINDER)


_FINDER = "learning_rate_range finds a good one."


def _leaps(record: FitRecord) -> bool:
    first = max(update_sizes(record)[:2])
    blown_up = bool(record.moved) and max(record.moved) > BLOWN_UP
    return first > LEAPS or (first > LONG and blown_up)


def _is_restless(record: FitRecord) -> bool:
    """Say whether updates are large throughout, and the loss does not settle."""
    usual, losses = median(update_sizes(record)), record.losses
    return usual > RESTLESS and len(losses) >= FEWEST_EPOCHS and rises(losses) > RISES
