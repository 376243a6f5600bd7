"""Features with values far outside the bulk of the others."""

import numpy as np

from sknn_tips.tips.reading import named
from sknn_tips.tips.record import FAR_OUT, FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The range of a column over its interquartile range, where values are far out. Normal columns have
# 5, exponential ones 7, breast_cancer up to 19, and log-normal ones 20 to 60; behind a
# SquashingScaler none can have more than 6.3. Of ten tables (three seeds), those with columns above
# it gained by SquashingScaler in place of StandardScaler: R2 of california_housing .59 to .73, of
# ames_housing .87 to .89, accuracy of spambase .936 to .941; titanic and the others changed by less
# than .01.
OUTLYING = 20.0
# Of fewer rows, no value can be so many deviations from the mean.
FEWEST_ROWS = int(FAR_OUT**2) + 3


class HeavyTailedInput(Check):
    """Compares the range of each feature with that of the middle half of its values."""

    code = "heavy-tailed-input"
    title = "Features have far outliers"
    why = (
        "Outliers determine the scale of a feature then: most of its values hardly differ, and the"
        " few that do pull the weights and predictions along."
    )

    def not_applicable(self, record: FitRecord) -> str:
        n_rows = record.features.n_rows
        return f"{n_rows} rows are too few to tell" if n_rows < FEWEST_ROWS else ""

    def look(self, record: FitRecord) -> Tip | None:
        features = record.features
        # a column that mostly has one value, such as a one-hot one, has no middle half to compare
        iqr = np.where(features.iqr > 0, features.iqr, np.inf)
        with np.errstate(all="ignore"):
            outlying = (features.maximum - features.minimum) / iqr
        order = np.argsort(-outlying)
        worst = order[outlying[order] > OUTLYING]
        if not len(worst):
            return None
        seen = (
            f"{len(worst)} of {len(features)} features have far outliers: {named(features, worst)};"
            f" the middle half of the values of {features.name(worst[0])} lies within"
            f" {iqr[worst[0]]:.2g}."
        )
        return self.tip(seen, "SquashingScaler", severity=HINT, also=_ALSO)


_ALSO = (
    "It takes the place of StandardScaler. For a table, PiecewiseLinearEncoder in its place, or"
    " sknn_tips.tabular_pipeline, often gains more."
)
