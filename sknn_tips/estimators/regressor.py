"""MLPRegressor."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d

from sknn_tips._argument_names import suggesting
from sknn_tips._compat.sklearn import available_if, fit_context
from sknn_tips.estimators import data_errors, inputs, options
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.docs import documented
from sknn_tips.exceptions import DataError, UnknownOptionError
from sknn_tips.metrics.targets import ValueTarget
from sknn_tips.nn.losses import Loss, loss_of
from sknn_tips.parameters import RegressorParameters, RegressorSignature


@documented(RegressorParameters)
class MLPRegressor(RegressorMixin, RegressorSignature, BaseMLP):
    """Multi-layer perceptron regressor.

    It accepts all parameters of :class:`sklearn.neural_network.MLPRegressor`, with the same
    meaning and defaults, and adds activations, initialisers, dropout, batch and layer
    normalisation, optimizers, schedules, scaling of the target and training on a GPU.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MLPClassifier : Multi-layer perceptron classifier, for class labels.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from sknn_tips import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(
    ...     MinMaxScaler(), MLPRegressor(normalize_y=True, max_iter=100, tol=None, random_state=0)
    ... )
    >>> model.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.4
    True
    """

    _table = RegressorParameters
    _score_name = "r2"
    _fewest_validation_rows = 2  # R squared of one sample is not defined

    def _validate_params(self) -> None:
        if not isinstance(self.loss, str) and not callable(self.loss):
            raise UnknownOptionError(
                f"loss={self.loss!r}: the first parameter of MLPRegressor is the loss, as in"
                f" scikit-learn. Write hidden_layer_sizes={self.loss!r} for the layers."
            )
        loss_of(self.loss)
        super()._validate_params()
        loss = options.regressor_loss(self)
        if self.normalize_y and np.isfinite(loss.lowest_target):
            raise ValueError(
                f"loss={self.loss!r} needs {_bound(loss)}, and normalize_y=True centres y around 0."
                " Leave normalize_y=False: the exponential output takes care of the scale."
            )

    @suggesting("MLPRegressor.fit")
    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Fit the network to X and y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples, with numeric features only. Scale them (StandardScaler, MinMaxScaler)
            in a Pipeline.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, in any units; see `normalize_y`.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights. The loss of a batch is the weighted mean.

        X_val, y_val : array-like, default=None
            Your own validation set. With `early_stopping` it replaces the split of the training
            data; otherwise its loss and metrics are recorded, and can be monitored. In a Pipeline,
            X_val must be scaled too; see the Pipeline's `transform_input`.

        sample_weight_val : array-like of shape (n_validation_samples,), default=None
            Sample weights of the validation set.

        Returns
        -------
        self : MLPRegressor
            The fitted estimator. If the fit fails, the estimator is not changed.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @available_if(lambda estimator: estimator._can_partial_fit())
    @suggesting("MLPRegressor.partial_fit")
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one more epoch on X and y.

        Optimizer state and random state are kept between calls, so k calls are equivalent to one
        `fit` of k epochs. A schedule with an end, such as "cosine", runs over `max_iter` calls and
        then starts again; a schedule that waits for improvement, such as "plateau", acts in `fit`
        only. Nothing is monitored, and no weights are restored. Ctrl-C stops training after the
        batch, keeps the model, and raises KeyboardInterrupt, which ends your loop over the calls.
        The checks run in calls 1, 2, 4, 8 ... and every 64th, and `tips_` holds the tips of the
        last of these calls. With `normalize_y`, the first call determines the scale.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self : MLPRegressor
        """
        return self._fit(X, y, sample_weight, incremental=True)._or_raise()

    def predict(self, X: Any) -> NDArray:
        """Predict targets, in the units of y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The dtype is float32 if X and the weights are float32, otherwise float64.
        """
        values = self._predict_with(X, lambda loss, raw: loss.link(raw))
        return self._target.decode(values)

    # -- targets ---------------------------------------------------------------------------------

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, NDArray]:
        X, y = inputs.check_both(self, X, y, self._accepted_dtypes, reset=reset, numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        try:
            y = np.asarray(y, dtype=np.float64)
        except ValueError as error:
            raise DataError(data_errors.text_target(str(error))) from error
        # numbers of dtype object were not checked before
        problem = data_errors.explain_target(y, self._float_dtype(X))
        if problem is not None:
            raise DataError(problem)
        loss = self._make_loss()
        below = y < loss.lowest_target if loss.lowest_is_allowed else y <= loss.lowest_target
        if below.any():
            raise DataError(
                f"loss={self.loss!r} needs {_bound(loss)}; y has {int(below.sum())} other values,"
                f" the smallest {y.min():g}. Use loss='squared_error', or shift y."
            )
        return X, y.reshape(len(y), -1)

    def _learn_target(self, y: NDArray, *, continuing: bool, incremental: bool) -> None:
        if continuing:
            self._check_known_target(y, "y")
            return
        self._y_columns = y.shape[1]
        self._y_mean = self._y_scale = None
        if self.normalize_y:
            scale = y.std(axis=0)
            self._y_mean, self._y_scale = y.mean(axis=0), np.where(scale > 0, scale, 1.0)

    def _check_known_target(self, y: NDArray, name: str) -> None:
        if y.shape[1] != self._y_columns:
            raise DataError(
                f"{name} has {y.shape[1]} outputs, and y had {self._y_columns} in fit. Give as many"
                " columns."
            )

    @property
    def _target(self) -> ValueTarget:
        return ValueTarget(self._y_columns, self._y_mean, self._y_scale)

    @property
    def _score_suits_loss(self) -> bool:
        return self._make_loss().predicts_centre

    def _make_loss(self) -> Loss:
        return options.regressor_loss(self)

    def _codes_to_stratify(self, y: NDArray) -> NDArray | None:
        return None

    def _training_weights(self, y: NDArray, weight: NDArray | None) -> NDArray | None:
        return weight


def _bound(loss: Loss) -> str:
    return f"y {'>=' if loss.lowest_is_allowed else '>'} {loss.lowest_target:g}"
