"""Loss and metrics of a fitted model on rows of the user's choice."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips.data.rows import Rows
from sknn_tips.estimators import inputs
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.finding import Found, find_fitted
from sknn_tips.metrics.metrics import METRICS, Predicted, ReadyRegressor, compute, resolve_metrics
from sknn_tips.state.forward import raw_output


def evaluate(model: Any, X: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
    """Return loss, score and metrics of a fitted model on X and y.

    Parameters
    ----------
    model : estimator
        A fitted MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or search
        that holds one: X, and y of a TransformedTargetRegressor, pass what stands around it.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        As `model.predict` takes it.
    y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_outputs)
        In the user's labels or units, as `fit` takes it.
    sample_weight : array-like of shape (n_samples,), default=None

    Returns
    -------
    dict of str to float
        ``"loss"``, without penalties, as the column ``val_loss`` of `history_` (so of the target
        as the network sees it, where it is scaled); ``"accuracy"`` of a classifier, ``"r2"`` of a
        regressor; and each of the estimator's `metrics`, in the user's units.

    Raises
    ------
    NotFittedError
        Before the model is fitted.
    TypeError
        When the model holds no estimator of ours.

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
    found = find_fitted(model, "evaluate")
    estimator = found.estimator
    X = found.transform(X)
    if found.targets:  # else y may be sparse, as fit takes it
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


def _rows(estimator: BaseMLP, X: Any, y: Any, sample_weight: Any) -> Rows:
    X, y = estimator._check_data(X, y, reset=False)
    estimator._check_known_target(y, "y")
    estimator.net_.take_weights(estimator.coefs_, estimator.intercepts_)
    weight = inputs.check_weights(sample_weight, X, "sample_weight")
    return estimator._rows(estimator.net_, X, y, weight, weight)


def _in_units_of_the_model(found: Found, predicted: Predicted) -> Predicted:
    """Undo the transformers of a TransformedTargetRegressor, too."""
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
