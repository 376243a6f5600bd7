import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from sknn_tips import MLPClassifier
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.exceptions import DataError

X = np.random.RandomState(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)
WEIGHT = np.linspace(0.1, 1, 40)


@pytest.fixture
def two():
    return FoldEnsembleClassifier(
        [("a", LogisticRegression()), ("b", RandomForestClassifier(3))], cv=2, random_state=0
    )


def test_parameters_of_a_single_estimator():
    pipeline = make_pipeline(StandardScaler(), MLPClassifier())
    ensemble = FoldEnsembleClassifier(pipeline)
    ensemble.set_params(estimators__mlpclassifier__dropout=0.3, cv=3)
    assert pipeline[-1].dropout == 0.3
    assert ensemble.get_params()["estimators__mlpclassifier__dropout"] == 0.3
    assert ensemble.get_params(deep=False)["estimators"] is pipeline


def test_parameters_of_an_estimator_that_is_a_sequence():
    """A forest has a length and items, once it is fitted."""
    ensemble = FoldEnsembleClassifier(RandomForestClassifier(3)).set_params(estimators__max_depth=2)
    assert ensemble.get_params()["estimators__max_depth"] == 2


def test_parameters_of_named_estimators(two):
    two.set_params(a__C=3, b=LogisticRegression(C=5))
    assert two.get_params()["a__C"] == 3
    assert [each.C for _, each in two.estimators] == [3, 5]
    copied = clone(two)
    assert copied.estimators[0][1] is not two.estimators[0][1]
    assert copied.get_params()["b__C"] == 5


def test_dropped_estimators(two):
    two.set_params(b="drop").fit(X, Y)
    assert two.weights_ == {"a": 1}
    with pytest.raises(ValueError, match="has none that could be fitted"):
        two.set_params(a="drop").fit(X, Y)


@pytest.mark.parametrize("pair", ["a", ("a",), (LogisticRegression(), "a"), ("a", "no"), ("a", 3)])
def test_what_is_no_named_estimator(pair):
    with pytest.raises(ValueError, match=r"estimators has .* which is no \(name, estimator\)"):
        FoldEnsembleClassifier([pair]).fit(X, Y)


def test_names_are_unique_and_no_parameters():
    for name in ("a", "cv", "a__b"):
        named = [("a", LogisticRegression()), (name, LogisticRegression())]
        with pytest.raises(ValueError, match=name):
            FoldEnsembleClassifier(named).fit(X, Y)


def test_search_over_nested_parameters(two):
    single = FoldEnsembleClassifier(LogisticRegression(), cv=2, random_state=0)
    assert GridSearchCV(single, {"estimators__C": [1e-3, 1]}, cv=2).fit(X, Y).best_score_ > 0.8
    grid = {"a__C": [1e-3, 1], "b": ["drop", KNeighborsClassifier()]}
    search = GridSearchCV(two, grid, cv=2, n_jobs=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_weights_for_an_estimator_without_them():
    knn = make_pipeline(StandardScaler(), KNeighborsClassifier())
    ensemble = FoldEnsembleClassifier([("net", LogisticRegression()), ("knn", knn)], cv=2)
    with pytest.raises(DataError, match=r"estimator 'knn' \(KNeighborsClassifier\) does not take"):
        ensemble.fit(X, Y, sample_weight=WEIGHT)


def test_other_metadata_needs_routing(two):
    with pytest.raises(ValueError, match=r"fit got price\. .*enable_metadata_routing=True"):
        two.fit(X, Y, price=WEIGHT)


@pytest.mark.parametrize("routing", [False, True])
def test_the_folds_are_the_validation_sets(two, routing):
    with config_context(enable_metadata_routing=routing):
        for validation in ({"X_val": X, "y_val": Y}, {"sample_weight_val": WEIGHT}):
            with pytest.raises(DataError, match=rf"^fit got {'.*'.join(validation)}, and .* fold"):
                two.fit(X, Y, **validation)


def test_routing_of_weights_and_groups(noting_classifier):
    groups = np.arange(40) % 4
    with config_context(enable_metadata_routing=True):
        last = noting_classifier.set_fit_request(sample_weight="heavy")
        scaler = StandardScaler().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(scaler, last)
        weigher = LogisticRegression().set_fit_request(sample_weight=False)
        ensemble = FoldEnsembleClassifier([("p", pipeline), ("lr", weigher)], cv=GroupKFold(4))
        assert ensemble.fit(X, Y, groups=groups).oof_score_ > 0
        ensemble.fit(X, Y, sample_weight=WEIGHT, groups=groups, heavy=2 * WEIGHT)
    for member, (train, test) in zip(
        ensemble.estimators_["p"], GroupKFold(4).split(X, Y, groups), strict=True
    ):
        np.testing.assert_array_equal(member[-1].weight_, 2 * WEIGHT[train])
        np.testing.assert_array_equal(member[-1].weight_val_, 2 * WEIGHT[test])
        expected = StandardScaler().fit(X[train], sample_weight=WEIGHT[train])
        np.testing.assert_allclose(member[0].mean_, expected.mean_)


def test_routing_through_cross_validation():
    with config_context(enable_metadata_routing=True):
        inner = LogisticRegression().set_fit_request(sample_weight=True)
        ensemble = FoldEnsembleClassifier(inner, cv=2).set_fit_request(sample_weight=True)
        ensemble.set_score_request(sample_weight=True)
        params = {"sample_weight": WEIGHT}
        scores = cross_val_score(ensemble, X, Y, cv=2, params=params)
    assert np.isfinite(scores).all()


def test_routing_without_metadata(two):
    with config_context(enable_metadata_routing=True):
        assert two.fit(X, Y).oof_score_ > 0.5


def test_tags_are_those_that_all_have():
    assert get_tags(FoldEnsembleRegressor(Ridge())).input_tags.sparse
    assert get_tags(FoldEnsembleRegressor(Ridge())).target_tags.multi_output
    mixed = FoldEnsembleClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier())])
    assert not get_tags(mixed).input_tags.allow_nan
    assert get_tags(FoldEnsembleClassifier(None)).estimator_type == "classifier"


def test_picture_shows_the_estimators(two):
    picture = two._repr_html_()
    assert "LogisticRegression" in picture
    assert "RandomForestClassifier" in picture
