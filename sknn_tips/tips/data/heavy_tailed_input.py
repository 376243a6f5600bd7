"""Check for features with far outliers."""

import numpy as np

from sknn_tips.tips.quantities import named
from sknn_tips.tips.record import FAR_OUT, FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The range of a feature divided by its interquartile range, for features with values beyond
# FAR_OUT. It is 5 for normally distributed features, 7 for exponential ones, up to 19 in
# breast_cancer, and 20 to 60 for log-normal ones; after a SquashingScaler it is at most 6.3. Of ten
# tables (three seeds), those with features above the threshold were predicted better with
# SquashingScaler than with StandardScaler: R2 of california_housing .59 to .73, of ames_housing .87
# to .89, accuracy of spambase .936 to .941; titanic and the others changed by less than .01.
OUTLYING = 20.0
# With fewer samples, no value can be FAR_OUT standard deviations from the mean.
FEWEST_ROWS = int(FAR_OUT**2) + 3


class HeavyTailedInput(Check):
    """Compare the range of each feature with that of the middle half of its values."""

    code = "heavy-tailed-input"
    title = "Features have far outliers"
    why = (
        "Outliers determine the scale of such a feature: most of its values hardly differ, and the"
        " few outliers dominate weights and predictions."
    )

    def not_applicable(self, record: FitRecord) -> str:
        n_rows = record.features.n_rows
        return f"{n_rows} samples are too few to tell" if n_rows < FEWEST_ROWS else ""

    def examine(self, record: FitRecord) -> Tip | None:
        features = record.features
        # the interquartile range of a feature that mostly has one value, such as a one-hot encoded
        # one, is 0
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
    "It replaces StandardScaler. For a table, PiecewiseLinearEncoder or sknn_tips.tabular_pipeline"
    " is often better still."
)
