"""Graphs of the fold ensembles and of tabular_pipeline."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor

FEW = {"hidden_layer_sizes": 8, "max_iter": 8, "tol": None, "random_state": 0}
OURS = {"cv": 3, "random_state": 0}


@pytest.fixture(scope="module")
def flowers():
    X, y = load_iris(return_X_y=True)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shared_steps", [False, True])
@pytest.mark.parametrize("calibrate", [False, True])
def test_classifiers(flowers, agree, shared_steps, calibrate, dtype):
    X, y = flowers[0].astype(dtype), flowers[1]
    members = [
        ("net", make_pipeline(StandardScaler(), MLPClassifier(**FEW))),
        ("line", make_pipeline(MinMaxScaler(), LogisticRegression())),
        ("alone", MLPClassifier(**FEW)),
    ]
    model = FoldEnsembleClassifier(
        members, shared_steps=shared_steps, calibrate=calibrate, **OURS
    ).fit(X, y)
    assert (model.temperatures_["net"] != 1) == calibrate
    agree(model, X, X + np.asarray(0.2, dtype))


def test_binary_classes(flowers, agree):
    X, y = flowers
    model = FoldEnsembleClassifier(MLPClassifier(**FEW), **OURS).fit(X, y == "setosa")
    agree(model, X)


def test_an_ensemble_in_a_pipeline(flowers, agree):
    X, y = flowers
    model = make_pipeline(StandardScaler(), FoldEnsembleClassifier(MLPClassifier(**FEW), **OURS))
    agree(model.fit(X, y), X)


def test_members_that_have_not_seen_a_class(flowers, agree):
    X, y = flowers
    fold = np.where(y == "virginica", 0, np.arange(len(y)) % 3)
    model = FoldEnsembleClassifier(MLPClassifier(**FEW), cv=PredefinedSplit(fold)).fit(X, y)
    [first, *_] = model.estimators_["mlpclassifier"]
    assert len(first.classes_) == 2
    agree(model, X)


def test_members_without_weight_are_left_out(flowers, agree):
    X, y = flowers
    members = [
        ("good", make_pipeline(StandardScaler(), LogisticRegression())),
        ("bad", MLPClassifier(**FEW | {"max_iter": 1, "learning_rate_init": 1e-9})),
    ]
    model = FoldEnsembleClassifier(members, **OURS).fit(X, y)
    assert model.weights_["bad"] == 0
    graph = agree(model, X)
    assert not [node for node in graph.graph.node if node.name.startswith("Dense")]


@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("clip", [False, True])
def test_regressors(agree, clip, n_outputs):
    X, y = load_diabetes(return_X_y=True)
    y = y if n_outputs == 1 else np.c_[y, -2 * y]
    net = MLPRegressor(normalize_y=True, **FEW | {"max_iter": 20})
    members = [("net", make_pipeline(StandardScaler(), net)), ("ridge", Ridge())]
    model = FoldEnsembleRegressor(members, clip=clip, **OURS).fit(X, y)
    outside = 4 * X  # of the range of y
    assert ((model.predict(outside) < y.min(axis=0)).any()) != clip
    agree(model, X, outside)


def test_tabular_pipeline_of_numbers(agree):
    X, y = load_diabetes(return_X_y=True)
    model = tabular_pipeline("regressor", **OURS).set_params(nets__net__max_iter=3)
    agree(model.fit(X, y), X, X * 2)
