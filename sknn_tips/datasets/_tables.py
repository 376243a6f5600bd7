"""The tables of the benchmarks: one Parquet file each, with ``target`` as the last column."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from sknn_tips._registry import lookup
from sknn_tips.datasets._bunch import bundle
from sknn_tips.datasets._find import find_file, how_to_provide
from sknn_tips.datasets._openml import fetch

TARGET = "target"


class Table(NamedTuple):
    """Description and source of a table."""

    description: str
    openml: tuple[str, int] | None = None  # name and version, if OpenML has the same samples


CLASSIFICATION = {
    "adult": Table("48,842 people: who earns more than 50,000 dollars a year", ("adult", 2)),
    "churn_mlc": Table("5,000 telephone customers: who leaves"),
    "covertype": Table("581,012 patches of forest: which of 7 kinds of trees grows there"),
    "credit_g": Table("1,000 German loans: good or bad", ("credit-g", 1)),
    "letter": Table("20,000 printed letters by 16 measures: which of 26", ("letter", 1)),
    "phoneme": Table("5,404 vowels by five harmonics: nasal or oral", ("phoneme", 1)),
    "spambase": Table("4,601 emails by word frequencies: spam or not", ("spambase", 1)),
    "titanic": Table("1,309 passengers of the Titanic: who survived"),
}

REGRESSION = {
    "abalone": Table("4,177 abalones by size and weight: their rings, which tell the age"),
    "ames_housing": Table("2,930 houses sold in Ames, Iowa: the price in dollars"),
    "bike_sharing_hour": Table("17,379 hours of bike sharing: the number of bikes rented"),
    "california_housing": Table("20,640 districts of California: median price in 100,000 dollars"),
    "diamonds": Table("53,940 diamonds: the price in dollars", ("diamonds", 1)),
    "wine_quality": Table("6,497 red and white wines: the quality, tasted from 0 to 10"),
}

TABLES = CLASSIFICATION | REGRESSION


def load_table(name: str, *, return_X_y: bool = False) -> Bunch | tuple[pd.DataFrame, pd.Series]:
    """Load one of the tables of the benchmarks, neither scaled nor encoded.

    The file ``tabular/<name>.parquet`` is read from the folder named by the environment
    variable ``SKNN_TIPS_DATA``. If it is not there, the table is fetched from OpenML if OpenML
    has it (``adult``, ``credit_g``, ``diamonds``, ``letter``, ``phoneme``, ``spambase``). The
    samples are the same, but columns and classes have the names of OpenML.

    Parameters
    ----------
    name : str
        For classification: ``"adult"``, ``"churn_mlc"``, ``"covertype"``, ``"credit_g"``,
        ``"letter"``, ``"phoneme"``, ``"spambase"``, ``"titanic"``. For regression:
        ``"abalone"``, ``"ames_housing"``, ``"bike_sharing_hour"``,
        ``"california_housing"``, ``"diamonds"``, ``"wine_quality"``.
    return_X_y : bool, default=False
        If true, return ``(X, y)`` instead of a Bunch.

    Returns
    -------
    Bunch
        With ``data``, a DataFrame in which categorical columns have the category type and
        missing values are NaN; ``target``, a Series of the category type for classification
        and of float64 for regression; ``frame``, a DataFrame with both; ``feature_names``,
        ``target_names`` and ``DESCR``. Or the tuple ``(data, target)`` with
        ``return_X_y=True``.

    Notes
    -----
    Reading Parquet files requires pyarrow: ``pip install "sknn_tips[data]"``.

    Examples
    --------
    >>> from sknn_tips.datasets import load_table
    >>> load_table("titanick")
    Traceback (most recent call last):
    ...
    sknn_tips.exceptions.UnknownOptionError: name='titanick' is not known. Did you mean ...
    """
    table = lookup(TABLES, name, "name")
    path = find_file(table_file(name))
    X, y = _fetch(name, table) if path is None else _read(path)
    return bundle(
        X,
        y,
        feature_names=X.columns,
        description=f"{name}: {table.description}.",
        class_names=None if name in REGRESSION else y.cat.categories,
        target_name=TARGET,
        return_X_y=return_X_y,
        as_frame=True,
    )


def table_file(name: str) -> str:
    """Return the path of the file of a table inside a data folder."""
    return f"tabular/{name}.parquet"


def _read(path: Path) -> tuple[pd.DataFrame, pd.Series]:
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError(
            f'{str(path)!r} is read by pyarrow: pip install "sknn_tips[data]"'
        ) from error
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except pyarrow.ArrowInvalid as error:
        raise ValueError(
            f"{str(path)!r} is damaged: {error}. Delete it and copy it again from its source."
        ) from error
    if frame.columns[-1] != TARGET:
        raise ValueError(
            f"The last column of {str(path)!r} is {frame.columns[-1]!r}, not {TARGET!r}: "
            "put the column to predict last, under that name."
        )
    return frame.drop(columns=TARGET), frame[TARGET]


def _fetch(name: str, table: Table) -> tuple[pd.DataFrame, pd.Series]:
    missing = table_file(name)
    if table.openml is None:
        raise FileNotFoundError(
            f"There is no file {missing!r}, and OpenML does not have this table as it is used "
            f"here. {how_to_provide(missing)}"
        )
    openml_name, version = table.openml
    bunch = fetch(openml_name, version, as_frame=True, instead_of=missing)
    kind = np.float64 if name in REGRESSION else "category"
    return bunch.data, bunch.target.astype(kind).rename(TARGET)
