"""Check for rare classes."""

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The number of samples of the rarest class, divided by that of the most frequent one.
RARE = 0.1


class ClassImbalance(Check):
    """Compare the number of samples of the classes."""

    code = "class-imbalance"
    title = "Some classes are rare"
    why = "The frequent classes dominate the loss, so the rare ones are hardly predicted."

    def not_applicable(self, record: FitRecord) -> str:
        if record.class_counts is None:
            return "there are no mutually exclusive classes"
        given = record.parameters.get("class_weight")
        return f"class_weight={given!r} is set" if given is not None else ""

    def examine(self, record: FitRecord) -> Tip | None:
        counts = [count for count in record.class_counts or [] if count]
        if len(counts) < 2 or min(counts) >= RARE * max(counts):
            return None
        seen = (
            f"The rarest of {len(counts)} classes has {min(counts):,} samples, the most frequent"
            f" one {max(counts):,}."
        )
        also = "Evaluate with balanced_accuracy or roc_auc, not with accuracy."
        return self.tip(seen, {"class_weight": "balanced"}, severity=HINT, also=also)
