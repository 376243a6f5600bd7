"""scikit-learn's common checks; none is excused."""

import pytest
from sklearn.preprocessing import StandardScaler, TargetEncoder
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_tips.preprocessing import (
    PiecewiseLinearEncoder,
    SquashingScaler,
    TableCleaner,
    TableEncoder,
)


@pytest.mark.filterwarnings("ignore")  # each check decides itself which warnings it minds
@parametrize_with_checks(
    [
        SquashingScaler(),
        PiecewiseLinearEncoder(),
        PiecewiseLinearEncoder(strategy="tree"),
        TableCleaner(),
        TableEncoder(),
        TableEncoder(numeric=StandardScaler(), categorical=TargetEncoder()),
    ]
)
def test_common_checks(estimator, check):
    check(estimator)
