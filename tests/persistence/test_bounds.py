"""Forged positions in memory are found before anything predicts."""

import copy

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeRegressor

from sknn_tips.persistence.bounds import check_positions
from sknn_tips.persistence.object_graph import parts_of


def check(model):
    check_positions(part for _, part in parts_of(model))


@pytest.fixture(scope="module")
def table():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"number": rng.normal(size=200), "city": rng.choice(list("abcdef"), 200)})
    y = (X["number"] > 0) ^ (X["city"] > "c")
    return X.astype({"city": "category"}), y.to_numpy()


@pytest.fixture(scope="module")
def boosting(table):
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=3)
    model.fit(*table)
    assert any(each.nodes["is_categorical"].any() for (each,) in model._predictors)
    return model


def test_fitted_trees_pass(table, boosting):
    X, y = table
    X = np.c_[X["city"].cat.codes, X["number"]]
    check(boosting)
    check(HistGradientBoostingRegressor(max_iter=3).fit(X, y))
    check(HistGradientBoostingRegressor())
    check(HistGradientBoostingClassifier(max_iter=2).fit(X, X[:, 0]))
    check(DecisionTreeRegressor(ccp_alpha=0.01, max_leaf_nodes=20).fit(X, y))
    check(RandomForestClassifier(3).fit(X, y))
    check(np.random.RandomState(0))


def node(name, value):
    def change(model):
        for (predictor,) in model._predictors:
            predictor.nodes = predictor.nodes.copy()
            inner = predictor.nodes["is_leaf"] == 0
            if name == "bitset_idx":
                inner &= predictor.nodes["is_categorical"] != 0
            predictor.nodes[name][inner] = value

    return change


def no_nodes(model):
    model._predictors[0][0].nodes = model._predictors[0][0].nodes[:0]


def other_bitsets(model):
    model._predictors[0][0].raw_left_cat_bitsets = np.zeros((2, 3), np.uint32)


def unknown_category(model):
    first = int(np.flatnonzero(model._bin_mapper.is_categorical_)[0])
    model._bin_mapper.bin_thresholds_[first] = np.array([0.0, 1000.0])


def fewer_bins(model):
    model._bin_mapper.is_categorical_ = model._bin_mapper.is_categorical_[:1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (node("left", 10**6), "no later node"),
        (node("right", 0), "no later node"),
        (node("feature_idx", 2), "none of the 2"),
        (node("feature_idx", -1), "none of the 2"),
        (node("bitset_idx", 100), "categories that are not there"),
        (no_nodes, "no nodes"),
        (other_bitsets, "shape"),
        (unknown_category, "none of 0 to 255"),
        (fewer_bins, "bins of another number"),
    ],
)
def test_a_changed_tree_of_boosting(boosting, change, message):
    model = copy.deepcopy(boosting)
    change(model)
    with pytest.raises(ValueError, match=message):
        check(model)


@pytest.mark.parametrize(
    ("name", "value"), [("left_child", 10**6), ("right_child", 0), ("feature", 1), ("feature", -3)]
)
def test_a_changed_tree(name, value):
    model = DecisionTreeRegressor().fit(np.arange(8.0)[:, None], np.arange(8))
    tree = model.tree_
    state = tree.__getstate__()
    nodes = state["nodes"].copy()
    nodes[name][nodes["left_child"] != -1] = value
    tree.__setstate__({**state, "nodes": nodes})
    with pytest.raises(ValueError, match="a node of a tree"):
        check(model)


def test_a_random_generator_beyond_its_numbers():
    generator = np.random.RandomState(0)
    state = generator.get_state(legacy=False)
    state["state"]["pos"] = 10**6
    generator.set_state(state)
    with pytest.raises(ValueError, match="position 1000000"):
        check([generator])


def test_trees_ask_for_features_that_their_estimator_does_not_check(table):
    X, y = np.arange(40.0).reshape(10, 4), np.arange(10) % 2
    for model in (
        RandomForestClassifier(2, random_state=0).fit(X, y),
        GradientBoostingClassifier(n_estimators=2).fit(X, y),
        DecisionTreeRegressor().fit(X, y),
    ):
        check(model)
        model.n_features_in_ = 3
        with pytest.raises(ValueError, match="a tree has 4 features in an estimator of 3"):
            check(model)


def test_a_tree_with_fewer_nodes_than_stated():
    tree = DecisionTreeRegressor().fit(np.arange(10.0).reshape(-1, 1), np.arange(10)).tree_
    state = tree.__getstate__()
    for n_nodes in (10**6, 0, -1):
        tree.__setstate__({**state, "node_count": n_nodes})
        with pytest.raises(ValueError, match=f"a tree has {n_nodes} nodes and 19 stored"):
            check(tree)
    tree.__setstate__(state)


def test_a_sparse_matrix_with_positions_out_of_bounds():
    matrix = sparse.csr_matrix(np.eye(3))
    check([matrix])
    matrix.indices[0] = 10**6
    with pytest.raises(ValueError, match="indices must be < 3"):
        check([matrix])
