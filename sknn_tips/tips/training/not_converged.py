"""Check whether training ended while the loss was still falling."""

from statistics import fmean

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The decrease of the loss over the last tenth of the epochs, divided by the loss of the best
# constant prediction. If it is half a percent, four times as many epochs improve the accuracy by
# some percentage points; if it is less, they do not.
FELL = 0.005
FEWEST_EPOCHS = 2
LONGER = 4


class NotConverged(Check):
    """Check the end of the loss curve: that of the validation set, if there is one."""

    code = "not-converged"
    title = "Training was not finished"
    why = "The loss was still falling when max_iter was reached: more epochs can improve it."

    def not_applicable(self, record: FitRecord) -> str:
        if record.incremental:
            return "partial_fit is one epoch, and the caller decides how many there are"
        return "" if record.is_over else "training is not over"

    def examine(self, record: FitRecord) -> Tip | None:
        losses = record.val_losses or record.losses
        if record.stop_reason != "max_iter" or len(losses) < FEWEST_EPOCHS:
            return None
        part = max(1, len(losses) // 10)
        before, after = fmean(losses[-2 * part : -part]), fmean(losses[-part:])
        if not before - after > FELL * record.baseline_loss:
            return None
        which = "validation loss" if record.val_losses else "loss"
        last = f"{part} of {len(losses)} epochs" if part > 1 else "epoch"
        seen = f"In the last {last} the {which} still fell from {before:.3g} to {after:.3g}."
        return self.tip(seen, {"max_iter": LONGER * len(losses)}, severity=HINT)
