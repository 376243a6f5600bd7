"""TableEncoder: encodes any table as one array of float32."""

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import (
    BaseEstimator,
    OneToOneFeatureMixin,
    TransformerMixin,
)
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sknn_tips._compat.sklearn import HasMethods, StrOptions, fit_context
from sknn_tips.preprocessing.piecewise_linear_encoder import PiecewiseLinearEncoder
from sknn_tips.preprocessing.reading import read_table
from sknn_tips.preprocessing.table_cleaner import TableCleaner


class TableEncoder(TransformerMixin, BaseEstimator):
    """Encode any table of numbers and categories as an array of float32.

    :class:`TableCleaner` decides which columns are numeric and which are categorical. Then

    - in **numeric** columns, missing values are replaced by the median, and all values are
      transformed by `numeric`;
    - a **missing indicator** is added for each numeric column with missing values in `fit`;
    - **categorical** columns are transformed by `categorical`. Missing values are a separate level
      if the column had missing values in `fit`; otherwise they are replaced by the most frequent
      level. A level that was not seen in `fit` becomes the infrequent level if there is one, and a
      missing value otherwise.

    Parameters
    ----------
    numeric : transformer, "passthrough" or "drop", default=None
        The transformer of numeric columns, after missing values were replaced. None is
        ``PiecewiseLinearEncoder()``. "drop" also drops the missing indicators.

    categorical : transformer or "drop", default=None
        The transformer of categorical columns, which are pandas Categorical columns of text and
        NaN. None is
        ``OneHotEncoder(drop="if_binary", handle_unknown="ignore", sparse_output=False)``.

    max_levels : int or "auto", default="auto"
        Maximal number of levels of a categorical column, as in :class:`TableCleaner`.

    Attributes
    ----------
    cleaner_ : TableCleaner
        The fitted cleaner.

    transformer_ : ColumnTransformer
        The fitted transformer of the clean table; its steps are "numeric", "missing" and
        "categorical".

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen in `fit`, if all of them are strings.

    See Also
    --------
    TableCleaner : Cleans the table without encoding it.
    PiecewiseLinearEncoder : The default encoding of numbers.

    Notes
    -----
    Both transformers are cloned in `fit` and are passed y, so ``TargetEncoder()`` and
    ``PiecewiseLinearEncoder(strategy="tree")`` work. ``fit(X, y).transform(X)`` may differ from
    ``fit_transform(X, y)`` if a transformer uses cross-fitting, as TargetEncoder does.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tips.preprocessing import TableEncoder
    >>> X = pd.DataFrame({"age": [20, 30, None, 40], "color": ["red", "blue", "green", "red"]})
    >>> encoder = TableEncoder(numeric=StandardScaler()).set_output(transform="pandas")
    >>> encoder.fit_transform(X).round(1)
       age  age_missing  color_blue  color_green  color_red
    0 -1.4          0.0         0.0          0.0        1.0
    1  0.0          0.0         1.0          0.0        0.0
    2  0.0          1.0         0.0          1.0        0.0
    3  1.4          0.0         0.0          0.0        1.0
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "numeric": [HasMethods(["fit", "transform"]), StrOptions({"passthrough", "drop"}), None],
        "categorical": [HasMethods(["fit", "transform"]), StrOptions({"drop"}), None],
        "max_levels": TableCleaner._parameter_constraints["max_levels"],
    }

    def __init__(
        self, numeric: Any = None, categorical: Any = None, *, max_levels: int | str = "auto"
    ) -> None:
        self.numeric = numeric
        self.categorical = categorical
        self.max_levels = max_levels

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the type of each column and fit the transformers.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            Numbers, text, categories and booleans; missing values are allowed.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Target values, for transformers that use them. The default one tests with them whether
            its bins suffice.

        Returns
        -------
        self : TableEncoder

        Raises
        ------
        DataError
            As in :meth:`TableCleaner.fit`.
        """
        self.fit_transform(X, y)
        return self

    @fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Fit to X and encode it, with cross-fitting if a transformer uses it.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)

        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None

        Returns
        -------
        X_encoded : ndarray of shape (n_samples, n_features_out)
            float32.
        """
        # the transformers must return their default types, even if the user has set a global output
        with config_context(transform_output="default"):
            table = read_table(self, X, reset=True)
            self.cleaner_ = TableCleaner(max_levels=self.max_levels).fit(table)
            clean = self.cleaner_.transform(table)
            self._replacements = {
                name: column.mode()[0]
                for name, column in clean.select_dtypes("category").items()
                if not column.hasnans
            }
            self.transformer_ = self._make_transformer(clean)
            return _as_float32(self.transformer_.fit_transform(clean, y))

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Encode a table.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)

        Returns
        -------
        X_encoded : ndarray of shape (n_samples, n_features_out)
            float32.

        Raises
        ------
        DataError
            As in :meth:`TableCleaner.transform`.
        """
        check_is_fitted(self)
        with config_context(transform_output="default"):
            clean = self.cleaner_.transform(read_table(self, X, reset=False))
            clean = clean.fillna(self._replacements)
            return _as_float32(self.transformer_.transform(clean))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray:
        """Return the names of the output features.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Only checked against the names seen in `fit`.

        Returns
        -------
        feature_names_out : ndarray of str objects
            Names such as "age", "age_bin3", "age_missing", "color_red".
        """
        check_is_fitted(self)
        OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        names: NDArray = self.transformer_.get_feature_names_out()
        if callable(self.transformer_.verbose_feature_names_out):
            return names  # of a model file of an earlier version
        return np.array([_name_out(*name.split("__", 1)) for name in names], dtype=object)

    def _make_transformer(self, clean: pd.DataFrame) -> ColumnTransformer:
        numeric = PiecewiseLinearEncoder() if self.numeric is None else self.numeric
        missing: Any = MissingIndicator(features="missing-only", error_on_new=False)
        if numeric == "drop":
            missing = "drop"
        else:
            imputer = SimpleImputer(strategy="median", keep_empty_features=True)
            numeric = make_pipeline(imputer, numeric)
        categorical = self.categorical
        if categorical is None:
            categorical = OneHotEncoder(
                drop="if_binary", handle_unknown="ignore", sparse_output=False, dtype=np.float32
            )
        numbers = list(clean.select_dtypes("float64"))
        categories = list(clean.select_dtypes("category"))
        return ColumnTransformer(
            [
                ("numeric", numeric, numbers),
                ("missing", missing, numbers),
                ("categorical", categorical, categories),
            ],
            sparse_threshold=0,  # always dense
            verbose_feature_names_out=True,  # a function would be a type to trust in files
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _as_float32(X: Any) -> NDArray[np.float32]:
    return np.ascontiguousarray(X, dtype=np.float32)


def _name_out(transformer: str, feature: str) -> str:
    """Return the name of an output feature, given the one from its transformer."""
    if transformer == "missing":
        return feature.removeprefix("missingindicator_") + "_missing"
    return feature
