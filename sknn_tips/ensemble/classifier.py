"""FoldEnsembleClassifier."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, is_classifier
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from sknn_tips.ensemble.base import FoldEnsemble
from sknn_tips.ensemble.temperature import fit_temperature, rescale
from sknn_tips.exceptions import DataError
from sknn_tips.nn.ranges import is_number


class FoldEnsembleClassifier(ClassifierMixin, FoldEnsemble):
    """Average of classifiers that each leave out one fold.

    Each estimator is fitted once for each fold, on the other folds. The left-out fold is the
    validation set, if `fit` of the estimator accepts one (`X_val`), so that early stopping and
    ``monitor="val_loss"`` need no training samples. The out-of-fold predictions of all samples are
    used to determine a temperature for the probabilities of each estimator, the weights of the
    estimators, and a score.

    Parameters
    ----------
    estimators : estimator or list of (str, estimator)
        A classifier with `predict_proba`, or a list of named ones; they may be Pipelines.
        Estimators of the list can be replaced, or dropped with "drop", by `set_params`.

    cv : int, splitter or iterable of (train, test), default=5
        An int is the number of folds of a shuffled
        :class:`~sklearn.model_selection.StratifiedKFold` (of a KFold, if every class has fewer
        samples than that); None is 5 folds without shuffling. A class may have fewer samples than
        there are folds: members that have not seen it predict a probability of 0 for it.

    calibrate : bool, default=True
        Whether to use temperature scaling (Guo et al., 2017): the log probabilities of the members
        of an estimator are divided by the temperature with the smallest log loss on left-out folds.

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
        (Caruana et al., 2004) to minimise the log loss on left-out folds.

    temperatures_ : dict of str to float
        The number that the log probabilities of each estimator are divided by. Below 1 it makes
        them sharper; it is 1 without calibration.

    oof_prediction_ : ndarray of shape (n_samples, n_classes)
        Combined out-of-fold probabilities. If several members have left out a sample, their
        predictions are averaged; if none has, it is NaN.

    oof_score_ : float
        Accuracy of `oof_prediction_`.

    scores_ : DataFrame
        One row per member, with the `name` of its estimator, its `fold`, the accuracy on the
        left-out fold (`score`), the number of training samples (`n_train`) and the fit time in
        `seconds`.

    classes_ : ndarray of shape (n_classes,)
        Class labels.

    tips_ : list of Tip
        The tips of all networks, each code once, with the number of networks that have it.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame whose names are all strings.

    See Also
    --------
    FoldEnsembleRegressor : The corresponding ensemble for real-valued targets.
    sklearn.calibration.CalibratedClassifierCV : Calibrates the members of one estimator.
    sklearn.ensemble.StackingClassifier : Trains another model on out-of-fold predictions.

    References
    ----------
    - Caruana et al. (2004), "Ensemble selection from libraries of models", ICML.
    - Guo et al. (2017), "On calibration of modern neural networks", ICML.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.ensemble import FoldEnsembleClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier(16, learning_rate_init=0.02, max_iter=30, tol=None)
    >>> model = FoldEnsembleClassifier(
    ...     [("net", make_pipeline(StandardScaler(), net)), ("forest", RandomForestClassifier(20))],
    ...     random_state=0,
    ... )
    >>> model.fit(X, y).oof_score_ > 0.9
    True
    >>> len(model.estimators_["net"]), sorted(model.weights_)
    (5, ['forest', 'net'])
    """

    classes_: NDArray

    _response = "predict_proba"
    _is_classifier = True
    _fewest_to_score = 1
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **FoldEnsemble._parameter_constraints,
        "calibrate": ["boolean"],
    }

    def __init__(
        self,
        estimators: Any,
        *,
        cv: Any = 5,
        calibrate: bool = True,
        shared_steps: bool = False,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.estimators = estimators
        self.cv = cv
        self.calibrate = calibrate
        self.shared_steps = shared_steps
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any) -> NDArray:
        """Predict the class labels with the largest probability.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        proba = self.predict_proba(X)
        labels: NDArray = self.classes_[proba.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> NDArray:
        """Predict probabilities: the weighted average of the calibrated ones of all members.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            The columns are in the order of `classes_`.
        """
        return self._combined(X)

    def predict_log_proba(self, X: Any) -> NDArray:
        """Predict logarithms of probabilities: ``log(predict_proba(X))``.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)

        Returns
        -------
        log_p : ndarray of shape (n_samples, n_classes)
            Minus infinity for a probability of 0.
        """
        proba = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(proba)

    # -- how members are combined ----------------------------------------------------------------

    def _check_kind(self, name: str, estimator: Any) -> None:
        if not is_classifier(estimator):
            raise ValueError(
                f"The estimator {name!r}, {estimator!r}, is no classifier. Give classifiers, or use"
                " FoldEnsembleRegressor for real-valued targets."
            )
        if not hasattr(estimator, "predict_proba"):
            raise ValueError(
                f"The estimator {name!r}, {estimator!r}, has no predict_proba, and probabilities"
                " are averaged. Wrap it in sklearn.calibration.CalibratedClassifierCV."
            )

    def _learn_target(self, y: Any) -> NDArray:
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind not in ("binary", "multiclass"):
            raise DataError(
                f"y is {kind}, and FoldEnsembleClassifier learns one column of class labels. For"
                " several, wrap it in sklearn.multioutput.MultiOutputClassifier."
            )
        y = column_or_1d(y, warn=True)
        self.classes_ = np.unique(y)
        self.temperatures_: dict[str, float] = {}
        return y

    def _aligned(self, member: Any, prediction: NDArray | None) -> NDArray:
        if prediction is None:
            return np.empty((0, len(self.classes_)))
        aligned = np.zeros((len(prediction), len(self.classes_)))
        # of a single class, HistGradientBoostingClassifier predicts two columns
        known = prediction[:, : len(member.classes_)]
        aligned[:, np.searchsorted(self.classes_, member.classes_)] = known
        return aligned

    def _check_stored_target(self) -> None:
        members = [each for of_name in self.estimators_.values() for each in of_name]
        for classes in (self.classes_, *(member.classes_ for member in members)):
            if not isinstance(classes, np.ndarray) or classes.ndim != 1:
                raise ValueError(f"its classes are {classes!r}, not an array of labels")
            if not np.isin(classes, self.classes_).all():
                raise ValueError(f"a member has classes {classes!r}, besides {self.classes_!r}")
        for name in self.estimators_:
            if not is_number(self.temperatures_[name]):
                raise ValueError(f"a temperature is {self.temperatures_[name]!r}")

    def _calibrate(self, name: str, prediction: NDArray, y: NDArray, weight: NDArray) -> None:
        codes = self._codes(y)
        found = fit_temperature(prediction, codes, weight) if self.calibrate else 1.0
        self.temperatures_[name] = found

    def _calibrated(self, name: str, prediction: NDArray) -> NDArray:
        return rescale(prediction, self.temperatures_[name])

    def _to_weigh(
        self, predictions: NDArray, y: NDArray, weight: NDArray
    ) -> tuple[NDArray, Callable[[NDArray], NDArray], NDArray]:
        tiny = np.finfo(np.float64).tiny  # so that a probability of 0 has a finite loss
        of_class = predictions[:, np.arange(len(y)), self._codes(y)]
        return of_class, lambda average: -np.log(np.maximum(average, tiny)), weight

    def _score_of(self, y: NDArray, prediction: NDArray, weight: NDArray) -> float:
        labels = self.classes_[prediction.argmax(axis=1)]
        return float(accuracy_score(y, labels, sample_weight=weight))

    def _codes(self, y: NDArray) -> NDArray:
        return np.searchsorted(self.classes_, y)
