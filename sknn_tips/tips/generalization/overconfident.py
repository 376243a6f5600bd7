"""Check for overconfident probabilities: closer to 0 and 1 than they should be."""

import numpy as np

from sknn_tips.tips.generalization.overfitting import FEWEST_EPOCHS, LOST, Overfitting
from sknn_tips.tips.quantities import half_width, smoothed, why_no_validation_curve
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip, fires

# The increase of the validation loss since its minimum: RISE as a quotient, SHARE as a share of the
# loss of the best constant prediction. With 128-128 units and 60 epochs, the quotient was 1.4 to
# 2.0 where the accuracy did not change (spambase, churn_mlc; shares .10 to .72), and label
# smoothing reduced the log loss of the probabilities (.33 to .20, .48 to .25). On digits, MNIST and
# wine, where the loss is nearly 0, the share is below .02, and smoothing would make the
# probabilities worse.
RISE, SHARE = 1.2, 0.05
LOG_LOSSES = ("SoftmaxLogLoss", "LogisticLogLoss")
# The usual value (Szegedy et al., 2016). With it, the quotient stayed below 1.1 in all fits of
# eleven tables whose accuracy did not change.
SMOOTHING = 0.1


class Overconfident(Check):
    """Check whether the validation loss rises while the score does not get worse."""

    code = "overconfident"
    title = "The probabilities are overconfident"
    why = (
        "The classes are predicted as well as before, but the probabilities are closer to 0 and 1"
        " than the share of correct predictions justifies."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if record.loss not in LOG_LOSSES:
            return "the loss is not a log loss"
        if (record.parameters.get("label_smoothing") or 0.0) >= SMOOTHING:
            return "label smoothing is used already"
        return why_no_validation_curve(record, FEWEST_EPOCHS)

    def examine(self, record: FitRecord) -> Tip | None:
        losses, scores = smoothed(record.val_losses), smoothed(record.val_scores)
        if not np.isfinite(losses).any() or fires((Overfitting(),), record):
            return None
        best, kept = int(np.nanargmin(losses)), record.kept_epoch - 1
        if kept < best:  # the loss fell after the epoch that is kept
            return None
        rise = losses[kept] - losses[best]
        much = losses[kept] > RISE * losses[best] and rise > SHARE * record.baseline_loss
        if not much or scores[best] - scores[kept] > LOST:
            return None
        seen = (
            f"From epoch {best + 1} to {kept + 1} the validation loss rose from {losses[best]:.3g}"
            f" to {losses[kept]:.3g}, while the score went from {scores[best]:.3f} to"
            f" {scores[kept]:.3f} (means of up to {2 * half_width(len(losses)) + 1} epochs)."
        )
        return self.tip(seen, {"label_smoothing": SMOOTHING}, severity=HINT, also=_ALSO)


_ALSO = (
    "Or calibrate the probabilities after the fit, which does not change the predicted classes:"
    " with CalibratedClassifierCV(model, method='temperature') of scikit-learn, or with"
    " sknn_tips.ensemble.FoldEnsembleClassifier, which calibrates by default. Or keep the best"
    " epoch: early_stopping=True, monitor='val_loss'."
)
