"""Checks of numbers in a file that compiled code uses as positions in memory.

These are numbers in the nodes of scikit-learn's trees, and the position of a random generator.
Compiled code does not check them, so a changed file could make `predict` or `fit` read memory out
of bounds.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sknn_tips._compat.sklearn import (
    bins_of_boosting,
    is_boosting,
    is_tree,
    trees_of_boosting,
    trees_without_check,
)
from sknn_tips.state.checks import check_generator

_N_CATEGORIES = 256
_BITSET_SIZE = 8


def check_positions(parts: Iterable[Any]) -> None:
    """Check the parts of a model; raise ValueError if a position is out of bounds."""
    for part in parts:
        if hasattr(part, "n_features_in_"):
            for tree in trees_without_check(part):
                if tree.n_features != part.n_features_in_:
                    raise ValueError(
                        f"a tree has {tree.n_features} features in an estimator of"
                        f" {part.n_features_in_}"
                    )
        if is_tree(part):
            if not 0 < part.node_count <= part.capacity:
                raise ValueError(f"a tree has {part.node_count} nodes and {part.capacity} stored")
            inner = part.children_left != -1
            children = part.children_left, part.children_right
            _check_nodes(inner, children, part.feature, part.n_features)
        elif is_boosting(part):
            _check_boosting(part)
        elif sparse.issparse(part):
            part.check_format(full_check=True)
        elif isinstance(part, np.random.RandomState):
            check_generator(part)


def _check_boosting(boosting: Any) -> None:
    """Check a HistGradientBoostingClassifier or HistGradientBoostingRegressor."""
    mapper, n_features = bins_of_boosting(boosting), boosting.n_features_in_
    if len(mapper.is_categorical_) != n_features or len(mapper.bin_thresholds_) != n_features:
        raise ValueError(f"its trees have {n_features} features and bins of another number")
    for feature in np.flatnonzero(mapper.is_categorical_):
        known = mapper.bin_thresholds_[feature]
        if len(known) and not (known.min() >= 0 and known.max() < _N_CATEGORIES):
            raise ValueError(f"a category of feature {feature} is none of 0 to {_N_CATEGORIES - 1}")
    for predictor in (each for trees in trees_of_boosting(boosting) for each in trees):
        nodes = predictor.nodes
        inner = nodes["is_leaf"] == 0
        children = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
        _check_nodes(inner, children, nodes["feature_idx"], n_features)
        by_category = inner & (nodes["is_categorical"] != 0)
        for bitsets in (predictor.raw_left_cat_bitsets, predictor.binned_left_cat_bitsets):
            if bitsets.ndim != 2 or bitsets.shape[1] != _BITSET_SIZE:
                raise ValueError(f"the categories of a tree have shape {bitsets.shape}")
            if (nodes["bitset_idx"][by_category] >= len(bitsets)).any():
                raise ValueError("a node of a tree has categories that are not there")


def _check_nodes(
    inner: NDArray, children: tuple[NDArray, NDArray], feature: NDArray, n_features: int
) -> None:
    """Check that the children of each node are later nodes, and that its feature exists."""
    if not len(inner):
        raise ValueError("a tree has no nodes")
    at = np.flatnonzero(inner)
    for child in children:
        if not ((child[at] > at) & (child[at] < len(inner))).all():
            raise ValueError("a node of a tree has a child that is no later node")
    if not ((feature[at] >= 0) & (feature[at] < n_features)).all():
        raise ValueError(f"a node of a tree asks for a feature that is none of the {n_features}")
