import numpy as np
import pytest

from sknn_tips.preprocessing.bins import (
    components,
    holds_classes,
    quantile_edges,
    tree_edges,
    write_components,
)


def test_components_are_positions_in_bins():
    edges = np.array([0.0, 1.0, 3.0])
    x = np.array([-1.0, 0.25, 1.0, 2.0, 9.0, np.inf])
    expected = [[0, 0], [0.25, 0], [1, 0], [1, 0.5], [1, 1], [1, 1]]
    np.testing.assert_array_equal(components(x, edges), expected)
    out = np.empty((6, 2), dtype=np.float32)
    write_components(x, edges, out)
    np.testing.assert_array_equal(out, expected)


def test_quantile_edges_have_equally_many_samples():
    np.testing.assert_array_equal(quantile_edges(np.arange(101.0), 4), [0, 25, 50, 75, 100])
    assert quantile_edges(np.zeros(5), 4).tolist() == [0]
    assert quantile_edges(np.empty(0), 4).size == 0


@pytest.mark.parametrize("classes", [False, True])
def test_tree_edges_are_where_the_target_changes(classes):
    x = np.repeat(np.arange(8.0), 20)
    y = (x > 2).astype(int)
    np.testing.assert_array_equal(tree_edges(x, y, 4, classes), [0, 2.5, 7])


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.array(["a", "b"]), True),
        (np.arange(300) % 5, True),
        (np.arange(300), False),
        (np.linspace(0, 1, 50), False),
        (np.zeros((4, 2)), False),
    ],
)
def test_what_holds_classes(y, expected):
    assert holds_classes(y) == expected
