"""The datasets of the decks, as training and test samples."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sknn_tips import datasets

# D0 evaluates 78 batches of 128 samples.
FASHION_TEST_ROWS = 9984


class Rows(NamedTuple):
    """Training and test samples."""

    X_train: NDArray
    y_train: NDArray
    X_test: NDArray
    y_test: NDArray


def mnist() -> Rows:
    return _pictures(datasets.load_mnist)


def fashion_mnist() -> Rows:
    rows = _pictures(datasets.load_fashion_mnist)
    return rows._replace(
        X_test=rows.X_test[:FASHION_TEST_ROWS], y_test=rows.y_test[:FASHION_TEST_ROWS]
    )


def _pictures(load: Callable) -> Rows:
    parts = [load(subset=subset, return_X_y=True) for subset in ("train", "test")]
    return Rows(*(array for X, y in parts for array in (X.astype(np.float32) / 255, y)))


def softmax_toy() -> Rows:
    return _same(*datasets.load_softmax_toy(return_X_y=True))


def xor() -> Rows:
    return _same(*datasets.load_xor(return_X_y=True))


def learning_rate_toy() -> Rows:
    load = datasets.load_learning_rate_toy
    return Rows(*load(return_X_y=True), *load(subset="test", return_X_y=True))


def stock_prices() -> Rows:
    return _same(*datasets.load_stock_prices(return_X_y=True))


def stock_prices_scaled() -> Rows:
    X, y = datasets.load_stock_prices(return_X_y=True)
    return _same(_from_0_to_1(X), _from_0_to_1(y))


def _same(X: NDArray, y: NDArray) -> Rows:
    return Rows(X, y, X, y)


def _from_0_to_1(values: NDArray) -> NDArray:
    """Scale as the deck does; 1e-5 avoids a division by 0 for a constant column."""
    low, high = values.min(axis=0), values.max(axis=0)
    return (values - low) / (high - low + 1e-5)


DATA: dict[str, Callable[[], Rows]] = {
    "fashion_mnist": fashion_mnist,
    "learning_rate_toy": learning_rate_toy,
    "mnist": mnist,
    "softmax_toy": softmax_toy,
    "stock_prices": stock_prices,
    "stock_prices_scaled": stock_prices_scaled,
    "xor": xor,
}
REAL_TARGET = {"stock_prices", "stock_prices_scaled"}
