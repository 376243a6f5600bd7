"""SquashingScaler: robust scaling followed by smooth clipping."""

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from sknn_tips._compat.sklearn import Interval, fit_context

# In units of max_absolute_value. For larger x, x / sqrt(1 + x^2) is exactly 1 in floating point.
# Infinity is clipped to this value, because the formula would return NaN for it.
AS_GOOD_AS_INFINITE = 1e9


class SquashingScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Scale features by median and interquartile range, and clip outliers smoothly.

    Each feature is centered on its median and divided by its interquartile range, then
    ``z / sqrt(1 + (z / max_absolute_value) ** 2)`` is applied: values near the median hardly
    change, and no absolute value exceeds ``max_absolute_value``. Thus outliers do not determine the
    scale, as with StandardScaler, and do not remain in the output, as with RobustScaler.

    If the interquartile range is zero, half the distance from minimum to maximum is used instead.
    A constant feature becomes 0. NaN is kept, and infinity becomes ``max_absolute_value``; both are
    ignored when the statistics are computed.

    Parameters
    ----------
    max_absolute_value : float, default=3.0
        Bound of the output, greater than 0.

    quantile_range : tuple of two floats, default=(25.0, 75.0)
        Percentages of the quantiles whose distance is the scale, as in
        :class:`sklearn.preprocessing.RobustScaler`.

    Attributes
    ----------
    center_ : ndarray of shape (n_features,)
        The median of each feature.

    scale_ : ndarray of shape (n_features,)
        The scale that each feature is divided by; infinite for a constant feature.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen in `fit`, if all of them are strings.

    See Also
    --------
    PiecewiseLinearEncoder : Adds a piecewise-linear encoding to the scaled features.
    sklearn.preprocessing.RobustScaler : The same without clipping.

    Notes
    -----
    The computation is that of ``skrub.SquashingScaler``; the method is from Holzmüller, Grinsztajn
    and Steinwart, "Better by default" (2024), https://arxiv.org/abs/2407.04491. float32 input
    remains float32, other input becomes float64; statistics are float64.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_tips.preprocessing import SquashingScaler
    >>> X = np.array([[1.0], [2.0], [3.0], [4.0], [1000.0]])
    >>> SquashingScaler().fit_transform(X).round(2).ravel()
    array([-0.95, -0.49,  0.  ,  0.49,  3.  ])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "max_absolute_value": [Interval(Real, 0, None, closed="neither")],
        "quantile_range": [tuple, list],
    }

    def __init__(
        self,
        max_absolute_value: float = 3.0,
        quantile_range: tuple[float, float] = (25.0, 75.0),
    ) -> None:
        self.max_absolute_value = max_absolute_value
        self.quantile_range = quantile_range

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Compute the median and scale of each feature.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers; NaN and infinity are allowed.

        y : None
            Ignored.

        Returns
        -------
        self : SquashingScaler
        """
        low, high = self.quantile_range
        if not 0 <= low < high <= 100:
            raise ValueError(
                f"quantile_range={self.quantile_range!r} must hold two percentages in increasing"
                " order, from 0 to 100, such as (25.0, 75.0)."
            )
        X = self._checked(X, reset=True)
        quantiles = np.array([low, 50, high]) / 100
        statistics = [_center_and_scale(column, quantiles) for column in X.T]
        self.center_, self.scale_ = np.array(statistics).T
        return self

    def transform(self, X: Any) -> NDArray:
        """Scale and clip X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        X_scaled : ndarray of shape (n_samples, n_features)
            Values from ``-max_absolute_value`` to ``max_absolute_value``, or NaN.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (X - self.center_) / (self.scale_ * self.max_absolute_value)
        # infinity divided by the infinite scale of a constant feature is NaN
        np.copyto(scaled, X, where=np.isinf(X))
        np.clip(scaled, -AS_GOOD_AS_INFINITE, AS_GOOD_AS_INFINITE, out=scaled)
        scaled /= np.sqrt(1 + scaled**2)  # at most 1, rounding included
        scaled *= self.max_absolute_value
        return scaled.astype(X.dtype, copy=False)

    def _checked(self, X: Any, *, reset: bool) -> NDArray:
        return validate_data(
            self, X, reset=reset, dtype=[np.float64, np.float32], ensure_all_finite=False
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _center_and_scale(column: NDArray, quantiles: NDArray) -> tuple[float, float]:
    """Return the median and the scale of the finite values."""
    known = column[np.isfinite(column)].astype(np.float64)
    if not known.size:
        return 0.0, np.inf
    low, median, high = np.quantile(known, quantiles)
    return median, (high - low) or (known.max() - known.min()) / 2 or np.inf
