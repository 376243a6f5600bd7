from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sknn_tips.plotting.parameter_axis import ParameterAxis, slant_if_long


def drawn(values, which="x"):
    axis = ParameterAxis("alpha", values)
    _, ax = plt.subplots()
    both = (axis.positions, axis.positions)
    ax.plot(*both)
    axis.set(ax, which)
    return axis, ax


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.001, 0.01, 0.1], "log"),
        ([0, 0.001, 0.01, 0.1], "symlog"),
        ([1, 2, 3], "linear"),
        ([16, 32, 64, 128], "linear"),
        ([-1, 0, 1], "linear"),
        ([5], "linear"),
    ],
)
@pytest.mark.parametrize("which", ["x", "y"])
def test_the_scale_that_suits_the_numbers(values, scale, which):
    axis, ax = drawn(values, which)
    assert axis.numeric
    assert getattr(ax, f"get_{which}scale")() == scale
    assert getattr(ax, f"get_{which}label")() == "alpha"


def test_few_values_have_a_tick_each():
    _, ax = drawn([0.0001, 0.003, 0.1])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.0001", "0.003", "0.1"]
    assert ax.get_xticks().tolist() == [0.0001, 0.003, 0.1]


def test_close_values_keep_the_usual_ticks():
    _, ax = drawn([1, 1.01, 100.0])
    assert ax.get_xticks().tolist() != [1, 1.01, 100]


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["relu", "tanh", "relu"], ["relu", "tanh"]),
        ([0.1, "auto", 0.1], [0.1, "auto"]),
        ([True, False], [True, False]),
        ([(64, 64), (128,), (64,)], [(64,), (128,), (64, 64)]),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}]),
        ([-1, 0.001, 0.01], [-1, 0.001, 0.01]),  # no axis shows all of them
    ],
)
def test_the_rest_stands_side_by_side(values, levels):
    axis, ax = drawn(values)
    assert not axis.numeric
    assert axis.levels == levels
    assert [axis.levels[int(place)] for place in axis.positions] == values
    assert ax.get_xticks().tolist() == list(range(len(levels)))


def test_equal_numbers_are_one_level():
    axis = ParameterAxis("alpha", [1, 1.0, np.float64(1), 3])
    assert axis.levels == [1, 3]
    assert axis.codes.tolist() == [0, 0, 0, 1]


def test_codes_count_the_levels():
    assert ParameterAxis("alpha", [10, 0.1, 1, 10]).codes.tolist() == [2, 0, 1, 2]
    assert ParameterAxis("a", ["b", "a", "b"]).codes.tolist() == [0, 1, 0]


@pytest.mark.parametrize(("length", "rotation"), [(4, 0), (20, 30)])
def test_long_labels_are_turned(length, rotation):
    _, ax = plt.subplots()
    labels = ["x" * length] * 4
    ax.set_xticks(range(4), labels)
    slant_if_long(ax, labels)
    assert ax.get_xticklabels()[0].get_rotation() == rotation


def test_an_empty_tuple_is_seen():
    _, ax = drawn([(8,), (), (8, 8)])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["()", "(8,)", "(8, 8)"]


def test_labels_are_longer_where_short_ones_would_be_the_same():
    values = [partial(np.full, fill_value=value) for value in (10.25, 10.5)]
    assert ParameterAxis("init", values).labels == [
        "full(fill_value=10.25)",
        "full(fill_value=10.5)",
    ]
    assert ParameterAxis("init", values[:1]).labels == ["full(fill_value=1…"]
