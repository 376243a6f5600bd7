"""The rows against the slides' own text, and facts that hold for what they describe."""

import numpy as np
import pytest

from sknn_tips.datasets import _toys

AS_ON_THE_SLIDES = {
    "XOR": "0 0 0, 0 1 1, 1 0 1, 1 1 0",
    "SOFTMAX": "1 2 1 1 2, 2 1 3 2 2, 3 1 3 4 2, 4 1 5 5 1, 1 7 5 5 1, 1 2 5 6 1, 1 6 6 6 0, "
    "1 7 7 7 0",
    "LEARNING_RATE": "1 2 1 2, 1 3 2 2, 1 3 4 2, 1 5 5 1, 1 7 5 1, 1 2 5 1, 1 6 6 0, 1 7 7 0, "
    "2 1 1 2, 3 1 2 2, 3 3 4 2",
    "STOCK_PRICES": "828.659973 833.450012 908100 828.349976 831.659973, "
    "823.02002 828.070007 1828100 821.655029 828.070007, "
    "819.929993 824.400024 1438100 818.97998 824.159973, "
    "816 820.958984 1008100 815.48999 819.23999, "
    "819.359985 823 1188100 818.469971 818.97998, "
    "819 823 1198100 816 820.450012, "
    "811.700012 815.25 1098100 809.780029 813.669983, "
    "809.51001 816.659973 1398100 804.539978 809.559998",
    "GRADES": "10 5 A, 9 5 A, 3 2 B, 2 4 B, 11 1 C",
    "HOUSE_SIZES": "2104 400, 1600 330, 2400 369, 1416 232, 3000 540, 1985 300, 1534 315, "
    "1427 199, 1380 212, 1494 243",
}
each_toy = pytest.mark.parametrize("name", AS_ON_THE_SLIDES)


def test_every_toy_is_checked():
    toys = {name for name, value in vars(_toys).items() if isinstance(value, _toys.Toy)}
    assert set(AS_ON_THE_SLIDES) == toys


@each_toy
def test_the_rows_are_those_of_the_slides(name):
    rows = [row.split() for row in AS_ON_THE_SLIDES[name].split(", ")]
    assert [[str(value) for value in row] for row in getattr(_toys, name).rows] == rows


@each_toy
def test_every_feature_and_class_has_a_name(name):
    toy = getattr(_toys, name)
    assert {len(row) for row in toy.rows} == {len(toy.feature_names) + 1}
    assert toy.class_names is None or set(toy.class_names) == {str(row[-1]) for row in toy.rows}


@each_toy
def test_the_description_names_its_lecture(name):
    assert "From the lecture" in getattr(_toys, name).description


def test_no_price_of_a_day_is_above_its_highest_or_below_its_lowest():
    opening, high, _, low, close = np.transpose(_toys.STOCK_PRICES.rows)
    assert (high >= np.maximum(opening, close)).all()
    assert (low <= np.minimum(opening, close)).all()
