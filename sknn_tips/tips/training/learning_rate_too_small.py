"""Check for updates that are too small to make progress."""

from sknn_tips.tips.quantities import share_left, update_sizes
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit

# The largest recorded update, relative to the norm of the weights. It is .003 and more in the first
# epoch on 13 tables with sensible settings, and .0005 for Adam with a tenth of its usual rate.
UPDATE = 0.0007
# Small updates only matter if little was learnt: if the final loss is more than this share of the
# loss of the best constant prediction.
LEFT = 0.5
FEWEST_UPDATES = 100
# With small steps training may stop early, because no improvement is larger than tol.
GAVE_UP = ("converged", "early_stopping")
# These causes make updates small with any learning rate.
CAUSES: tuple[Check, ...] = (BadInit(),)


class LearningRateTooSmall(Check):
    """Check the size of the updates, relative to the weights, and how much was learnt."""

    code = "learning-rate-too-small"
    title = "The learning rate is too small"
    why = "Training is slow: it would need many times more epochs."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.has_rate:
            return f"{record.optimizer} searches for the length of each step"
        if not record.is_over:
            return "training is not over"
        took_its_time = record.n_updates >= FEWEST_UPDATES or record.stop_reason in GAVE_UP
        enough = took_its_time and update_sizes(record)
        return "" if enough else f"{record.n_updates} updates are too few to tell"

    def examine(self, record: FitRecord) -> Tip | None:
        largest = max(update_sizes(record))
        if not (largest < UPDATE and share_left(record) > LEFT) or fires(CAUSES, record):
            return None
        seen = (
            f"With learning_rate_init={record.rate:g}, no update changed the weights of a layer by"
            f" more than {largest:.2g} of their size (usual: .001 to .01), and after"
            f" {record.n_updates:,} updates the loss is still {share_left(record):.0%} of that of"
            " the best constant prediction."
        )
        larger = max(record.usual_rate, float(f"{record.rate * 10:.2g}"))
        return self.tip(
            seen,
            {"learning_rate_init": larger},
            also="sknn_tips.learning_rate_range finds a good value.",
        )
