"""Check for a validation set that is too small for early stopping."""

import math
from numbers import Real

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The standard error of an accuracy p on n samples is sqrt(p (1 - p) / n): 3 percentage points for
# p = .9 and n = 100.
FEW = 100
LARGEST_FRACTION = 0.25


class ValidationTooSmall(Check):
    """Check the number of validation samples that early stopping uses."""

    code = "validation-too-small"
    title = "The validation set is small"
    why = "With so few samples, the best epoch is determined by chance."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.parameters.get("early_stopping") or not record.n_rows_val:
            return "early stopping uses no validation set"
        if record.user_validation or not isinstance(record.parameters["validation_fraction"], Real):
            return "the validation set was chosen by the user"
        return ""

    def examine(self, record: FitRecord) -> Tip | None:
        fraction = float(record.parameters["validation_fraction"])
        if record.n_rows_val >= FEW or fraction >= LARGEST_FRACTION:
            return None
        enough = FEW / (record.n_rows + record.n_rows_val)
        larger = min(LARGEST_FRACTION, math.ceil(enough * 100) / 100)
        seen = f"Early stopping uses {record.n_rows_val} samples."
        return self.tip(seen, {"validation_fraction": larger}, severity=HINT)
