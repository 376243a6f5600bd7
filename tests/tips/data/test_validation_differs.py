import numpy as np
import pytest
from sklearn import config_context
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips.inspection.remedies import remedied
from sknn_tips.tips.record import Columns

CODE = "validation-differs"


def test_a_validation_set_beside_the_scaler_is_noticed_and_cured(classifier):
    X, X_val, y, y_val = train_test_split(*load_wine(return_X_y=True), random_state=0)
    net = classifier(tips="ignore")
    with config_context(enable_metadata_routing=True):
        net.set_fit_request(X_val=True, y_val=True)
        sick = Pipeline([("scaler", StandardScaler()), ("net", net)])
        sick.fit(X, y, X_val=X_val, y_val=y_val)
        (tip,) = [tip for tip in sick[-1].tips_ if tip.code == CODE]
        cured = remedied(sick, tip).fit(X, y, X_val=X_val, y_val=y_val)
    assert tip.severity == "severe"
    assert "transform_input" in tip.advice
    assert CODE not in [tip.code for tip in cured[-1].tips_]
    accuracies = [model[-1].history_.val_accuracy.iloc[-1] for model in (sick, cured)]
    assert accuracies[0] < 0.5 < accuracies[1]


def test_of_several_outputs_the_farthest_is_named(finding, rng):
    Y = rng.normal(size=(50, 3))
    columns = {"features_val": Columns.of(rng.normal(size=(50, 3))), "target": Columns.of(Y)}
    target_val = Columns.of(Y + np.array([0, 0, 50]))
    tip = finding(CODE, user_validation=True, n_rows_val=50, target_val=target_val, **columns)
    assert "The mean of column 2 of y_val is 49.9" in tip.seen


def test_constant_columns_are_nowhere_else(finding):
    same = Columns.of(np.full((50, 3), 0.3, dtype=np.float32))
    columns = {"features": Columns.of(np.full((3000, 3), 0.3, dtype=np.float32))}
    assert finding(CODE, user_validation=True, n_rows_val=50, features_val=same, **columns) is None


def test_a_target_beside_its_scaler_is_noticed_and_cured(regressor, diabetes):
    X, X_val, y, y_val = diabetes
    raw = y * 77 + 152, y_val * 77 + 152
    sick = regressor(tips="ignore").fit(X, y, X_val=X_val, y_val=raw[1])
    (tip,) = [tip for tip in sick.tips_ if tip.code == CODE]
    assert "The mean of y_val is 1" in tip.seen
    # what TransformedTargetRegressor did for y alone, normalize_y does for both
    cured = regressor(tips="ignore", **tip.remedy).fit(X, raw[0], X_val=X_val, y_val=raw[1])
    assert CODE not in [tip.code for tip in cured.tips_]
    assert sick.history_.val_r2.iloc[-1] < cured.history_.val_r2.iloc[-1]


@pytest.mark.parametrize("shift", [0, 0.5])
def test_a_random_split_and_a_small_drift_are_fine(shift, finding, rng):
    split = rng.normal(size=(100, 6)), rng.normal(size=(40, 6)) + shift
    features, features_val = map(Columns.of, split)
    assert finding(CODE, user_validation=True, features=features, features_val=features_val) is None


def test_one_column_of_many_may_go_on_as_a_year_does(finding, rng):
    X, X_val = rng.normal(size=(100, 6)), rng.normal(size=(40, 6))
    X_val[:, 0] += 50
    features, features_val = Columns.of(X), Columns.of(X_val)
    assert finding(CODE, user_validation=True, features=features, features_val=features_val) is None


@pytest.mark.parametrize(("own", "n_rows", "why"), [(False, 40, "no validation"), (True, 5, "few")])
def test_not_applicable(own, n_rows, why, finding):
    features_val = Columns.of(np.full((n_rows, 3), 100.0))
    assert why in finding(CODE, user_validation=own, features_val=features_val)
