import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLP
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, diagnose
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.estimators.unwrapping import find, find_fitted, without_searches

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 2, "tol": None, "random_state": 0}
GRID = {"mlpclassifier__alpha": [0.1, 1.0]}


def test_the_estimator_itself():
    estimator = MLPClassifier()
    found = find(estimator, "summary")
    assert found.estimator is estimator
    assert (found.steps, found.targets) == ([], [])


def test_a_search_over_a_pipeline(digits):
    X, y = digits
    search = GridSearchCV(make_pipeline(StandardScaler(), MLPClassifier(**SMALL)), GRID, cv=2)
    assert find(search, "summary").estimator is search.estimator[-1]
    with pytest.raises(NotFittedError):
        find_fitted(search, "evaluate")
    search.fit(X, y)
    found = find_fitted(search, "evaluate")
    assert found.estimator is search.best_estimator_[-1]
    scaled = search.best_estimator_[0].transform(X)
    np.testing.assert_array_equal(found.transform(X), scaled)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_transformed_target(diabetes, outputs):
    X, y = diabetes
    y = y if outputs == 1 else np.column_stack([y, 10 * y])
    inner = make_pipeline(MinMaxScaler(), MLPRegressor(**SMALL))
    model = TransformedTargetRegressor(regressor=inner, transformer=MinMaxScaler())
    assert find(model, "summary").estimator is inner[-1]
    found = find_fitted(model.fit(X, y), "evaluate")
    assert found.estimator is model.regressor_[-1]
    target = found.transform_target(y)
    assert target.shape == y.shape
    assert (target.min(axis=0) == 0).all()
    np.testing.assert_allclose(target.max(axis=0), 1)


@pytest.mark.parametrize(
    "model", [SklearnMLP(), make_pipeline(LogisticRegression()), None, MLPClassifier]
)
def test_what_holds_none(model):
    with pytest.raises(TypeError, match=r"summary got .*It takes an MLPClassifier"):
        find(model, "summary")


def test_of_an_ensemble_the_error_names_a_part_that_can_be_used(digits):
    X, y = digits
    net = make_pipeline(MinMaxScaler(), MLPClassifier(**SMALL))
    several = [("linear", LogisticRegression(max_iter=500)), ("nets", net), ("wide", net)]
    for estimators, name in ((several, "nets"), (net, "estimators")):
        model = FoldEnsembleClassifier(estimators, cv=2)
        with pytest.raises(
            TypeError, match=rf"Fold.*, pass a part: (model.*'{name}'\])\."
        ) as error:
            diagnose(model, X, y)
        assert diagnose(eval(str(error.value).split("part: ")[1][:-1]), X, y).scores
        with pytest.raises(NotFittedError, match="This FoldEnsembleClassifier"):
            find_fitted(model, "save_weights")
    model = FoldEnsembleClassifier(several, cv=2).fit(X, y)
    with pytest.raises(TypeError, match=r"pass a part: model.estimators_\['nets'\]\[0\]") as error:
        find_fitted(model, "save_weights")
    member = eval(str(error.value).split("part: ")[1][:-1])
    assert isinstance(find_fitted(member, "save_weights").estimator, MLPClassifier)
    model = FoldEnsembleClassifier(LogisticRegression(max_iter=500), cv=2).fit(X, y)
    with pytest.raises(TypeError, match=r"search with one in it\.$"):
        find(model, "summary")


def test_without_searches(digits):
    net = MLPClassifier(**SMALL)
    search = GridSearchCV(make_pipeline(MinMaxScaler(), net), GRID, cv=2)
    model = make_pipeline(StandardScaler(), search)
    bare = without_searches(model)
    assert list(bare.named_steps) == list(model.named_steps)
    assert repr(bare[-1]) == repr(search.estimator)
    assert bare[-1][-1] is not net
    model.fit(*digits)
    best = without_searches(model)
    assert best[-1][-1].alpha == search.best_params_["mlpclassifier__alpha"]
    assert not hasattr(best[0], "mean_")
    target = TransformedTargetRegressor(search, transformer=MinMaxScaler())
    assert repr(without_searches(target).regressor) == repr(best[-1])
    assert model[-1] is search
