"""Probabilities that come nearer to 0 and 1 than they are right."""

import numpy as np

from sknn_tips.tips.generalization.overfitting import FEWEST_EPOCHS, LOST, Overfitting
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip, fires

# How far the loss of the validation set rose above its least value, as a quotient and as a share of
# the loss of the best constant answer. In 60 epochs of 128-128 units, where the accuracy was kept,
# it rose to 1.4 to 2.0 (spambase, churn_mlc; shares .10 to .72), and smoothing brought the log loss
# of the probabilities down again (.33 to .20, .48 to .25). On digits, MNIST and wine, where the
# loss is nearly 0, the share is below .02, and smoothing would make the probabilities worse.
RISE, SHARE = 1.2, 0.05
LOG_LOSSES = ("SoftmaxLogLoss", "LogisticLogLoss")
# Usual (Szegedy et al., 2016). With it, no fit of eleven tables rose above 1.1 with its accuracy.
SMOOTHING = 0.1


class Overconfident(Check):
    """Asks whether the validation loss rises while the score does not get worse."""

    code = "overconfident"
    title = "The probabilities are overconfident"
    why = (
        "The classes are predicted as well as before, but their probabilities are nearer to 0 and 1"
        " than they are right."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if record.loss not in LOG_LOSSES:
            return "the loss is not that of probabilities"
        if (record.parameters.get("label_smoothing") or 0.0) >= SMOOTHING:
            return "label smoothing restrains the probabilities already"
        if not record.n_rows_val:
            return "there is no validation set: pass X_val and y_val, or use diagnose"
        if not record.is_over:
            return "training is not over"
        few = len(record.losses) < FEWEST_EPOCHS
        return f"{len(record.losses)} epochs are too few to tell" if few else ""

    def look(self, record: FitRecord) -> Tip | None:
        losses, scores = np.array(record.val_losses), np.array(record.val_scores)
        if not np.isfinite(losses).any() or fires((Overfitting(),), record):
            return None
        best, kept = int(np.nanargmin(losses)), record.kept_epoch - 1
        rise = losses[kept] - losses[best]
        much = losses[kept] > RISE * losses[best] and rise > SHARE * record.baseline_loss
        if not much or scores[best] - scores[kept] > LOST:
            return None
        seen = (
            f"From epoch {best + 1} to {kept + 1} the validation loss rose from {losses[best]:.3g}"
            f" to {losses[kept]:.3g}, while the score went from {scores[best]:.3f} to"
            f" {scores[kept]:.3f}."
        )
        return self.tip(seen, {"label_smoothing": SMOOTHING}, severity=HINT, also=_ALSO)


_ALSO = (
    "Or scale them after the fit, which leaves the classes as they are:"
    " CalibratedClassifierCV(model, method='temperature') of scikit-learn, or"
    " sknn_tips.ensemble.FoldEnsembleClassifier, which does so by itself. Or keep the best epoch:"
    " early_stopping=True, monitor='val_loss'."
)
