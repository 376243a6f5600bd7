"""Converter of scikit-learn's HistGradientBoosting as a member of a fold ensemble.

skl2onnx has one, but not for categorical features, which the trees of `tabular_pipeline` have.
Here, a split by categories is a split of an extra feature: whether the category goes to the left.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from sknn_tips._compat.sklearn import (
    baseline_of_boosting,
    categories_of_boosting,
    trees_of_boosting,
)
from sknn_tips.export.graph import Graph, joined, lookup, tensor_type

NAME = "SknnTipsBoosting"
_LINKS = {"poisson": "Exp", "gamma": "Exp"}  # of regressors; that of the other losses is identity


class Boosting(TransformerMixin, BaseEstimator):
    """A fitted HistGradientBoosting, whose probabilities or values are the output."""

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator


def is_boosting(estimator: Any) -> bool:
    """Return whether this converter is for the estimator."""
    return isinstance(estimator, HistGradientBoostingClassifier | HistGradientBoostingRegressor)


def parse_boosting(scope: Any, estimator: Any, inputs: list[Any]) -> Any:
    """Declare the operator of a HistGradientBoosting; return the variable of its predictions."""
    categories = [each for of in categories_of_boosting(estimator) for each in of if each == each]
    if any(not isinstance(each, str) for each in categories):
        raise TypeError(
            f"{type(estimator).__name__} has categories such as {categories[0]}. to_onnx can"
            " translate text only: put sknn_tips.preprocessing.TableCleaner() before it."
        )
    operator = scope.declare_local_operator(NAME, Boosting(estimator))
    operator.inputs = list(inputs)
    width = len(estimator.classes_) if is_classifier(estimator) else 1
    kind = tensor_type(np.float64, [None, width])
    operator.outputs.append(scope.declare_local_variable("boosting", kind))
    return operator.outputs[0]


def convert_boosting(scope: Any, operator: Any, container: Any) -> None:
    """Add the probabilities or values of a HistGradientBoosting to the graph."""
    graph, model = Graph(scope, operator, container), operator.raw_operator.estimator
    splits = _category_splits(model)
    features = _features(graph, model, operator.inputs, splits)
    raw = graph.cast(_sum_of_trees(graph, model, features, splits))
    if not is_classifier(model):
        graph.output(graph.node(_LINKS.get(model.loss, "Identity"), raw))
    elif model.n_trees_per_iteration_ > 1:
        graph.output(graph.node("Softmax", raw, axis=1))
    else:
        logits = [graph.node("Neg", raw), raw][: len(model.classes_)]  # a fold may have one class
        graph.output(graph.node("Sigmoid", graph.concat(logits)))


def _trees(model: Any) -> list[tuple[int, Any]]:
    """Return pairs of the output and a tree that adds to it."""
    return [pair for trees in trees_of_boosting(model) for pair in enumerate(trees)]


def _bits(tree: Any, node: Any) -> bytes:
    """Return the set of the categories that go to the left."""
    return bytes(tree.raw_left_cat_bitsets[node["bitset_idx"]].astype("<u4").tobytes())


def _category_splits(model: Any) -> dict[tuple[int, bytes], int]:
    """Return the position of the extra feature of each split: (feature, set of categories)."""
    found: dict[tuple[int, bytes], int] = {}
    for _, tree in _trees(model):
        for node in tree.nodes:
            if node["is_categorical"] and not node["is_leaf"]:
                found.setdefault((int(node["feature_idx"]), _bits(tree, node)), len(found))
    return found


def _features(
    graph: Graph, model: Any, inputs: list[Any], splits: dict[tuple[int, bytes], int]
) -> str:
    """Return the numeric features, then the extra features: 0 on the left, 1 on the right."""
    if model.is_categorical_ is None:
        return joined(graph, inputs)
    parts, order = [], []
    columns = list(zip(inputs, model.is_categorical_, strict=True))
    numeric = [variable for variable, is_category in columns if not is_category]
    categorical = [variable for variable, is_category in columns if is_category]
    if numeric:
        parts.append(joined(graph, numeric))
    for feature, (variable, categories) in enumerate(
        zip(categorical, categories_of_boosting(model), strict=True)
    ):
        of_feature = [(key, at) for key, at in splits.items() if key[0] == feature]
        if not of_feature:
            continue
        known = [text for text in categories if isinstance(text, str)]
        codes = {text: code for code, text in enumerate(known, start=1)}
        code = lookup(graph, variable.full_name, codes, default=0)
        code = graph.node("Reshape", code, graph.constant([-1], np.int64))
        sides = [_sides(bits, len(known)) for (_, bits), _ in of_feature]
        parts.append(graph.node("Gather", graph.constant(np.transpose(sides)), code, axis=0))
        order += [at for _, at in of_feature]
    if not parts:  # no tree has a split
        return graph.cast(lookup(graph, categorical[0].full_name, {"": 0}, default=0))
    joint = graph.concat(parts)
    start = len(numeric)
    return graph.columns(joint, [*range(start), *(start + np.argsort(order))])


def _sides(bits: bytes, n_categories: int) -> NDArray:
    """Return the side of a missing category, NaN, and of each category: 0 left, 1 right."""
    is_left = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[:n_categories]
    return np.r_[np.nan, 1.0 - is_left]


def _sum_of_trees(
    graph: Graph, model: Any, features: str, splits: dict[tuple[int, bytes], int]
) -> str:
    """Return the sum of the baseline and all leaves, (n, n_trees_per_iteration), as float."""
    from onnx.numpy_helper import from_array

    n_categorical = len(categories_of_boosting(model))
    n_numeric = model.n_features_in_ - n_categorical
    nodes = [_nodes(tree, splits, n_categorical, n_numeric) for _, tree in _trees(model)]
    given: dict[str, list[Any]] = {name: [] for name in ("treeids", *nodes[0])}
    leaves: dict[str, list[Any]] = {"treeids": [], "nodeids": [], "ids": [], "weights": []}
    for tree_id, (of_tree, (output, tree)) in enumerate(zip(nodes, _trees(model), strict=True)):
        for name, values in of_tree.items():
            given[name] += list(values)
        given["treeids"] += [tree_id] * len(tree.nodes)
        at = np.flatnonzero(tree.nodes["is_leaf"])
        leaves["treeids"] += [tree_id] * len(at)
        leaves["nodeids"] += at.tolist()
        leaves["ids"] += [output] * len(at)
        leaves["weights"] += tree.nodes["value"][at].tolist()
    as_tensors = {
        "nodes_values_as_tensor": given.pop("values"),
        "target_weights_as_tensor": leaves.pop("weights"),
        "base_values_as_tensor": baseline_of_boosting(model).ravel(),
    }
    attributes: dict[str, Any] = {
        "op_version": 3,
        "n_targets": int(model.n_trees_per_iteration_),
        **{f"nodes_{name}": values for name, values in given.items()},
        **{f"target_{name}": values for name, values in leaves.items()},
    }
    for name, values in as_tensors.items():
        attributes[name] = from_array(np.asarray(values, np.float64), name)
    return graph.node("TreeEnsembleRegressor", features, domain="ai.onnx.ml", **attributes)


def _nodes(
    tree: Any, splits: dict[tuple[int, bytes], int], n_categorical: int, n_numeric: int
) -> dict[str, list[Any]]:
    """Return the attributes of the nodes of a tree; the first branch is the left one."""
    nodes = tree.nodes
    feature, value = nodes["feature_idx"] - n_categorical, nodes["num_threshold"].copy()
    for position in np.flatnonzero(nodes["is_categorical"] & ~nodes["is_leaf"].astype(bool)):
        node = nodes[position]
        feature[position] = n_numeric + splits[int(node["feature_idx"]), _bits(tree, node)]
        value[position] = 0.5
    leaf = nodes["is_leaf"].astype(bool)
    feature[leaf] = 0
    return {
        "nodeids": list(range(len(nodes))),
        "featureids": feature.tolist(),
        "values": value.tolist(),
        "modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "truenodeids": nodes["left"].tolist(),
        "falsenodeids": nodes["right"].tolist(),
        "missing_value_tracks_true": nodes["missing_go_to_left"].tolist(),
    }
