"""The small data sets of the lectures, which are part of the package."""

import numpy as np

from sknn_tips.datasets._bunch import Loaded, bundle
from sknn_tips.datasets._subsets import subset_rows
from sknn_tips.datasets._toys import (
    GRADES,
    HOUSE_SIZES,
    LEARNING_RATE,
    N_TRAIN,
    SOFTMAX,
    STOCK_PRICES,
    XOR,
    Toy,
)


def load_xor(*, return_X_y: bool = False, as_frame: bool = False) -> Loaded:
    """Load XOR: the class is 1 if exactly one of two inputs is 1.

    The classes are not linearly separable, so a network without a hidden layer predicts at
    most three of the four samples correctly.

    Parameters
    ----------
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (4, 2) as float64, ``target`` of shape (4,) as int64,
        ``frame``, ``feature_names``, ``target_names`` and ``DESCR``; or the tuple
        ``(data, target)`` with ``return_X_y=True``.

    Examples
    --------
    >>> from sknn_tips.datasets import load_xor
    >>> load_xor(return_X_y=True)
    (array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]), array([0, 1, 1, 0]))
    """
    return _load(XOR, return_X_y, as_frame)


def load_softmax_toy(*, return_X_y: bool = False, as_frame: bool = False) -> Loaded:
    """Load the example of the softmax lecture: eight samples of four integers, three classes.

    Parameters
    ----------
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (8, 4) as float64, ``target`` of shape (8,) as int64 from 0
        to 2, ``frame``, ``feature_names``, ``target_names`` and ``DESCR``; or the tuple
        ``(data, target)`` with ``return_X_y=True``.

    See Also
    --------
    load_learning_rate_toy : A similar example with test samples.

    Examples
    --------
    >>> from sknn_tips.datasets import load_softmax_toy
    >>> load_softmax_toy().target
    array([2, 2, 2, 1, 1, 1, 0, 0])
    """
    return _load(SOFTMAX, return_X_y, as_frame)


def load_learning_rate_toy(
    *, subset: str = "train", return_X_y: bool = False, as_frame: bool = False
) -> Loaded:
    """Load the example for comparing learning rates: three features and three classes.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The eight training samples of the lecture, its three test samples (all of class 2),
        or both in this order.
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (n_samples, 3) as float64, ``target`` of shape (n_samples,)
        as int64 from 0 to 2, ``frame``, ``feature_names``, ``target_names`` and
        ``DESCR``; or the tuple ``(data, target)`` with ``return_X_y=True``.

    Examples
    --------
    >>> from sknn_tips.datasets import load_learning_rate_toy
    >>> X, y = load_learning_rate_toy(return_X_y=True)
    >>> X_val, y_val = load_learning_rate_toy(subset="test", return_X_y=True)
    >>> X.shape, X_val.shape
    ((8, 3), (3, 3))
    """
    return _load(LEARNING_RATE, return_X_y, as_frame, subset_rows(subset, N_TRAIN))


def load_stock_prices(*, return_X_y: bool = False, as_frame: bool = False) -> Loaded:
    """Load eight days of stock prices: the target is the closing price of a day.

    Prices are about 800, while the volume is about a million shares. Therefore plain
    gradient descent diverges unless features and target are scaled.

    Parameters
    ----------
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (8, 4) as float64 (opening and highest price, volume,
        lowest price), ``target`` of shape (8,) as float64 (the closing price), ``frame``,
        ``feature_names``, ``target_names`` and ``DESCR``; or the tuple
        ``(data, target)`` with ``return_X_y=True``.

    Examples
    --------
    >>> from sknn_tips.datasets import load_stock_prices
    >>> load_stock_prices(as_frame=True).frame.head(2)
             open        high     volume         low       close
    0  828.659973  833.450012   908100.0  828.349976  831.659973
    1  823.020020  828.070007  1828100.0  821.655029  828.070007
    """
    return _load(STOCK_PRICES, return_X_y, as_frame)


def load_grades(*, return_X_y: bool = False, as_frame: bool = False) -> Loaded:
    """Load five students: the target is the grade A, B or C, by hours of study and attendance.

    Parameters
    ----------
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (5, 2) as float64, ``target`` of shape (5,) as strings,
        ``frame``, ``feature_names``, ``target_names`` and ``DESCR``; or the tuple
        ``(data, target)`` with ``return_X_y=True``.

    Examples
    --------
    >>> from sknn_tips.datasets import load_grades
    >>> load_grades(as_frame=True).frame
       hours  attendance target
    0   10.0         5.0      A
    1    9.0         5.0      A
    2    3.0         2.0      B
    3    2.0         4.0      B
    4   11.0         1.0      C
    """
    return _load(GRADES, return_X_y, as_frame)


def load_house_sizes(*, return_X_y: bool = False, as_frame: bool = False) -> Loaded:
    """Load ten houses: the target is the price, by size.

    The lecture uses it as a warning: a model that is tested on its ten training samples
    may have memorised them.

    Parameters
    ----------
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (10, 1) as float64 (square feet), ``target`` of shape (10,)
        as float64 (thousands of dollars), ``frame``, ``feature_names``, ``target_names``
        and ``DESCR``; or the tuple ``(data, target)`` with ``return_X_y=True``.

    Examples
    --------
    >>> from sknn_tips.datasets import load_house_sizes
    >>> load_house_sizes(as_frame=True).frame.head(2)
       square_feet  price
    0       2104.0  400.0
    1       1600.0  330.0
    """
    return _load(HOUSE_SIZES, return_X_y, as_frame)


def _load(toy: Toy, return_X_y: bool, as_frame: bool, place: slice = slice(None)) -> Loaded:
    rows = toy.rows[place]
    return bundle(
        np.array([row[:-1] for row in rows], dtype=np.float64),
        np.array([row[-1] for row in rows], dtype=None if toy.class_names else np.float64),
        feature_names=toy.feature_names,
        description=toy.description,
        class_names=toy.class_names,
        target_name=toy.target_name,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
