"""Classes of which some are rare."""

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# Rows of the rarest class for each of the most frequent one's.
RARE = 0.1


class ClassImbalance(Check):
    """Counts the classes."""

    code = "class-imbalance"
    title = "Some classes are rare"
    why = "The loss is nearly that of the frequent classes, so the rare ones are hardly predicted."

    def not_applicable(self, record: FitRecord) -> str:
        if record.class_counts is None:
            return "there are no exclusive classes"
        given = record.parameters.get("class_weight")
        return f"class_weight={given!r} takes care of it" if given is not None else ""

    def look(self, record: FitRecord) -> Tip | None:
        counts = [count for count in record.class_counts or [] if count]
        if len(counts) < 2 or min(counts) >= RARE * max(counts):
            return None
        seen = (
            f"The rarest of {len(counts)} classes has {min(counts):,} rows, the most frequent one"
            f" {max(counts):,}."
        )
        also = "And judge by balanced_accuracy or roc_auc, not by accuracy."
        return self.tip(seen, {"class_weight": "balanced"}, severity=HINT, also=also)
