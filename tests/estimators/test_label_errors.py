import numpy as np
import pandas as pd
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.exceptions import DataError

X = np.random.RandomState(0).rand(20, 2)
NET = MLPClassifier(3, max_iter=2, tol=None)


def objects(labels):
    """Return a vector of Python objects."""
    found = np.empty(len(labels), dtype=object)
    found[:] = labels
    return found


@pytest.mark.parametrize("labels", [[["a", "b"], ["a"]] * 10, [{"a", "b"}, {"a", "c"}] * 10])
@pytest.mark.parametrize("as_y", [list, objects, pd.Series])
def test_lists_of_labels_are_sent_to_the_binarizer(as_y, labels):
    with pytest.raises(DataError, match=r"lists of labels.*MultiLabelBinarizer\(\)\.fit"):
        NET.fit(X, as_y(labels))


@pytest.mark.parametrize("as_y", [objects, pd.Series])
def test_text_beside_numbers_has_no_order(as_y):
    y = as_y(["a", 1] * 10)
    with pytest.raises(DataError, match=r"several types, such as 'a' and 1.* y\.astype\(str\)"):
        NET.fit(X, y)
    assert NET.fit(X, y.astype(str)).classes_.tolist() == ["1", "a"]
    with pytest.raises(DataError, match=r"^X_val or y_val: y holds labels of several types"):
        NET.fit(X, np.tile([0, 1], 10), X_val=X, y_val=y)


@pytest.mark.parametrize("y", [["a", "b"] * 10, objects(["a", "b"] * 10), ("a", "b") * 10])
def test_labels_of_one_type_are_learned(y):
    assert NET.fit(X, y).classes_.tolist() == ["a", "b"]
