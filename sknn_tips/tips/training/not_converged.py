"""Training ended while the loss was still falling."""

from statistics import fmean

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# How much the loss fell over the last tenth of the epochs, as a share of that of the best constant
# answer. At half a percent four times as many epochs bring some points of accuracy; at less, none.
FELL = 0.005
FEWEST_EPOCHS = 2
LONGER = 4


class NotConverged(Check):
    """Looks at the end of the loss curve; of the validation set's, if there is one."""

    code = "not-converged"
    title = "Training was not finished"
    why = "The loss was still falling when max_iter was reached: there is more to learn."

    def not_applicable(self, record: FitRecord) -> str:
        if record.incremental:
            return "partial_fit is one epoch, and you decide how many there are"
        return "" if record.is_over else "training is not over"

    def look(self, record: FitRecord) -> Tip | None:
        losses = record.val_losses or record.losses
        if record.stop_reason != "max_iter" or len(losses) < FEWEST_EPOCHS:
            return None
        part = max(1, len(losses) // 10)
        before, after = fmean(losses[-2 * part : -part]), fmean(losses[-part:])
        if not before - after > FELL * record.baseline_loss:
            return None
        which = "validation loss" if record.val_losses else "loss"
        seen = (
            f"In the last {part} of {len(losses)} epochs the {which} still fell from {before:.3g}"
            f" to {after:.3g}."
        )
        return self.tip(seen, {"max_iter": LONGER * len(losses)}, severity=HINT)
