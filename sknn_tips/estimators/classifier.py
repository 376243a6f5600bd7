"""MLPClassifier."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
)

from sknn_tips._argument_names import suggesting
from sknn_tips._compat.sklearn import (
    available_if,
    check_partial_fit_first_call,
    fit_context,
)
from sknn_tips._registry import lookup
from sknn_tips.estimators import class_weight, inputs
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.docs import documented
from sknn_tips.exceptions import DataError
from sknn_tips.metrics.targets import ClassTarget
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, Loss, classifier_loss
from sknn_tips.parameters import ClassifierParameters, ClassifierSignature

_LEARNABLE = ("binary", "multiclass", "multilabel-indicator")


@documented(ClassifierParameters)
class MLPClassifier(ClassifierMixin, ClassifierSignature, BaseMLP):
    """Multi-layer perceptron classifier.

    It accepts all parameters of :class:`sklearn.neural_network.MLPClassifier`, with the same
    meaning and defaults, and adds activations, initialisers, dropout, batch and layer
    normalisation, optimizers, schedules, class weights and training on a GPU.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels; for multilabel targets, the column indices.

    {attributes}

    See Also
    --------
    MLPRegressor : Multi-layer perceptron regressor, for real-valued targets.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tips import MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = make_pipeline(
    ...     StandardScaler(),
    ...     MLPClassifier(dropout=0.2, init="he_normal", max_iter=30, tol=None, random_state=0),
    ... )
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.95
    True
    """

    classes_: NDArray

    _table = ClassifierParameters
    _score_name = "accuracy"

    def _validate_params(self) -> None:
        lookup(CLASSIFIER_LOSSES, self.loss, "loss")
        super()._validate_params()

    @suggesting("MLPClassifier.fit")
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
            Class labels of any type, or a 0/1 indicator matrix (multilabel).

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
        self : MLPClassifier
            The fitted estimator. If the fit fails, the estimator is not changed.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @available_if(lambda estimator: estimator._can_partial_fit())
    @suggesting("MLPClassifier.partial_fit")
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train one more epoch on X and y.

        Optimizer state and random state are kept between calls, so k calls are equivalent to one
        `fit` of k epochs. A schedule with an end, such as "cosine", runs over `max_iter` calls and
        then starts again; a schedule that waits for improvement, such as "plateau", acts in `fit`
        only. Nothing is monitored, and no weights are restored. Ctrl-C stops training after the
        batch, keeps the model, and raises KeyboardInterrupt, which ends your loop over the calls.
        The checks run in calls 1, 2, 4, 8 ... and every 64th, and `tips_` holds the tips of the
        last of these calls. ``class_weight="balanced"`` counts the labels of all calls so far.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
        classes : array-like of shape (n_classes,), default=None
            All labels that may occur in any call; required in the first call.

        Returns
        -------
        self : MLPClassifier
        """
        with self._unchanged_on_failure(continuing=False):
            if check_partial_fit_first_call(self, classes):
                inputs.check_unseen(self, X, y)
                self._multilabel = type_of_target(y).startswith("multilabel")
                if self._multilabel and len(self.classes_) != np.shape(y)[1]:
                    raise ValueError(
                        f"classes={list(classes)}: for an indicator matrix the classes are its"
                        f" column numbers. Pass classes=np.arange({np.shape(y)[1]})."
                    )
            self._fit(X, y, sample_weight, incremental=True)
        return self._or_raise()

    # -- targets ---------------------------------------------------------------------------------

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, NDArray]:
        X, y = inputs.check_both(self, X, y, self._accepted_dtypes, reset=reset, numeric=False)
        if reset:
            self._sparse_y = sparse.issparse(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if _is_plain(y):
            return X, y
        kind = type_of_target(y, input_name="y")
        if kind not in _LEARNABLE:
            check_classification_targets(y)  # raises scikit-learn's error
        if kind == "multiclass-multioutput":
            raise DataError(
                f"y has {y.shape[1]} columns of class labels. One network learns one column, or a"
                " 0/1 indicator matrix; wrap it in sklearn.multioutput.MultiOutputClassifier."
            )
        return X, y.toarray() if sparse.issparse(y) else np.asarray(y)

    def _learn_target(self, y: NDArray, *, continuing: bool, incremental: bool) -> None:
        if not (incremental and continuing):
            self._class_totals: Any = 0.0
        known = continuing or (incremental and hasattr(self, "classes_"))
        if not known:
            self._multilabel = y.ndim == 2
            self.classes_ = np.arange(y.shape[1]) if self._multilabel else np.unique(y)
            return
        self._check_shape(y, "y")
        classes = np.arange(y.shape[1]) if self._multilabel else np.unique(y)
        if self.warm_start and continuing and not incremental:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous"
                    f" call to fit. Previously got {self.classes_}, `y` has {classes}"
                )
        elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                "`y` has classes not in `self.classes_`. `self.classes_` has"
                f" {self.classes_}. 'y' has {classes}."
            )

    def _check_known_target(self, y: NDArray, name: str) -> None:
        self._check_shape(y, name)
        unseen: Any = [] if self._multilabel else np.setdiff1d(np.unique(y), self.classes_)
        if len(unseen):
            raise DataError(
                f"{name} has classes that y had not in fit: {unseen.tolist()}. They were"
                f" {self.classes_.tolist()}. Drop these rows, or fit on all classes."
            )

    def _check_shape(self, y: NDArray, name: str) -> None:
        """Raise an error if y and the y of fit are not both labels, or indicators of one width."""
        expected = (len(self.classes_),) if self._multilabel else ()
        if y.shape[1:] != expected:
            columns = f"an indicator matrix of {len(self.classes_)} columns"
            before = columns if self._multilabel else "one column of labels"
            raise DataError(f"{name} has shape {y.shape}, and y was {before} in fit.")

    @property
    def _target(self) -> ClassTarget:
        return ClassTarget(self.classes_, self._multilabel)

    def _make_loss(self) -> Loss:
        return classifier_loss(
            self.loss,
            len(self.classes_),
            exclusive=self._target.exclusive,
            label_smoothing=self.label_smoothing,
        )

    def _codes_to_stratify(self, y: NDArray) -> NDArray | None:
        return None if self._multilabel else self._target.codes(y)

    def _training_weights(self, y: NDArray, weight: NDArray | None) -> NDArray | None:
        if self.class_weight is None:
            return weight
        found = self._weights_of_classes(y, np.ones(len(y)) if weight is None else weight)
        inputs.check_sum(found, "class_weight")
        return found

    def _weights_of_classes(self, y: NDArray, base: NDArray) -> NDArray:
        """Return the sample weights `base` times the weights of the classes."""
        if self._multilabel:
            return base * class_weight.of_indicator(self.class_weight, y, base)
        codes = self._target.codes(y)
        if self.class_weight == "balanced":
            counts = np.bincount(codes, weights=base, minlength=len(self.classes_))
            self._class_totals = self._class_totals + counts
            return base * class_weight.balanced(self._class_totals)[codes]
        return base * class_weight.of_dict(self.class_weight, self.classes_)[codes]

    # -- predictions -----------------------------------------------------------------------------

    def predict(self, X: Any) -> NDArray:
        """Predict class labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        y : {ndarray, sparse matrix} of shape (n_samples,) or (n_samples, n_classes)
            Class labels; for multilabel targets, an indicator matrix, sparse if y was sparse in
            fit.
        """
        decided = self._predict_with(X, lambda loss, raw: loss.decide(raw))
        labels = self._target.decode(decided)
        # model files of earlier versions lack the attribute
        return sparse.csr_matrix(labels) if getattr(self, "_sparse_y", False) else labels

    def predict_proba(self, X: Any) -> NDArray:
        """Predict probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            Probabilities of the classes, in the order of `classes_`. The dtype is float32 if X and
            the weights are float32, otherwise float64. With a single class in fit, it is a column
            of ones.
        """
        return self._predict_with(X, lambda loss, raw: self._target.probabilities(loss, raw))

    def predict_log_proba(self, X: Any) -> NDArray:
        """Predict logarithms of probabilities: ``log(predict_proba(X))``.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        log_p : ndarray of shape (n_samples, n_classes)
        """
        return self._predict_with(X, lambda loss, raw: self._target.probabilities(loss, raw).log())

    def decision_function(self, X: Any) -> NDArray:
        """Return the logits: the output before softmax or logistic.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes a vector, in which values above 0 mean ``classes_[1]``.
        """
        return self._predict_with(X, lambda _, raw: self._target.logits(raw))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _is_plain(y: NDArray) -> bool:
    """Return whether y is a vector of repeated integers: labels that cause no warning."""
    return y.ndim == 1 and y.dtype.kind in "biu" and 2 * len(np.unique(y)) < len(y)
