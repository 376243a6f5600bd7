import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tips import diagnose
from sknn_tips.preprocessing import PiecewiseLinearEncoder, SquashingScaler
from sknn_tips.tips.record import Columns
from sknn_tips.tips.tip import Tip

CODE = "heavy-tailed-input"


@pytest.fixture(scope="module")
def heavy():
    """The target depends on the ranks of features that have Student's t of two degrees."""
    X, y = make_friedman1(1200, noise=0.5, random_state=0)
    return train_test_split(stats.t.ppf(X, 2), (y - y.mean()) / y.std(), random_state=0)


def test_squashing_cures_it(regressor, heavy):
    X, X_val, y, y_val = heavy
    reports = [
        diagnose(make_pipeline(scaler, regressor()), X, y, X_val, y_val)
        for scaler in (StandardScaler(), SquashingScaler())
    ]
    tip = reports[0].findings[CODE]
    assert (tip.severity, tip.remedy) == ("hint", "SquashingScaler")
    assert "of 10 features have far outliers: column " in tip.seen
    assert "sknn_tips.preprocessing" in tip.advice
    assert reports[1].findings[CODE] is None
    before, after = (report.scores["validation"] for report in reports)
    assert after > before


@pytest.mark.parametrize(
    "X",
    [
        load_iris().data,
        load_wine().data,
        load_digits().data,
        load_breast_cancer().data,
        np.random.RandomState(0).normal(size=(2000, 50)),
        np.random.RandomState(0).exponential(size=(2000, 50)),
        np.eye(100)[np.arange(2000) % 100],
        (np.arange(2000) % 500 == 0).astype(float)[:, None],
    ],
    ids=["iris", "wine", "digits", "breast cancer", "normal", "exponential", "one-hot", "binary"],
)
def test_usual_features_are_fine(X, finding):
    for scaled in (X, StandardScaler().fit_transform(X)):
        assert finding(CODE, features=Columns.of(scaled.astype(np.float32))) is None


@pytest.mark.parametrize("encoder", [SquashingScaler(), PiecewiseLinearEncoder()])
def test_it_is_silent_behind_an_encoder(encoder, finding, rng):
    X = rng.standard_cauchy(size=(2000, 20))
    assert isinstance(finding(CODE, features=Columns.of(X)), Tip)
    assert finding(CODE, features=Columns.of(encoder.fit_transform(X))) is None


def test_the_scale_does_not_matter_and_the_worst_is_named_first(finding, rng):
    X = rng.normal(size=(500, 4))
    X[3, 1], X[5, 2] = 1000.0, -100.0
    names = np.array(["a", "income", "rooms", "d"])
    for factor in (1.0, 1e-3, 255.0):
        seen = finding(CODE, features=Columns.of(factor * X, names)).seen
        assert seen.startswith("2 of 4 features have far outliers: 'income' (")
        assert "the values of 'income' lies within" in seen


def test_a_column_that_is_mostly_zero_has_no_middle_half(finding, rng):
    X = np.where(rng.uniform(size=(1000, 3)) < 0.9, 0, rng.lognormal(0, 2, (1000, 3)))
    assert finding(CODE, features=Columns.of(X)) is None
    levels = OneHotEncoder(sparse_output=False).fit_transform(rng.poisson(2, (1000, 2)))
    assert finding(CODE, features=Columns.of(levels)) is None


def test_not_applicable_to_a_few_rows(finding):
    assert "50 samples" in finding(CODE, features=Columns.of(np.eye(50)))
