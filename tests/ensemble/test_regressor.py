import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import make_regression
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPRegressor
from sknn_tips.ensemble import FoldEnsembleRegressor
from sknn_tips.exceptions import DataError

X, Y = make_regression(100, 5, noise=20, random_state=0)
FOLDS = KFold(4, shuffle=True, random_state=0)


def test_average_of_clones_on_the_same_folds_with_the_same_seeds():
    ensemble = FoldEnsembleRegressor(RandomForestRegressor(5), cv=4, random_state=0).fit(X, Y)
    members = ensemble.estimators_["randomforestregressor"]
    expected = np.mean(
        [
            clone(member).fit(X[train], Y[train]).predict(X)
            for member, (train, _) in zip(members, FOLDS.split(X), strict=True)
        ],
        axis=0,
    )
    np.testing.assert_allclose(ensemble.predict(X), expected)


def test_weights_lower_the_error_of_left_out_folds():
    named = [("a", Ridge(1000)), ("b", RandomForestRegressor(10)), ("c", Ridge(0.1))]
    ensemble = FoldEnsembleRegressor(named, cv=4, random_state=0).fit(X, Y)
    assert sum(ensemble.weights_.values()) == pytest.approx(1)
    assert ensemble.oof_score_ == pytest.approx(r2_score(Y, ensemble.oof_prediction_))
    best = max(
        r2_score(Y, cross_val_predict(each, X, Y, cv=FOLDS)) for _, each in (named[0], named[2])
    )
    assert ensemble.oof_score_ >= best


def test_several_outputs():
    """Each counts in units of its standard deviation."""
    y = np.stack([Y, 1e-3 * np.abs(Y)], axis=1)
    named = [("ridge", Ridge()), ("neighbors", KNeighborsRegressor())]
    ensemble = FoldEnsembleRegressor(named, cv=4, random_state=0).fit(X, y)
    assert ensemble.predict(X).shape == ensemble.oof_prediction_.shape == (100, 2)
    assert 0 < ensemble.weights_["neighbors"] < 1
    assert clone(ensemble).fit(X, y * [1, 1e6]).weights_ == ensemble.weights_


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_clip(n_outputs):
    y = Y if n_outputs == 1 else np.stack([Y, -2 * Y], axis=1)
    free = FoldEnsembleRegressor(Ridge(), cv=4, random_state=0).fit(X, y)
    clipped = clone(free).set_params(clip=True).fit(X, y)
    expected = np.clip(free.predict(9 * X), y.min(axis=0), y.max(axis=0))
    np.testing.assert_array_equal(clipped.predict(9 * X), expected)
    assert np.any(expected != free.predict(9 * X))
    assert clipped.oof_prediction_.max() <= y.max()


def test_nets_trees_and_transformed_targets():
    net = MLPRegressor(hidden_layer_sizes=8, max_iter=5, tol=None, normalize_y=True, tips="ignore")
    named = [
        ("net", make_pipeline(StandardScaler(), net)),
        ("trees", HistGradientBoostingRegressor(max_iter=5, early_stopping=True)),
        ("ttr", TransformedTargetRegressor(Ridge(), transformer=StandardScaler())),
    ]
    ensemble = FoldEnsembleRegressor(named, cv=3, random_state=0)
    ensemble.fit(X, Y, sample_weight=np.linspace(0.5, 1, 100))
    assert "val_loss" in ensemble.estimators_["net"][0][-1].history_
    assert len(ensemble.estimators_["trees"][0].validation_score_) > 1
    assert ensemble.oof_score_ > 0.8


def test_leave_one_out_has_no_score_of_one_fold():
    ensemble = FoldEnsembleRegressor(Ridge(), cv=LeaveOneOut()).fit(X[:20], Y[:20])
    assert ensemble.scores_["score"].isna().all()
    assert np.isfinite(ensemble.oof_score_)


def test_a_column_vector_warns_and_is_one_output():
    with pytest.warns(DataConversionWarning):
        ensemble = FoldEnsembleRegressor(Ridge()).fit(X, Y[:, None])
    assert ensemble.predict(X).shape == (100,)


def test_targets_that_are_no_numbers():
    with pytest.raises(ValueError, match="numeric"):
        FoldEnsembleRegressor(Ridge()).fit(X, ["a"] * 100)
    with pytest.raises(ValueError, match="y contains NaN"):
        FoldEnsembleRegressor(Ridge()).fit(X, np.full(100, np.nan))


def test_a_classifier_is_of_the_wrong_kind():
    with pytest.raises(ValueError, match=r"'logisticregression', .*is no regressor"):
        FoldEnsembleRegressor(LogisticRegression()).fit(X, Y)


class Column(Ridge):
    def predict(self, X):
        return super().predict(X).reshape(-1, 1)


def test_one_output_that_comes_as_a_column():
    column, plain = (
        FoldEnsembleRegressor(each, cv=4, random_state=0).fit(X, Y) for each in (Column(), Ridge())
    )
    np.testing.assert_array_equal(column.predict(X), plain.predict(X))
    np.testing.assert_array_equal(column.oof_prediction_, plain.oof_prediction_)


def test_text_to_predict_is_an_error_with_the_remedy():
    X = np.arange(20.0).reshape(-1, 1)
    for y in (["good", "bad"] * 10, np.array(["good", 1] * 10, dtype=object), ["1", "2"] * 10):
        with pytest.raises(DataError, match=r"y holds text.*it holds .*learn labels with MLPClass"):
            FoldEnsembleRegressor(Ridge()).fit(X, y)
