"""Updates that get nowhere."""

from sknn_tips.tips.reading import share_left, update_sizes
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit

# The largest update that was seen, as a share of the weights: .003 and more in the first epoch on
# 13 tables with sensible settings, .0005 for Adam with a tenth of its usual rate.
UPDATE = 0.0007
# It matters where little was learnt: this share of the loss of the best constant answer is left.
LEFT = 0.5
FEWEST_UPDATES = 100
# What took so small steps for the end: no improvement above tol.
GAVE_UP = ("converged", "early_stopping")
# They make updates small, whatever the rate.
CAUSES: tuple[Check, ...] = (BadInit(),)


class LearningRateTooSmall(Check):
    """Measures the updates, relative to the weights, and what came of them."""

    code = "learning-rate-too-small"
    title = "The learning rate is too small"
    why = "Training crawls: it would need many times as many epochs to get anywhere."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.has_rate:
            return f"{record.optimizer} searches for the length of each step"
        if not record.is_over:
            return "training is not over"
        took_its_time = record.n_updates >= FEWEST_UPDATES or record.stop_reason in GAVE_UP
        enough = took_its_time and update_sizes(record)
        return "" if enough else f"{record.n_updates} updates say nothing about their rate"

    def look(self, record: FitRecord) -> Tip | None:
        largest = max(update_sizes(record))
        if not (largest < UPDATE and share_left(record) > LEFT) or fires(CAUSES, record):
            return None
        seen = (
            f"With learning_rate_init={record.rate:g}, no update moved the weights of a layer by"
            f" more than {largest:.2g} of their size (usual: .001 to .01), and after"
            f" {record.n_updates:,} of them {share_left(record):.0%} of the loss of the best"
            " constant answer is left."
        )
        larger = max(record.usual_rate, float(f"{record.rate * 10:.2g}"))
        return self.tip(
            seen, {"learning_rate_init": larger}, also="learning_rate_range finds a good one."
        )
