"""The edges of the bins of a feature, and the position of its values in the bins."""

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.multiclass import type_of_target

# A numeric target with more distinct values is treated as continuous. Counts and prices may be
# integers, which type_of_target cannot distinguish from class labels.
_MOST_CLASSES = 100
# A leaf of a tree contains at least one in this many samples.
_SAMPLES_PER_LEAF = 128


def components(x: NDArray, edges: NDArray) -> NDArray:
    """Return the component of each bin, (n_samples, n_bins)."""
    out = np.empty((len(x), len(edges) - 1))
    write_components(x, edges, out)
    return out


def write_components(x: NDArray, edges: NDArray, out: NDArray) -> None:
    """Write the component of each bin; x has shape (n_samples,), out (n_samples, n_bins)."""
    with np.errstate(over="ignore"):  # division by a tiny bin width; infinity is clipped
        position = np.subtract.outer(x, edges[:-1])
        position /= np.diff(edges)
    np.clip(position, 0, 1, out=out)


def quantile_edges(x: NDArray, n_bins: int) -> NDArray:
    """Return at most n_bins + 1 edges: frequent values, and quantiles of the other values."""
    smallest_bin = len(x) / n_bins / 2  # in samples
    frequent = np.empty(0)  # values on which several quantiles fell
    while len(x) and len(frequent) <= n_bins:
        n_edges = min(n_bins + 1 - len(frequent), 1 + max(1, int(len(x) / smallest_bin)))
        quantiles = np.quantile(x, np.linspace(0, 1, n_edges))
        edges, counts = np.unique(quantiles, return_counts=True)
        if len(edges) == len(quantiles):
            return np.union1d(frequent, edges)
        frequent = np.append(frequent, edges[counts > 1])
        x = x[~np.isin(x, frequent)]
    return np.unique(frequent)


def tree_edges(x: NDArray, y: NDArray, n_bins: int, classes: bool) -> NDArray:
    """Return minimum, maximum and the thresholds of a tree that predicts y from x."""
    # Trees convert x to float32. Ranks are exact in float32 and have the same best splits.
    values, ranks = np.unique(x, return_inverse=True)
    if len(values) < 2:
        return values
    tree = (DecisionTreeClassifier if classes else DecisionTreeRegressor)(
        max_leaf_nodes=n_bins,
        min_samples_leaf=max(1, len(x) // _SAMPLES_PER_LEAF),
        random_state=0,
    )
    tree = tree.fit(ranks.reshape(-1, 1), y).tree_
    below = tree.threshold[tree.feature >= 0].astype(int)
    thresholds = (values[below] + values[below + 1]) / 2
    return np.unique([values[0], *thresholds, values[-1]])


def holds_classes(y: NDArray) -> bool:
    """Return whether y contains class labels, not continuous values or several outputs."""
    if y.dtype.kind in "iuf" and len(np.unique(y)) > min(_MOST_CLASSES, len(y) / 2):
        return False
    return type_of_target(y, input_name="y") in ("binary", "multiclass")
