import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split

from sknn_tips.tips.record import Columns

CODE = "unscaled-input"


def test_a_scaler_cures_it(cure, classifier):
    wine = train_test_split(*load_wine(return_X_y=True), random_state=0)
    tip, cured = cure(CODE, classifier(), wine)
    assert "features are large: column 12 (" in tip.seen
    assert [name for name, _ in cured.steps] == ["standardscaler", "mlpclassifier"]


@pytest.mark.parametrize(
    "X",
    [
        load_iris().data,
        load_digits().data,  # 0 to 16, all alike
        load_digits().data / 16,
        np.eye(40)[np.arange(400) % 40],  # one column in forty is 1
    ],
    ids=["iris", "digits", "pixels", "one-hot"],
)
def test_usual_features_are_fine(X, finding):
    assert finding(CODE, features=Columns.of(X)) is None


@pytest.mark.parametrize("factors", [(1, 1, 1000), (255, 255, 255), (1e-4, 1e-4, 1e-4)])
def test_what_is_far_from_1_is_not(factors, finding, rng):
    X = rng.normal(size=(100, 3)) * factors
    assert finding(CODE, features=Columns.of(X)).remedy == "StandardScaler"


def test_the_worst_columns_are_named_first(finding, rng):
    X = rng.normal(size=(100, 5)) * (1, 1, 100, 1, 1e5)
    names = np.array(["a", "b", "rooms", "d", "income"])
    seen = finding(CODE, features=Columns.of(X, names)).seen
    assert 0 < seen.index("'income'") < seen.index("'rooms'")
    assert "2 of 5" in seen


def test_a_large_constant_is_no_scale(finding, rng):
    X = np.c_[rng.normal(size=(100, 2)), np.full(100, 1e6)]
    assert finding(CODE, features=Columns.of(X)) is None


@pytest.mark.parametrize(
    ("lowest", "highest", "named"),
    [(0, 40, True), (1, 40, True), (0.5, 40, False), (18, 90, False), (0, 90_000, False)],
)
def test_what_to_do_with_codes_is_said_where_a_column_may_hold_them(
    lowest, highest, named, finding, rng
):
    other = np.linspace(lowest, highest, 100)
    X = np.c_[rng.normal(size=(100, 3)), other if lowest % 1 else other.round()]
    tip = finding(CODE, features=Columns.of(X))
    assert ("codes of categories" in tip.advice) == named


def test_pixels_are_no_codes(finding, rng):
    X = rng.randint(0, 50, (100, 5))
    X[0], X[1] = 0, 50
    tip = finding(CODE, features=Columns.of(X * 4), n_rows=10_000)
    assert "codes" not in tip.advice


def test_not_applicable_to_a_few_rows(finding):
    assert "4 samples" in finding(CODE, features=Columns.of(np.full((4, 2), 1e6)))
