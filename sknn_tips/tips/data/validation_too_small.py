"""A validation set that decides by chance."""

import math
from numbers import Real

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The accuracy of n rows is known to sqrt(p (1 - p) / n): 3 points at .9 with 100.
FEW = 100
LARGEST_FRACTION = 0.25


class ValidationTooSmall(Check):
    """Counts the rows that early stopping looks at."""

    code = "validation-too-small"
    title = "The validation set is small"
    why = "Which epoch is the best is a matter of chance there."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.parameters.get("early_stopping") or not record.n_rows_val:
            return "no validation set decides anything"
        if record.own_validation or not isinstance(record.parameters["validation_fraction"], Real):
            return "you chose the validation set"
        return ""

    def look(self, record: FitRecord) -> Tip | None:
        fraction = float(record.parameters["validation_fraction"])
        if record.n_rows_val >= FEW or fraction >= LARGEST_FRACTION:
            return None
        enough = FEW / (record.n_rows + record.n_rows_val)
        larger = min(LARGEST_FRACTION, math.ceil(enough * 100) / 100)
        seen = f"Early stopping looks at {record.n_rows_val} rows."
        return self.tip(seen, {"validation_fraction": larger}, severity=HINT)
