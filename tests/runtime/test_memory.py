"""A lack of memory."""

import numpy as np
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.runtime.memory import memory_explained

X, Y = np.eye(20), np.arange(20) % 2


@pytest.mark.parametrize("layers", [2**31, "100000000x2"])
def test_a_network_that_is_too_large(layers):
    clf = MLPClassifier(5, max_iter=2, tips="ignore", tol=None).fit(X, Y)
    before = clf.predict_proba(X)
    with pytest.raises(MemoryError, match=r"smaller hidden_layer_sizes.*error was: "):
        clf.set_params(hidden_layer_sizes=layers).fit(np.ones((20, 10**4)), Y)
    np.testing.assert_array_equal(clf.predict_proba(X), before)


def test_an_array_that_is_too_large():
    with pytest.raises(MemoryError, match="partial_fit"), memory_explained():
        np.empty(2**50, dtype=np.float64)


def test_other_errors_are_not_changed():
    with pytest.raises(RuntimeError, match=r"^another$"), memory_explained():
        raise RuntimeError("another")
