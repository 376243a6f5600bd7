"""Check for constant features."""

from dataclasses import replace

import numpy as np

from sknn_tips.tips.quantities import named
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# Over fewer samples, a feature may be constant by chance.
FEWEST_ROWS = 20


class ConstantFeatures(Check):
    """Find features that have only one value."""

    code = "constant-features"
    title = "Features are constant"
    why = (
        "They have no information and cost time, and they change predictions if their values differ"
        " later."
    )

    def not_applicable(self, record: FitRecord) -> str:
        n_rows = record.features.n_rows_constant
        return f"only {n_rows} samples were examined" if n_rows < FEWEST_ROWS else ""

    def examine(self, record: FitRecord) -> Tip | None:
        features = record.features
        which = np.flatnonzero(features.is_constant)
        if not len(which):
            return None
        if len(which) == len(features):
            return self._all(record, named(features, which))
        seen = (
            f"{len(which)} of {len(features)} features have one value in all"
            f" {features.n_rows_constant:,} samples examined: {named(features, which)}."
        )
        return self.tip(seen, "VarianceThreshold", severity=HINT)

    def _all(self, record: FitRecord, which: str) -> Tip:
        n_rows = record.features.n_rows_constant
        seen = f"All features have one value in all {n_rows:,} samples examined: {which}."
        return replace(self.tip(seen, "X"), why="There is nothing to learn from.")
