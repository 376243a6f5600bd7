import re

import numpy as np
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.estimators import networks

X, Y = np.arange(40.0).reshape(20, 2), np.tile([0, 1], 10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, [5]),
        ((5, 4), [5, 4]),
        ([], []),
        ((), []),
        (np.array([3, 2]), [3, 2]),
        (np.int64(7), [7]),
        ("64x2", [64, 64]),
        ("256x3", [256, 256, 256]),
    ],
    ids=str,
)
def test_hidden_layer_sizes(value, expected):
    assert networks.hidden_sizes(value) == expected


@pytest.mark.parametrize(
    ("text", "sizes"),
    [("100", 100), ("100,50", (100, 50)), ("(100, 50)", (100, 50)), ("[30 20-10]", (30, 20, 10))],
)
def test_sizes_as_text_are_shown_as_numbers(text, sizes):
    with pytest.raises(ValueError, match=re.escape(f"Write hidden_layer_sizes={sizes}.")):
        MLPClassifier(text).fit(X, Y)


def test_other_text_is_no_size():
    with pytest.raises(ValueError, match=r"hidden_layer_sizes='wide'.* of 256 units\.$"):
        MLPClassifier("wide").fit(X, Y)


def test_one_value_per_layer():
    clf = MLPClassifier(
        (8, 6, 4),
        ["relu", "sigmoid", "maxout"],
        dropout=[0.1, 0, 0.3],
        batchnorm=["before", False, "after"],
        random_state=0,
        max_iter=2,
        tol=None,
    )
    layers = clf.fit(X, Y).net_.network.hidden
    assert [layer.activation for layer in layers] == ["relu", "logistic", "maxout"]
    assert [layer.dropout for layer in layers] == [0.1, 0, 0.3]
    assert [layer.batchnorm for layer in layers] == ["before", None, "after"]
    assert [coef.shape for coef in clf.coefs_] == [(2, 8), (8, 6), (6, 8), (4, 1)]


def test_parameters_of_activations_and_initialisers_reach_the_net():
    clf = MLPClassifier(
        (4, 4),
        ["leaky_relu", "elu"],
        activation_params={"negative_slope": 0.3, "alpha": 0.7},
        init="uniform",
        init_params={"low": 2.0, "high": 3.0},
        optimizer="gd",
        learning_rate_init=1e-12,
        max_iter=1,
        tol=None,
    ).fit(X, Y)
    assert clf.module_[1].negative_slope == 0.3
    assert clf.module_[3].alpha == 0.7
    assert all(((coef >= 2) & (coef <= 3)).all() for coef in clf.coefs_)
