from functools import partial

import pytest

from sknn_tips._registry import check_options, lookup, name_of, shown, unknown_option
from sknn_tips.exceptions import UnknownOptionError

SHAPES = {"circle": 1, "square": 2}


def test_lookup():
    assert lookup(SHAPES, "circle", "shape") == 1


@pytest.mark.parametrize("value", ["cirle", "Circle", 3, None])
def test_an_unknown_value_is_named_with_the_list(value):
    with pytest.raises(UnknownOptionError) as error:
        lookup(SHAPES, value, "shape")
    text = str(error.value)
    assert text.startswith(f"shape={value!r} is not known.")
    assert text.endswith("Choose one of: 'circle', 'square'.")
    assert ("Did you mean 'circle'?" in text) == (isinstance(value, str))


def test_nothing_near_is_not_guessed():
    assert "Did you mean" not in unknown_option("xyz", SHAPES, "shape")


def test_check_options():
    check_options({"rho": 1}, ["rho", "eps"], "optimizer_params", "adadelta")
    words = r"optimizer_params has the key 'roh', which adadelta does not take. Did you mean 'rho'"
    with pytest.raises(UnknownOptionError, match=words):
        check_options({"roh": 1}, ["rho", "eps"], "optimizer_params", "adadelta")
    with pytest.raises(UnknownOptionError, match=r"lbfgs does not take. It takes no options."):
        check_options({"roh": 1}, [], "optimizer_params", "lbfgs")


def test_names_of_other_packages_are_understood():
    assert "Did you mean 'log_loss'?" in unknown_option("cross_entropy", ["log_loss", "x"], "loss")
    assert "Did you mean" not in unknown_option("mse", SHAPES, "shape")


def test_options_of_an_object_are_set_by_partial():
    with pytest.raises(UnknownOptionError, match=r"no options. .* functools\.partial"):
        check_options({"a": 1}, [], "activation_params", "activation=ELU", own=True)


NAMED = {
    "relu": "relu",
    "dict": dict,
    "<lambda>": lambda: 0,
    "round(2, ndigits=1)": partial(round, 2, ndigits=1),
    "round(2)(ndigits=1)": partial(partial(round, 2), ndigits=1),
    "['relu', dict]": ["relu", dict],
    "['relu', 'tanh']": ["relu", "tanh"],
    "(8,)": (8,),
}


@pytest.mark.parametrize("name", NAMED)
def test_names_of_objects(name):
    # partial makes one of two
    expected = {"round(2)(ndigits=1)": "round(2, ndigits=1)"}.get(name, name)
    assert name_of(NAMED[name]) == expected
    assert shown(NAMED[name]) == ("'relu'" if name == "relu" else expected)
