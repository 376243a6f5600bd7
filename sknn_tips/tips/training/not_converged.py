"""Check whether training ended while the loss was still falling."""

from statistics import fmean

from sknn_tips.tips.quantities import NOTHING_TO_LEARN
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The decrease of the loss over the last tenth of the epochs, divided by the loss of the best
# constant prediction. If it is half a percent, four times as many epochs improve the accuracy by
# some percentage points; if it is less, they do not.
FELL = 0.005
FEWEST_EPOCHS = 2
LONGER = 4


class NotConverged(Check):
    """Check the end of the loss curve: that of the validation set, if there is one.

    L-BFGS is also reported if it ran out of iterations, as in its ConvergenceWarning.
    """

    code = "not-converged"
    title = "Training was not finished"
    why = "max_iter was reached before the loss stopped falling: more epochs can improve it."

    def not_applicable(self, record: FitRecord) -> str:
        if record.incremental:
            return "partial_fit is one epoch, and the caller decides how many there are"
        if record.baseline_loss <= NOTHING_TO_LEARN:
            return "there is nothing to learn"
        return "" if record.is_over else "training is not over"

    def examine(self, record: FitRecord) -> Tip | None:
        losses = record.val_losses or record.losses
        if record.stop_reason != "max_iter" or len(losses) < FEWEST_EPOCHS:
            return None
        longer = {"max_iter": LONGER * len(losses)}
        if _ran_out_of_iterations(record):
            seen = (
                f"{record.optimizer} did not converge in {len(losses)} iterations: a component of"
                f" the gradient was still above tol={record.parameters['tol']:g}."
            )
            return self.tip(seen, longer, severity=HINT)
        part = max(1, len(losses) // 10)
        before, after = fmean(losses[-2 * part : -part]), fmean(losses[-part:])
        if not before - after > FELL * record.baseline_loss:
            return None
        which = "validation loss" if record.val_losses else "loss"
        last = f"{part} of {len(losses)} epochs" if part > 1 else "epoch"
        seen = f"In the last {last} the {which} still fell from {before:.4g} to {after:.4g}."
        return self.tip(seen, longer, severity=HINT)


def _ran_out_of_iterations(record: FitRecord) -> bool:
    """Return whether L-BFGS, which tests the gradient itself, reached `max_iter` before `tol`."""
    tol, most = record.parameters.get("tol"), record.parameters.get("max_iter")
    return record.line_search and tol is not None and len(record.losses) == most
