"""The samples of the small data sets, as printed in the slides of the lectures."""

from collections.abc import Sequence
from typing import NamedTuple


class Toy(NamedTuple):
    """A small data set. The last value of each row is the target."""

    rows: Sequence[tuple[float, ...] | tuple[float, float, str]]
    feature_names: tuple[str, ...]
    description: str
    class_names: tuple[str, ...] | None = None  # None: regression
    target_name: str = "target"


XOR = Toy(
    [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)],
    ("x1", "x2"),
    'XOR: the four rows of the truth table. From the lecture "12. Softmax Classification".',
    class_names=("0", "1"),
)

SOFTMAX = Toy(
    [
        (1, 2, 1, 1, 2),
        (2, 1, 3, 2, 2),
        (3, 1, 3, 4, 2),
        (4, 1, 5, 5, 1),
        (1, 7, 5, 5, 1),
        (1, 2, 5, 6, 1),
        (1, 6, 6, 6, 0),
        (1, 7, 7, 7, 0),
    ],
    ("x1", "x2", "x3", "x4"),
    "The softmax toy: 8 rows of 4 whole numbers, 3 classes. "
    'From the lecture "12. Softmax Classification".',
    class_names=("0", "1", "2"),
)

# The number of training samples in the following data set; the other samples are for testing.
N_TRAIN = 8

LEARNING_RATE = Toy(
    [
        (1, 2, 1, 2),
        (1, 3, 2, 2),
        (1, 3, 4, 2),
        (1, 5, 5, 1),
        (1, 7, 5, 1),
        (1, 2, 5, 1),
        (1, 6, 6, 0),
        (1, 7, 7, 0),
        (2, 1, 1, 2),
        (3, 1, 2, 2),
        (3, 3, 4, 2),
    ],
    ("x1", "x2", "x3"),
    "The learning-rate toy: 8 rows to train on and 3 to evaluate on, of 3 whole numbers, "
    '3 classes. From the lecture "Keras Application & Tips".',
    class_names=("0", "1", "2"),
)

STOCK_PRICES = Toy(
    [
        (828.659973, 833.450012, 908100, 828.349976, 831.659973),
        (823.02002, 828.070007, 1828100, 821.655029, 828.070007),
        (819.929993, 824.400024, 1438100, 818.97998, 824.159973),
        (816, 820.958984, 1008100, 815.48999, 819.23999),
        (819.359985, 823, 1188100, 818.469971, 818.97998),
        (819, 823, 1198100, 816, 820.450012),
        (811.700012, 815.25, 1098100, 809.780029, 813.669983),
        (809.51001, 816.659973, 1398100, 804.539978, 809.559998),
    ],
    ("open", "high", "volume", "low"),
    "Stock prices: 8 days of a share: prices, and the volume in shares. "
    'From the lectures "12. Softmax Classification" and "Keras Application & Tips".',
    target_name="close",
)

GRADES = Toy(
    [(10, 5, "A"), (9, 5, "A"), (3, 2, "B"), (2, 4, "B"), (11, 1, "C")],
    ("hours", "attendance"),
    "Grades: 5 students by hours of study and attendance; one of them has a C. "
    'From the lecture "DNN (Deep Neural Net)".',
    class_names=("A", "B", "C"),
)

HOUSE_SIZES = Toy(
    [
        (2104, 400),
        (1600, 330),
        (2400, 369),
        (1416, 232),
        (3000, 540),
        (1985, 300),
        (1534, 315),
        (1427, 199),
        (1380, 212),
        (1494, 243),
    ],
    ("square_feet",),
    "House sizes: 10 houses, their size in square feet and price in thousands of dollars. "
    'From the lecture "DNN (Deep Neural Net)".',
    target_name="price",
)
