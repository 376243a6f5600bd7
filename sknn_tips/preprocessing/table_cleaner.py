"""TableCleaner: any table as numbers and categories."""

from numbers import Integral
from typing import Any, ClassVar, Self

import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sknn_tips._compat.sklearn import Interval, fit_context
from sknn_tips.preprocessing.columns import learn_column
from sknn_tips.preprocessing.reading import read_table


class TableCleaner(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Turn any table into a pandas DataFrame of float64 and categorical columns.

    `fit` decides for each column whether it holds numbers or categories, and `transform` holds to
    that, whatever the types are then. The result is what :class:`TableEncoder` encodes, and what
    ``HistGradientBoostingClassifier(categorical_features="from_dtype")`` takes as it is.

    - **Numbers**: real numeric types, nullable ones included, and objects that are real numbers
      (``Decimal`` too) become float64, NaN where missing.
    - **Categories**: the category type, text, bools and all other hashable objects become a
      Categorical with the levels of `fit`, in sorted order. Levels are compared as text, and
      integral numbers as integers: 1, 1.0 and "1" are one level. Where there are more than
      `max_levels`, the rarest are together the level "infrequent" (with "_" appended while a level
      of that name was kept), and so is any level that comes later; else a level that was not seen
      in `fit` becomes missing.
    - A column without a value in `fit` is 0, in every later table too.

    X is never changed.

    Parameters
    ----------
    max_levels : int, default=50
        How many levels of a category are kept, the most frequent ones. Of equally frequent levels
        the first in sorted order is kept.

    Attributes
    ----------
    columns_ : list of objects
        What was learned about each column, in their order.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen in `fit`, where all of them are strings.

    See Also
    --------
    TableEncoder : Encodes the clean table as an array of numbers.

    Notes
    -----
    Without names, or with names that are not strings, columns are called "x0", "x1", ... in the
    result and in errors.

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
        "max_levels": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, max_levels: int = 50) -> None:
        self.max_levels = max_levels

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn what each column holds.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            Arrays of objects and lists are looked at column by column.

        y : None
            Ignored.

        Returns
        -------
        self : TableCleaner

        Raises
        ------
        DataError
            If a column holds dates or times, complex numbers, infinity, unhashable objects, or
            free text (at least 200 values, more than 90 % of them different, not declared a
            category), or more than `max_levels` different numbers written as text; if X is no
            table, is sparse or empty, or has columns of the same name.
        """
        table = read_table(self, X, reset=True)
        self.columns_ = [
            learn_column(column, str(name), self.max_levels) for name, column in table.items()
        ]
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Convert each column to what it was in `fit`.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)

        Returns
        -------
        X_clean : DataFrame of shape (n_samples, n_features)
            With the index of X.

        Raises
        ------
        DataError
            If a column of numbers holds infinity, or text that is no number.
        """
        check_is_fitted(self)
        table = read_table(self, X, reset=False)
        clean = {
            name: learned.convert(column, str(name))
            for learned, (name, column) in zip(self.columns_, table.items(), strict=True)
        }
        return pd.DataFrame(clean, index=table.index)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags
