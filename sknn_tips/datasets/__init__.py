"""Data sets of the lectures and of the benchmarks.

The small ones are part of the package; the others are read from files or fetched from OpenML.
"""

from sknn_tips.datasets._available import is_available
from sknn_tips.datasets._lectures import (
    load_grades,
    load_house_sizes,
    load_learning_rate_toy,
    load_softmax_toy,
    load_stock_prices,
    load_xor,
)
from sknn_tips.datasets._mnist import CLASS_NAMES, load_fashion_mnist, load_mnist
from sknn_tips.datasets._tables import load_table

__all__ = [
    "CLASS_NAMES",
    "is_available",
    "load_fashion_mnist",
    "load_grades",
    "load_house_sizes",
    "load_learning_rate_toy",
    "load_mnist",
    "load_softmax_toy",
    "load_stock_prices",
    "load_table",
    "load_xor",
]
