"""TableCleaner: converts any table to numbers and categories."""

from numbers import Integral
from typing import Any, ClassVar, Self

import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sknn_tips._compat.sklearn import Interval, StrOptions, fit_context
from sknn_tips.exceptions import DataError, restoring
from sknn_tips.preprocessing.columns import column_of, learn_column, plain_column
from sknn_tips.preprocessing.reading import read_table


class TableCleaner(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Convert any table to a pandas DataFrame of float64 and categorical columns.

    `fit` determines for each column whether it is numeric or categorical, and `transform` converts
    it accordingly, even if its type has changed. :class:`TableEncoder` encodes the result, and
    ``HistGradientBoostingClassifier(categorical_features="from_dtype")`` accepts it directly.

    - **Numeric** columns: real numeric types (including nullable ones) and objects that are real
      numbers (including ``Decimal``) become float64, with NaN for missing values.
    - **Categorical** columns: the category type, text, booleans and all other hashable objects
      become a Categorical with the levels of `fit`, in sorted order. Levels are compared as text,
      and integral numbers as integers, so 1, 1.0 and "1" are the same level. Rare levels, if there
      are many (`max_levels`), are replaced by the level "infrequent" (with "_" appended if a
      level of that name was kept), and so are new levels in `transform`. Otherwise, a level that
      was not seen in `fit` becomes a missing value.
    - A column that has only missing values in `fit` is 0, also in `transform`.

    X is never changed.

    Parameters
    ----------
    max_levels : int or "auto", default="auto"
        Maximal number of levels of a categorical column. The most frequent levels are kept; among
        equally frequent ones, the first in sorted order. "auto" keeps 50 levels, and further ones
        that have at least 10 samples each, up to 250 (70 for a million samples, to limit the
        memory).

    Attributes
    ----------
    columns_ : list of objects
        The learnt types of the columns.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen in `fit`, if all of them are strings.

    See Also
    --------
    TableEncoder : Encodes the cleaned table as an array of numbers.

    Notes
    -----
    If X has no column names, or names that are not strings, the columns are named "x0", "x1", ...
    in the result and in error messages.

    Examples
    --------
    >>> import pandas as pd
    >>> from sknn_tips.preprocessing import TableCleaner
    >>> X = pd.DataFrame({"rooms": [2, None, 4], "heating": ["gas", "oil", None]}, dtype=object)
    >>> cleaner = TableCleaner().fit(X)
    >>> cleaner.transform(X).dtypes.astype(str).to_dict()
    {'rooms': 'float64', 'heating': 'category'}
    >>> new = pd.DataFrame({"rooms": ["3"], "heating": ["wood"]})
    >>> cleaner.transform(new)
       rooms heating
    0    3.0     NaN
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "max_levels": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
    }

    def __init__(self, max_levels: int | str = "auto") -> None:
        self.max_levels = max_levels

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the type of each column.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            In arrays of objects and lists, the type of each column is determined separately.

        y : None
            Ignored.

        Returns
        -------
        self : TableCleaner

        Raises
        ------
        DataError
            If columns contain dates or times, also as text (at least 20 different ones), complex
            numbers, infinity, unhashable objects, free text (at least 200 values, more than 90 % of
            them different), or more than `max_levels` different numbers written as text (50 with
            "auto"); the error names all of them. Text of the category type is always accepted. Also
            if X is not a table, is sparse or empty, or has several columns of the same name.

        Warns
        -----
        HintWarning
            If a column looks like an identifier or a row number: at least 200 integers, all
            different, in a range at most four times their number.
        """
        table = read_table(self, X, reset=True)
        columns, problems = [], []
        for name, column in table.items():
            try:
                columns.append(learn_column(column, str(name), self.max_levels))
            except DataError as error:  # continue, to name all columns in one error
                problems.append(error)
        if problems:
            raise _joined(problems)
        self.columns_ = columns
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Convert each column to the type that it had in `fit`.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)

        Returns
        -------
        X_clean : DataFrame of shape (n_samples, n_features)
            Has the index of X.

        Raises
        ------
        DataError
            If a numeric column contains infinity, or text that is not a number.
        """
        check_is_fitted(self)
        table = read_table(self, X, reset=False)
        clean = {
            name: learned.convert(column, str(name))
            for learned, (name, column) in zip(self.columns_, table.items(), strict=True)
        }
        return pd.DataFrame(clean, index=table.index)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "columns_" in state:  # files contain only plain values
            state["columns_"] = [plain_column(column) for column in self.columns_]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        with restoring(type(self).__name__):
            super().__setstate__(state)
            if "columns_" in state:
                self.columns_ = [column_of(column) for column in state["columns_"]]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _joined(problems: list[DataError]) -> DataError:
    """Return one error with the messages of several."""
    if len(problems) == 1:
        return problems[0]
    lines = "".join(f"\n- {problem}" for problem in problems)
    return DataError(f"{len(problems)} columns of X cannot be used:{lines}")
