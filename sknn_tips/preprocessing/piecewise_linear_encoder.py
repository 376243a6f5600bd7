"""PiecewiseLinearEncoder: encodes a number by its position in each of several bins."""

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags, check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted, validate_data

from sknn_tips._compat.sklearn import Interval, StrOptions, fit_context
from sknn_tips.exceptions import DataError
from sknn_tips.preprocessing.bins import (
    components,
    holds_classes,
    quantile_edges,
    tree_edges,
    write_components,
)
from sknn_tips.preprocessing.lack_of_fit import codes_or_ranks, log_p_value
from sknn_tips.preprocessing.squashing_scaler import SquashingScaler

# The bins of a feature are too coarse if the p-value of the lack-of-fit test is below this, divided
# by the number of features.
SIGNIFICANT = 0.001
# Of all features together that have an edge at each value: the number of edges, and of encoded
# numbers of the training samples. Pictures have hundreds of features with 256 values.
MOST_EDGES = 1000
MOST_CELLS = 100_000_000
# The number of samples that usually shows that a feature has too many values: sorting all samples
# takes .1 s for a million.
SOME = 10_000


class PiecewiseLinearEncoder(TransformerMixin, BaseEstimator):
    """Encode each number by its scaled value and its position in each of several bins.

    With the bin edges ``e[0] < ... < e[T]`` of a feature, component t of the encoding of x is
    ``clip((x - e[t - 1]) / (e[t] - e[t - 1]), 0, 1)``: 1 for bins below x, 0 for bins above x, and
    the relative position of x in its own bin. A linear layer of these components is a
    piecewise-linear function of x, so a network can easily fit steps and kinks of a feature. On
    tables this improves results more than most changes of the network itself (Gorishniy et al.,
    2022).

    The output for a feature consists of the number, scaled as by :class:`SquashingScaler`, and its
    components. A feature with fewer than two bins (constant, or two distinct values) has only the
    scaled number, since a single component would add no information.

    NaN is kept: all output features of a missing number are NaN. Use
    :class:`sklearn.impute.SimpleImputer` before this encoder to replace missing numbers. Infinity
    is allowed, and belongs to the outermost bin.

    Parameters
    ----------
    n_bins : int, default=16
        Maximal number of bins of a feature, at least 2; see also `max_values`.

    strategy : {"quantile", "tree"}, default="quantile"
        How the edges are determined:

        - "quantile": edges are quantiles, so that all bins contain about the same number of
          samples. If several quantiles fall on one frequent value, it becomes one edge, and the
          remaining edges are quantiles of the other values, as long as each bin has at least half
          of the samples that it would have otherwise. Thus a feature that is mostly zero has bins
          for its other values.
        - "tree": edges are the minimum, the maximum, and the thresholds of a decision tree with
          `n_bins` leaves, which is fitted to y with this feature only. The tree is a classifier if
          y contains classes, and a regressor if y is continuous, has several outputs, or contains
          numbers with more than 100 different values.

    max_absolute_value : float, default=3.0
        Bound of the scaled number, as in :class:`SquashingScaler`.

    max_values : int, default=256
        A feature with more than ``n_bins + 1``, but at most `max_values` distinct values, has an
        edge at each of them if `n_bins` quantile bins do not suffice for y: if the means of y at
        the values differ from the best piecewise-linear function by more than chance
        (lack-of-fit test, p < 0.001 divided by the number of features). Examples are codes of
        shops or years, and amounts with frequent round values. All such features together have at
        most 1,000 edges, and fewer for more than 100,000 samples, to limit the memory. 0 switches
        it off.

    Attributes
    ----------
    bin_edges_ : list of n_features ndarrays of shape (n_edges,)
        Edges of each feature in increasing order; empty for a feature without finite values.

    scaler_ : SquashingScaler
        The fitted scaler.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen in `fit`, if all of them are strings.

    See Also
    --------
    SquashingScaler : Returns only the scaled numbers.
    sklearn.preprocessing.KBinsDiscretizer : Bins without the position in the bin.
    sklearn.preprocessing.SplineTransformer : Smooth instead of piecewise-linear functions.

    References
    ----------
    Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in Tabular Deep
    Learning" (2022), https://arxiv.org/abs/2203.05556

    Draper and Smith, "Applied Regression Analysis" (1998), section 2.1: the lack-of-fit test.

    Notes
    -----
    float32 input remains float32, other input becomes float64; edges are float64.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_tips.preprocessing import PiecewiseLinearEncoder
    >>> X = np.array([[0.0], [1.0], [3.0], [10.0], [30.0]])
    >>> encoder = PiecewiseLinearEncoder(n_bins=4).fit(X)
    >>> encoder.bin_edges_
    [array([ 0.,  1.,  3., 10., 30.])]
    >>> encoder.transform([[2.0]]).round(2)
    array([[-0.11,  1.  ,  0.5 ,  0.  ,  0.  ]])
    >>> encoder.get_feature_names_out(["age"])
    array(['age', 'age_bin0', 'age_bin1', 'age_bin2', 'age_bin3'], dtype=object)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_bins": [Interval(Integral, 2, None, closed="left")],
        "strategy": [StrOptions({"quantile", "tree"})],
        "max_absolute_value": SquashingScaler._parameter_constraints["max_absolute_value"],
        "max_values": [Interval(Integral, 0, None, closed="left")],
    }

    def __init__(
        self,
        n_bins: int = 16,
        *,
        strategy: str = "quantile",
        max_absolute_value: float = 3.0,
        max_values: int = 256,
    ) -> None:
        self.n_bins = n_bins
        self.strategy = strategy
        self.max_absolute_value = max_absolute_value
        self.max_values = max_values

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the bin edges of each feature.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers; NaN and infinity are allowed, and ignored when edges are computed.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Target values. Required with ``strategy="tree"``. With ``strategy="quantile"``, they
            decide whether a feature needs more than `n_bins` bins; without them, none does.

        Returns
        -------
        self : PiecewiseLinearEncoder

        Raises
        ------
        DataError
            If y is None and ``strategy="tree"``.
        """
        by_tree = self.strategy == "tree"
        if by_tree and y is None:
            raise DataError(
                'PiecewiseLinearEncoder with strategy="tree" requires y to be passed, but the'
                ' target y is None. Pass y to fit, or set strategy="quantile".'
            )
        if by_tree:
            X, y = self._checked(X, reset=True, y=y, multi_output=True)
            classes = holds_classes(y)
        else:
            X = self._checked(X, reset=True)
        self.scaler_ = SquashingScaler(self.max_absolute_value).fit(X)
        self.bin_edges_ = []
        for column in X.T:
            known = np.isfinite(column)
            x = column[known].astype(np.float64)
            self.bin_edges_.append(
                tree_edges(x, y[known], self.n_bins, classes)
                if by_tree
                else quantile_edges(x, self.n_bins)
            )
        target = None if by_tree or y is None else _target(X, y)
        if target is not None:
            self._refine(X, target)
        return self

    def _refine(self, X: NDArray, target: NDArray) -> None:
        """Make each value of a feature an edge where its bins do not fit the target."""
        found = []
        for j, column in enumerate(X.T):
            known = np.isfinite(column)
            x = column[known].astype(np.float64)
            if len(np.unique(x[:SOME])) > self.max_values:
                continue
            values, codes = np.unique(x, return_inverse=True)
            if self.n_bins + 1 < len(values) <= self.max_values:
                basis = components(values, self.bin_edges_[j])
                log_p = log_p_value(codes, basis, target[known])
                if log_p < np.log(SIGNIFICANT / X.shape[1]):
                    found.append((log_p, j, values))
        left = min(MOST_EDGES, MOST_CELLS // len(X))
        for _, j, values in sorted(found, key=lambda each: each[:2]):  # the worst fits first
            if len(values) <= left:
                self.bin_edges_[j] = values
                left -= len(values)

    def transform(self, X: Any) -> NDArray:
        """Encode X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        X_encoded : ndarray of shape (n_samples, n_features_out)
            For each feature, the scaled number, then its components.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        scaled = self.scaler_.transform(X)
        n_bins = self._n_bins()
        encoded = np.empty((len(X), X.shape[1] + sum(n_bins)), dtype=X.dtype)
        start = 0
        for j, edges in enumerate(self.bin_edges_):
            encoded[:, start] = scaled[:, j]
            start += 1
            if n_bins[j]:
                write_components(X[:, j], edges, encoded[:, start : start + n_bins[j]])
                start += n_bins[j]
        return encoded

    def get_feature_names_out(self, input_features: Any = None) -> NDArray:
        """Return the names of the output features.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features. None is `feature_names_in_`, or else "x0", "x1", ...

        Returns
        -------
        feature_names_out : ndarray of str objects
            "age" for the scaled number, then "age_bin0", "age_bin1", ... from the lowest bin up.
        """
        check_is_fitted(self)
        names = OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        columns: list[str] = []
        for name, n_bins in zip(names, self._n_bins(), strict=True):
            columns += [name, *(f"{name}_bin{i}" for i in range(n_bins))]
        return np.array(columns, dtype=object)

    def _n_bins(self) -> list[int]:
        """Return the number of components of each feature."""
        return [len(edges) - 1 if len(edges) > 2 else 0 for edges in self.bin_edges_]

    def _checked(self, X: Any, *, reset: bool, **options: Any) -> Any:
        dtype = [np.float64, np.float32]
        return validate_data(self, X, reset=reset, dtype=dtype, ensure_all_finite=False, **options)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # files of earlier versions lack `max_values`: a refit gives the same bins as then
        super().__setstate__({"max_values": 0, **state})

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = self.strategy == "tree"
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _target(X: NDArray, y: Any) -> NDArray | None:
    """Return y for the lack-of-fit test, or None if it cannot be used.

    Then the estimator behind the encoder will raise an error, which says more about its y.
    """
    try:
        y = check_array(y, accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y")
        check_consistent_length(X, y)
        y = y.toarray() if sparse.issparse(y) else y
        return codes_or_ranks(y, classes=holds_classes(y))
    except (TypeError, ValueError):
        return None
