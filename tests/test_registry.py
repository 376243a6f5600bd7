import pytest

from sknn_tips._registry import check_options, lookup, unknown_option
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
