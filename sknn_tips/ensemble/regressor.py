"""FoldEnsembleRegressor."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, is_regressor
from sklearn.metrics import r2_score
from sklearn.utils import check_array, column_or_1d

from sknn_tips.ensemble.base import FoldEnsemble


class FoldEnsembleRegressor(RegressorMixin, FoldEnsemble):
    """Average of regressors that each leave out one fold.

    Each estimator is fitted once for each fold, on the other folds. The left-out fold is the
    validation set, if `fit` of the estimator accepts one (`X_val`), so that early stopping and
    ``monitor="val_loss"`` need no training samples. The out-of-fold predictions of all samples are
    used to determine the weights of the estimators, and a score.

    Parameters
    ----------
    estimators : estimator or list of (str, estimator)
        A regressor, or a list of named ones; they may be Pipelines. Estimators of the list can be
        replaced, or dropped with "drop", by `set_params`.

    cv : int, splitter or iterable of (train, test), default=5
        An int is the number of folds of a shuffled :class:`~sklearn.model_selection.KFold`; None is
        5 folds without shuffling.

    clip : bool, default=False
        Whether to clip predictions of each output to the range of the target in `fit`. Predictions
        of networks may be far outside of it for unusual samples.

    shared_steps : bool, default=False
        Whether to fit all steps of a Pipeline but the last only once, on all samples, for all of
        its members. Then there is one encoder instead of one per fold, and one transform in
        `predict`. These steps see the left-out samples. This is no problem for unsupervised steps,
        such as scalers and encoders of categories; steps that learn from y (target encoders,
        feature selection) make out-of-fold scores, early stopping and weights too optimistic.

    warm_start : bool, default=False
        Whether `fit` continues with the members, folds and seeds of the last `fit` with
        warm_start=True. Members with ``warm_start=True`` then continue training. Parameters of
        `estimators` that were changed in between have no effect on these members.

    n_jobs : int, default=None
        Number of members that are fitted in parallel; None is 1 unless in a
        :obj:`joblib.parallel_config` context. In a :func:`sknn_tips.stacked` context, members are
        fitted in threads.

    random_state : int, RandomState instance or None, default=None
        Controls the shuffling of the samples if `cv` is an int, and the seeds of the members: each
        ``random_state`` parameter, also of nested estimators, is set to a different integer.

    verbose : int, default=0
        If 1, the number of fitted members is shown as a progress bar, or by occasional lines if a
        bar cannot be drawn.

    Attributes
    ----------
    estimators_ : dict of str to list
        The members of each estimator, in the order of the folds; with shared steps, their last
        steps. The name of a single estimator is that of its class in lower case.

    steps_ : dict of str to Pipeline
        The fitted shared steps, if any.

    weights_ : dict of str to float
        The weight of each estimator in the average, determined by greedy selection with replacement
        (Caruana et al., 2004) to minimise the squared error on left-out folds. Errors of several
        outputs are measured in units of the standard deviation of each output.

    oof_prediction_ : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Combined out-of-fold predictions. If several members have left out a sample, their
        predictions are averaged; if none has, it is NaN.

    oof_score_ : float
        R squared of `oof_prediction_`.

    scores_ : DataFrame
        One row per member, with the `name` of its estimator, its `fold`, R squared on the left-out
        fold (`score`), the number of training samples (`n_train`) and the fit time in `seconds`.

    tips_ : list of Tip
        The tips of all networks, each code once, with the number of networks that have it.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame whose names are all strings.

    See Also
    --------
    FoldEnsembleClassifier : The corresponding ensemble for class labels.
    sklearn.ensemble.StackingRegressor : Trains another model on out-of-fold predictions.

    References
    ----------
    - Caruana et al. (2004), "Ensemble selection from libraries of models", ICML.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.svm import SVR
    >>> from sknn_tips.ensemble import FoldEnsembleRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = FoldEnsembleRegressor([("ridge", Ridge(0.1)), ("svr", SVR(C=100))], random_state=0)
    >>> model.fit(X, y).oof_score_ > 0.48
    True
    >>> round(sum(model.weights_.values()), 6)
    1.0
    """

    _response = "predict"
    _is_classifier = False
    _fewest_to_score = 2
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **FoldEnsemble._parameter_constraints,
        "clip": ["boolean"],
    }

    def __init__(
        self,
        estimators: Any,
        *,
        cv: Any = 5,
        clip: bool = False,
        shared_steps: bool = False,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.estimators = estimators
        self.cv = cv
        self.clip = clip
        self.shared_steps = shared_steps
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any) -> NDArray:
        """Predict targets: the weighted average of the predictions of all members.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        return self._combined(X)

    # -- how members are combined ----------------------------------------------------------------

    def _check_kind(self, name: str, estimator: Any) -> None:
        if not is_regressor(estimator):
            raise ValueError(
                f"The estimator {name!r}, {estimator!r}, is no regressor. Give regressors, or use"
                " FoldEnsembleClassifier for class labels."
            )

    def _learn_target(self, y: Any) -> NDArray:
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._range = y.min(axis=0), y.max(axis=0)
        self._scale = np.where(y.std(axis=0) > 0, y.std(axis=0), 1.0)
        return y

    def _aligned(self, member: Any, prediction: NDArray | None) -> NDArray:
        if prediction is None:
            return np.empty((0, *self._scale.shape))
        # some estimators return a single output as a column
        return np.asarray(prediction, dtype=np.float64).reshape(-1, *self._scale.shape)

    def _check_stored_target(self) -> None:
        for value in (self._scale, *self._range):
            if np.asarray(value).dtype.kind not in "biuf" or np.ndim(value) > 1:
                raise ValueError(f"the scale or range of y is {value!r}")

    def _to_weigh(
        self, predictions: NDArray, y: NDArray, weight: NDArray
    ) -> tuple[NDArray, Callable[[NDArray], NDArray], NDArray]:
        residuals = (predictions - y) / self._scale
        n_outputs = self._scale.size
        return residuals.reshape(len(predictions), -1), np.square, np.repeat(weight, n_outputs)

    def _finished(self, combined: NDArray) -> NDArray:
        return np.clip(combined, *self._range) if self.clip else combined

    def _score_of(self, y: NDArray, prediction: NDArray, weight: NDArray) -> float:
        return float(r2_score(y, prediction, sample_weight=weight))
