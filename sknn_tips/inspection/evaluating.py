"""Loss and metrics of a fitted model on given data."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, log_loss, r2_score, root_mean_squared_error
from sklearn.utils.validation import check_is_fitted

from sknn_tips.data.rows import Rows
from sknn_tips.ensemble.base import FoldEnsemble
from sknn_tips.estimators import inputs
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.unwrapping import Found, find_fitted, layers
from sknn_tips.inspection.predicting import Predictions, predictions
from sknn_tips.metrics.metrics import METRICS, Predicted, ReadyRegressor, compute, resolve_metrics
from sknn_tips.state.forward import raw_output


def evaluate(model: Any, X: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
    """Return loss, score and metrics of a fitted model on X and y.

    Parameters
    ----------
    model : estimator
        A fitted MLPClassifier or MLPRegressor; a FoldEnsembleClassifier or FoldEnsembleRegressor,
        such as that of `tabular_pipeline`; or a Pipeline, TransformedTargetRegressor or search
        that contains one of them. The steps of a Pipeline transform X, and a
        TransformedTargetRegressor transforms y.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Input data, as for `model.predict`.
    y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_outputs)
        The class labels, or target values in their original units, as for `fit`.
    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights; None weights all samples equally.

    Returns
    -------
    dict of str to float
        ``"loss"``, without penalties, like the column ``val_loss`` of `history_` (if the target is
        scaled for training, it is the loss of the scaled target); ``"accuracy"`` for a classifier,
        ``"r2"`` for a regressor; and each of the `metrics` of the estimator, in the original units
        of y. Of an ensemble, ``"log_loss"`` and ``"accuracy"``, or ``"rmse"`` and ``"r2"``, of its
        combined predictions.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If the model contains none of the estimators of sknn_tips.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tips import MLPClassifier, evaluate
    >>> X, y = load_iris(return_X_y=True)
    >>> network = MLPClassifier(learning_rate_init=0.01, metrics="f1_macro", random_state=0)
    >>> found = evaluate(make_pipeline(StandardScaler(), network).fit(X, y), X, y)
    >>> list(found)
    ['loss', 'accuracy', 'f1_macro']
    >>> found["loss"] < 0.2 and found["accuracy"] > 0.9
    True
    """
    ensemble = layers(model)[-1]
    if isinstance(ensemble, FoldEnsemble):
        check_is_fitted(ensemble)
        return _of_ensemble(predictions(model, X, y, sample_weight))
    found = find_fitted(model, "evaluate", besides="a fold ensemble, ")
    estimator = found.estimator
    X = found.transform(X)
    if found.targets:  # otherwise y may be sparse
        y = found.transform_target(np.asarray(y))
    rows = _rows(estimator, X, y, sample_weight)
    raw = raw_output(estimator.net_.flat.memory, rows.X)
    predicted = estimator._target.predicted(
        estimator.net_.criterion_, raw, rows.y, rows.sample_weight
    )
    predicted = _in_units_of_the_model(found, predicted)
    score = estimator._score_name
    metrics = resolve_metrics(estimator.metrics, score)
    figures = {"loss": estimator.net_.criterion_.mean(raw, rows.target, rows.weight)}
    return figures | compute({score: METRICS[score], **metrics}, predicted)


def _of_ensemble(given: Predictions) -> dict[str, float]:
    weight: Any = {"sample_weight": given.weight}
    if given.classes is None:
        return {
            "rmse": float(root_mean_squared_error(given.y, given.predicted, **weight)),
            "r2": float(r2_score(given.y, given.predicted, **weight)),
        }
    return {
        "log_loss": float(log_loss(given.y, given.proba, labels=given.classes, **weight)),
        "accuracy": float(accuracy_score(given.y, given.predicted, **weight)),
    }


def _rows(estimator: BaseMLP, X: Any, y: Any, sample_weight: Any) -> Rows:
    X, y = estimator._check_data(X, y, reset=False)
    estimator._check_known_target(y, "y")
    estimator.net_.take_weights(estimator.coefs_, estimator.intercepts_)
    weight = inputs.check_weights(sample_weight, X, "sample_weight")
    return estimator._rows(estimator.net_, X, y, weight, weight)


def _in_units_of_the_model(found: Found, predicted: Predicted) -> Predicted:
    """Return predictions to which the inverse target transformers are applied as well."""
    if not found.targets:
        return predicted

    def to_user(values: NDArray) -> NDArray:
        values = predicted.to_user(values)
        for target in reversed(found.targets):
            columns = values.reshape(len(values), -1)
            values = target.transformer_.inverse_transform(columns)
        return values.ravel() if values.shape[1] == 1 else values

    return Predicted(
        predicted.y,
        predicted.decided,
        predicted.weight,
        predicted.finite,
        to_user,
        lambda: ReadyRegressor(lambda: to_user(predicted.decided)),
    )
