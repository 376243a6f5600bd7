"""Features that never change."""

import numpy as np

from sknn_tips.tips.reading import named
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# A column may well be constant over fewer rows.
FEWEST_ROWS = 20


class ConstantFeatures(Check):
    """Looks for columns of one value."""

    code = "constant-features"
    title = "Features that never change"
    why = "They carry nothing, cost time, and take part in predictions as soon as they change."

    def not_applicable(self, record: FitRecord) -> str:
        n_rows = record.features.n_rows_constant
        return f"only {n_rows} rows were looked at" if n_rows < FEWEST_ROWS else ""

    def look(self, record: FitRecord) -> Tip | None:
        features = record.features
        which = np.flatnonzero(features.is_constant)
        if not len(which):
            return None
        seen = (
            f"{len(which)} of {len(features)} features have one value in all"
            f" {features.n_rows_constant:,} rows looked at: {named(features, which)}."
        )
        return self.tip(seen, "VarianceThreshold", severity=HINT)
