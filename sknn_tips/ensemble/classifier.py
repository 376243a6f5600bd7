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


class FoldEnsembleClassifier(ClassifierMixin, FoldEnsemble):
    """Average of classifiers that each leave out one fold.

    Every estimator is fitted once for each fold, on the other folds. The fold that it leaves out is
    its validation set, where its `fit` takes one (`X_val`), so that early stopping and
    ``monitor="val_loss"`` cost no training samples. Each sample is
    predicted by the members that were not trained on it; from these predictions come a temperature
    for the probabilities of each estimator, the weights of the estimators, and a score.

    Parameters
    ----------
    estimators : estimator or list of (str, estimator)
        One classifier with `predict_proba`, or several with their names, which may be Pipelines.
        Those of the list are replaced, or left out by "drop", with `set_params`.

    cv : int, splitter or iterable of (train, test), default=5
        An int is the number of folds of a shuffled
        :class:`~sklearn.model_selection.StratifiedKFold` (of a KFold, if every class has fewer
        samples than that); None is 5 folds without shuffling. A class may be rarer than there are
        folds: members that have not seen it give it a probability of 0.

    calibrate : bool, default=True
        Temperature scaling (Guo et al., 2017): the log probabilities of an estimator's members are
        divided by the temperature that gives the smallest log loss on left-out folds.

    shared_steps : bool, default=False
        Fit the steps in front of a Pipeline's last one once, on all samples, for all of its
        members: one encoder instead of one a fold, and one transform in `predict`. These steps then
        see the left-out samples. That is all right for unsupervised ones, such as scalers and
        encoders of categories; steps that learn from y (target encoders, feature selection) make
        left-out scores, early stopping and weights too hopeful.

    warm_start : bool, default=False
        Let `fit` continue with the members of the last `fit` under warm_start=True, its folds and
        its seeds: members that have ``warm_start=True`` continue training. Parameters of
        `estimators` that were changed in between have no effect on these members.

    n_jobs : int, default=None
        How many members are fitted at a time; None is 1 unless in a :obj:`joblib.parallel_config`
        context. In a :func:`sknn_tips.stacked` context, they are fitted in threads.

    random_state : int, RandomState instance or None, default=None
        Shuffles the samples where `cv` is an int, and gives each member a seed: every
        ``random_state`` parameter, of nested estimators too, is set to another integer.

    verbose : int, default=0
        1 shows how many members are fitted: a progress bar, or where none can be drawn a line now
        and then.

    Attributes
    ----------
    estimators_ : dict of str to list
        The members of each estimator, in the order of the folds; with shared steps, their last
        steps. A single estimator has the name of its class in lower case.

    steps_ : dict of str to Pipeline
        The fitted shared steps, where there are some.

    weights_ : dict of str to float
        The share of each estimator in the average, found by greedy selection with replacement
        (Caruana et al., 2004) for the smallest log loss on left-out folds.

    temperatures_ : dict of str to float
        What the log probabilities of each estimator are divided by: below 1 makes them sharper; 1
        without calibration.

    oof_prediction_ : ndarray of shape (n_samples, n_classes)
        Combined probabilities by members that have left the sample out, their mean where these are
        several; NaN if there is none.

    oof_score_ : float
        Accuracy of `oof_prediction_`.

    scores_ : DataFrame
        A row for each member: the `name` of its estimator, its `fold`, the accuracy on the left-out
        fold (`score`), the number of samples it was trained on (`n_train`) and the `seconds` that
        took.

    classes_ : ndarray of shape (n_classes,)
        Class labels.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, where X is a frame with names that are all strings.

    See Also
    --------
    FoldEnsembleRegressor : The same for real-valued targets.
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
        """Predict class labels: those of the largest probability.

        Parameters
        ----------
        X : array-like, sparse matrix or frame of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        proba = self.predict_proba(X)
        labels: NDArray = self.classes_[proba.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> NDArray:
        """Predict probabilities: the weighted average of the members', after temperature scaling.

        Parameters
        ----------
        X : array-like, sparse matrix or frame of shape (n_samples, n_features)

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        return self._combined(X)

    def predict_log_proba(self, X: Any) -> NDArray:
        """Predict logarithms of probabilities: ``log(predict_proba(X))``.

        Parameters
        ----------
        X : array-like, sparse matrix or frame of shape (n_samples, n_features)

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
        aligned[:, np.searchsorted(self.classes_, member.classes_)] = prediction
        return aligned

    def _calibrate(self, name: str, prediction: NDArray, y: NDArray, weight: NDArray) -> None:
        codes = self._codes(y)
        found = fit_temperature(prediction, codes, weight) if self.calibrate else 1.0
        self.temperatures_[name] = found

    def _calibrated(self, name: str, prediction: NDArray) -> NDArray:
        return rescale(prediction, self.temperatures_[name])

    def _to_weigh(
        self, predictions: NDArray, y: NDArray, weight: NDArray
    ) -> tuple[NDArray, Callable[[NDArray], NDArray], NDArray]:
        tiny = np.finfo(np.float64).tiny  # one probability of 0 shall not hide all others
        of_class = predictions[:, np.arange(len(y)), self._codes(y)]
        return of_class, lambda average: -np.log(np.maximum(average, tiny)), weight

    def _score_of(self, y: NDArray, prediction: NDArray, weight: NDArray) -> float:
        labels = self.classes_[prediction.argmax(axis=1)]
        return float(accuracy_score(y, labels, sample_weight=weight))

    def _codes(self, y: NDArray) -> NDArray:
        return np.searchsorted(self.classes_, y)
