"""Models of several parts in one file, through the public functions."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from skorch.callbacks import Callback

from sknn_tips import MLPClassifier, MLPRegressor, load_model, save_model, tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.exceptions import HintWarning
from sknn_tips.preprocessing import TableEncoder

pytest.importorskip("skops")
NET = MLPClassifier(5, max_iter=2, tol=None, dropout=0.2, batchnorm=True, random_state=0)


def loaded(model, path):
    save_model(model, path)
    return load_model(path)


def raw(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


@pytest.fixture(scope="session")
def table():
    """Numbers and text with missing cells."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.normal(size=(160, 3)), columns=["a", "b", "c"])
    X["city"] = rng.choice(["Rome", "Oslo", None], 160)
    X["member"] = rng.uniform(size=160) < 0.5
    return X.mask(rng.uniform(size=X.shape) < 0.05), X["a"].to_numpy() * 10


def assert_same_ensemble(a, b, X):
    np.testing.assert_array_equal(raw(a, X), raw(b, X))
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    pd.testing.assert_frame_equal(a.scores_, b.scores_)
    np.testing.assert_array_equal(a.oof_prediction_, b.oof_prediction_)
    assert (a.weights_, a.oof_score_) == (b.weights_, b.oof_score_)
    assert repr(a) == repr(b)


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@pytest.mark.parametrize("trees", [False, True])
def test_a_model_of_a_table(table, path, kind, trees):
    X, y = table
    y = np.where(y > 0, "high", "low") if kind == "classifier" else y
    model = tabular_pipeline(kind, trees=trees, cv=2, random_state=0)
    model.set_params(nets__net__max_iter=2, nets__net__hidden_layer_sizes=5)
    if trees:
        model.set_params(trees__trees__max_iter=5)
    found = loaded(model.fit(X, y), path)
    assert_same_ensemble(found, model, X)
    assert_same_ensemble(loaded(found, path), model, X)
    encoded = model.steps_["nets"].transform(X)
    nets = [
        each.estimators_["nets"][0].set_params(monitor=None, restore_best=None)
        for each in (model, found)
    ]
    for net in nets:
        net.partial_fit(encoded, y)
    np.testing.assert_array_equal(*(net.coefs_[0] for net in nets))


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), NET),
        make_pipeline(FunctionTransformer(np.log1p), NET),
        make_pipeline(TableEncoder(), LogisticRegression(C=0.1)),
        GridSearchCV(make_pipeline(StandardScaler(), NET), {}, cv=2),
        CalibratedClassifierCV(NET, cv=2),
        StackingClassifier([("a", NET), ("b", LogisticRegression(C=0.1))], cv=2),
        FoldEnsembleClassifier(
            [("net", NET), ("forest", RandomForestClassifier(3, random_state=0))],
            cv=KFold(2, shuffle=True, random_state=np.random.RandomState(0)),
        ),
        FoldEnsembleClassifier(NET, cv=2, warm_start=True),
    ],
    ids=["scaler", "function", "encoder", "search", "calibration", "stacking", "forest", "warm"],
)
def test_models_of_several_parts(iris, path, model):
    X, y = iris
    model = clone(model).fit(X, y)
    found = loaded(model, path)
    np.testing.assert_array_equal(found.predict_proba(X), model.predict_proba(X))
    assert type(found) is type(model)
    assert found.fit(X, y).predict(X).shape == y.shape


def test_a_transformed_target(iris, path):
    X, _ = iris
    net = MLPRegressor(hidden_layer_sizes=5, max_iter=2, tol=None)
    model = TransformedTargetRegressor(net, func=np.log, inverse_func=np.exp).fit(X, X[:, 0])
    np.testing.assert_array_equal(loaded(model, path).predict(X), model.predict(X))


def test_code_in_a_part_is_left_out_with_one_warning(iris, path):
    net = MLPClassifier(3, max_iter=1, tol=None, callbacks=[Callback()])
    model = FoldEnsembleClassifier(net, cv=2).fit(*iris)
    with pytest.warns(HintWarning, match="left out callbacks:") as warned:
        save_model(model, path)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert load_model(path).estimators.callbacks == ()
    assert len(model.estimators_["mlpclassifier"][0].callbacks) == 1


def test_requests_of_other_estimators_are_an_error(iris, path):
    with config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight=True)
        model = make_pipeline(scaler, MLPClassifier(3, max_iter=1, tol=None)).fit(*iris)
        with pytest.raises(TypeError, match=r"set_fit_request.*joblib.dump.*model.steps\[0\]\[1\]"):
            save_model(model, path)


def test_requests_of_a_network_in_a_search(iris, path):
    X, y = iris
    weight = np.where(y == "setosa", 3.0, 1.0)
    with config_context(enable_metadata_routing=True):
        net = clone(NET).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = GridSearchCV(net, {}, cv=2).fit(X, y, sample_weight=weight)
        found = loaded(search, path)
        expected = search.score(X, y, sample_weight=weight)
        assert found.score(X, y, sample_weight=weight) == expected != search.score(X, y)
        assert repr(found.get_metadata_routing()) == repr(search.get_metadata_routing())


def test_requests_of_a_scorer_are_an_error(iris, path):
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(NET, {}, cv=2).fit(*iris)
        if not hasattr(search.scorer_, "set_score_request"):
            pytest.skip("from scikit-learn 1.8 on, this scorer has no requests of its own")
        search.scorer_.set_score_request(sample_weight=True)
    with pytest.raises(TypeError, match=r"set_fit_request.*joblib.dump.*model.scorer_"):
        save_model(search, path)


def test_an_older_file_survives_a_model_that_cannot_be_saved(iris, path):
    model = make_pipeline(StandardScaler(), NET).fit(*iris)
    save_model(model[-1], path)
    model[0].note_ = print
    with pytest.raises(TypeError, match="print"):
        save_model(model, path)
    assert isinstance(load_model(path), MLPClassifier)
