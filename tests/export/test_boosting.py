"""Graphs of HistGradientBoosting with categorical features, in fold ensembles."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline

from sknn_tips import tabular_pipeline, to_onnx
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.preprocessing import TableCleaner

N = 400
FEW = {"max_iter": 12, "categorical_features": "from_dtype", "random_state": 0}
OURS = {"cv": 3, "random_state": 0}


def made(seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "town": rng.choice(list("abcdefghijkl"), N),
            "size": np.where(rng.random(N) < 0.2, np.nan, rng.normal(size=N)),
            "kind": rng.choice(["u", "v", None], N),
            "age": rng.integers(0, 90, N),
        }
    )


@pytest.fixture
def table():
    return made()


@pytest.fixture
def strange():
    """New samples with towns that were never seen, and missing ones."""
    X = made(1)
    X.loc[:50, "town"] = "zz"
    X.loc[51:80, "town"] = None
    return X


def signal(X):
    in_south = X["town"].isin(list("acdgk")).to_numpy()
    return in_south + 0.5 * (X["kind"] == "u") + np.nan_to_num(X["size"]) / 3 + X["age"] / 90


def has_category_splits(model):
    [of_trees] = model.estimators_.values()
    last = of_trees[0][-1] if hasattr(of_trees[0], "steps") else of_trees[0]
    return any(tree.nodes["is_categorical"].any() for trees in last._predictors for tree in trees)


@pytest.mark.parametrize("shared_steps", [False, True])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_classifiers(table, strange, agree, n_classes, shared_steps):
    y = np.array(list("pqrs"))[np.digitize(signal(table), [0.7, 1.2, 1.7][: n_classes - 1])]
    trees = make_pipeline(TableCleaner(), HistGradientBoostingClassifier(**FEW))
    model = FoldEnsembleClassifier(trees, shared_steps=shared_steps, **OURS).fit(table, y)
    assert has_category_splits(model)
    agree(model, table, strange)


@pytest.mark.parametrize(
    "loss", ["squared_error", "absolute_error", "gamma", "poisson", "quantile"]
)
def test_regressors(table, strange, agree, loss):
    y = 1 + 100 * signal(table).clip(lower=0)
    given = {"quantile": 0.8} if loss == "quantile" else {}
    net = HistGradientBoostingRegressor(loss, **given, **FEW)
    model = FoldEnsembleRegressor(make_pipeline(TableCleaner(), net), **OURS).fit(table, y)
    assert has_category_splits(model)
    agree(model, table, strange)


@pytest.mark.parametrize("columns", [["size", "age"], ["town", "kind"]])
def test_only_numbers_or_only_categories(table, strange, agree, columns):
    trees = make_pipeline(TableCleaner(), HistGradientBoostingRegressor(**FEW))
    model = FoldEnsembleRegressor(trees, **OURS).fit(table[columns], signal(table))
    agree(model, table[columns], strange[columns])


@pytest.mark.parametrize("columns", [["size", "age"], ["town", "kind"]])
def test_trees_without_a_split(table, agree, columns):
    trees = HistGradientBoostingRegressor(**FEW | {"min_samples_leaf": N})
    model = FoldEnsembleRegressor(make_pipeline(TableCleaner(), trees), **OURS)
    agree(model.fit(table[columns], signal(table)), table[columns])


def test_a_member_that_knows_one_class(agree):
    X, y = np.arange(float(N))[:, None], np.arange(N) == 0
    model = FoldEnsembleClassifier(HistGradientBoostingClassifier(**FEW), cv=2, random_state=0)
    agree(model.fit(X, y), X)


def test_thresholds_are_exact_for_float64(agree):
    X = 1e6 + np.arange(300.0)[:, None] / 1e3  # neighbours are equal in float32
    model = FoldEnsembleRegressor(HistGradientBoostingRegressor(max_iter=20), **OURS)
    agree(model.fit(X, np.arange(300) % 7 + X[:, 0] * 10 - 1e7), X)


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_tabular_pipeline_with_trees(table, strange, agree, kind):
    y = signal(table) if kind == "regressor" else np.where(signal(table) > 1, "yes", "no")
    model = tabular_pipeline(kind, trees=True, **OURS)
    model.set_params(nets__net__max_iter=3, trees__trees__max_iter=20).fit(table, y)
    assert model.weights_["trees"] > 0
    agree(model, table, strange)


def test_categories_that_are_numbers_are_refused_with_the_remedy(table):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    X = table[["age"]].assign(code=pd.Categorical(table["age"] % 5))
    model = FoldEnsembleRegressor(HistGradientBoostingRegressor(**FEW), **OURS)
    with pytest.raises(TypeError, match=r"categories such as 0\. .* put .*TableCleaner\(\)"):
        to_onnx(model.fit(X, signal(table)), X)
