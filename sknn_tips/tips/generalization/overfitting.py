"""Check whether the training loss improves while the validation set gets worse."""

import numpy as np

from sknn_tips.tips.quantities import why_no_validation_curve
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip

# RISE is the validation loss divided by its minimum, LOST the decrease of the score (accuracy, R2)
# since the epoch of that minimum. Both must be exceeded, because in a healthy fit of 20 epochs on
# MNIST the validation loss rises by a half while the accuracy still improves.
RISE, LOST = 1.05, 0.01
FEWEST_EPOCHS = 5


class Overfitting(Check):
    """Compare the epoch whose weights were kept with the best one on the validation set."""

    code = "overfitting"
    title = "The network overfits"
    why = "It memorises the training samples, and predictions for new samples get worse."

    def not_applicable(self, record: FitRecord) -> str:
        return why_no_validation_curve(record, FEWEST_EPOCHS)

    def examine(self, record: FitRecord) -> Tip | None:
        losses, scores = np.array(record.val_losses), np.array(record.val_scores)
        if not np.isfinite(losses).any():
            return None
        best, kept = int(np.nanargmin(losses)), record.kept_epoch - 1
        worse = losses[kept] > RISE * losses[best] and scores[best] - scores[kept] > LOST
        learnt = record.losses[kept] < min(record.losses[best], losses[kept])
        if not (worse and learnt):
            return None
        seen = (
            f"From epoch {best + 1} to {kept + 1} the training loss fell from"
            f" {record.losses[best]:.3g} to {record.losses[kept]:.3g}, while the validation loss"
            f" rose from {losses[best]:.3g} to {losses[kept]:.3g} and the score fell from"
            f" {scores[best]:.3f} to {scores[kept]:.3f}."
        )
        if record.line_search:  # lbfgs supports neither early stopping nor dropout
            return self.tip(seen, {"alpha": _larger(record)}, also="Or more samples, fewer units.")
        remedy = {"early_stopping": True, "monitor": "val_loss"}
        return self.tip(
            seen, remedy, also="Or regularise: dropout=0.2, a larger alpha; or more samples."
        )


def _larger(record: FitRecord) -> float:
    """Return an alpha that is large enough to matter for a loss of about 1."""
    return max(1.0, 10 * float(record.parameters.get("alpha", 0.0)))
