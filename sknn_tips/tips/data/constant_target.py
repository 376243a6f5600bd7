"""Check for a target without anything to learn."""

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

FEWEST_ROWS = 2


class ConstantTarget(Check):
    """Check whether the samples have different targets."""

    code = "constant-target"
    title = "The target is constant"
    why = "There is nothing to learn, and every prediction will be the same."

    def not_applicable(self, record: FitRecord) -> str:
        if record.incremental:
            return "partial_fit may get samples with one target at a time"
        if record.class_counts is None and record.target is None:
            return "each sample may have several labels"
        return "" if record.n_rows >= FEWEST_ROWS else "a single sample is always constant"

    def examine(self, record: FitRecord) -> Tip | None:
        if record.target is not None:
            is_constant, what = bool(record.target.is_constant.all()), "one value"
        else:
            counts = record.class_counts or []
            is_constant, what = sum(count > 0 for count in counts) == 1, "one class"
        if not is_constant:
            return None
        return self.tip(f"y has {what} in all {record.n_rows:,} samples.", "y", severity=HINT)
