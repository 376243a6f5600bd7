"""Data sets of the lectures and of the benchmarks, read from files or fetched from OpenML."""

from sknn_tips.datasets._available import is_available
from sknn_tips.datasets._mnist import CLASS_NAMES, load_fashion_mnist, load_mnist
from sknn_tips.datasets._tables import load_table

__all__ = ["CLASS_NAMES", "is_available", "load_fashion_mnist", "load_mnist", "load_table"]
