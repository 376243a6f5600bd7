"""Fitting a model for a report on it."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.finding import Found, find, without_searches
from sknn_tips.exceptions import NonFiniteWeightsError
from sknn_tips.inspection.diagnosis import Diagnosis
from sknn_tips.tips.examining import examine, tips_of
from sknn_tips.training.record import FitRecord

# The rows that are held out where the user gives no validation set.
HELD_OUT = 0.2


def diagnose(model: Any, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> Diagnosis:
    """Fit a clone of a model, and report what every check finds.

    Parameters
    ----------
    model : estimator
        An MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or search that
        holds one; of a fitted search the best estimator. It is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        As `model.fit` takes it. The report calls columns of a DataFrame by their names, behind the
        steps of a Pipeline by those that `get_feature_names_out` gives.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    X_val, y_val : array-like, default=None
        A validation set, as it is before the steps of a Pipeline. Without one a fifth of the rows
        is held out (by class, for a classifier), unless the estimator stops early, which holds out
        rows itself.

    Returns
    -------
    Diagnosis
        Printable; a table in a notebook; ``to_frame()`` has a row a check, and ``apply()`` the
        model with the first remedy.

    Raises
    ------
    TypeError
        When the model holds no estimator of ours.
    ValueError
        When only one of `X_val` and `y_val` is given, or the data cannot be trained on.

    See Also
    --------
    MLPClassifier : Its `tips_` are those of every fit.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sknn_tips import MLPClassifier, diagnose
    >>> X, y = load_wine(return_X_y=True)
    >>> report = diagnose(MLPClassifier(tol=None, random_state=0), X, y)
    >>> report.tips[0].code, report.tips[0].remedy
    ('unscaled-input', 'StandardScaler')
    >>> better = diagnose(report.apply(), X, y)
    >>> better.scores["validation"] > report.scores["validation"]
    True
    """
    if (X_val is None) != (y_val is None):
        raise ValueError("diagnose: pass X_val and y_val together, or neither.")
    find(model, "diagnose")  # or an error, before anything is cloned
    model = without_searches(model)
    found = find(model, "diagnose")
    if X_val is None and not found.estimator.early_stopping:
        X, X_val, y, y_val = _split(found.estimator, X, y)
    fitted = Found(found.estimator, *_fitted_around(found, X, y))
    train = _named(fitted, X), fitted.transform_target(np.asarray(y))
    held_out: tuple[Any, Any] = (None, None)
    if X_val is not None:
        held_out = _named(fitted, X_val), fitted.transform_target(np.asarray(y_val))
    record, scores = _fit(clone(found.estimator), train, held_out)
    return Diagnosis(tips_of(record), examine(record), scores, record, model, issparse(train[0]))


def _split(estimator: BaseMLP, X: Any, y: Any) -> tuple[Any, Any, Any, Any]:
    """Hold rows out, by class where there are classes with rows enough."""
    exclusive = is_classifier(estimator) and np.ndim(y) == 1
    often_enough = exclusive and np.unique(y, return_counts=True)[1].min() > 1 / HELD_OUT
    X, X_val, y, y_val = train_test_split(
        X, y, test_size=HELD_OUT, random_state=0, stratify=y if often_enough else None
    )
    return X, X_val, y, y_val


def _fitted_around(
    found: Found, X: Any, y: Any
) -> tuple[list[Pipeline], list[TransformedTargetRegressor]]:
    """Return fitted clones of what stands around the network."""
    steps = []
    for step in map(clone, found.steps):
        X = step.fit_transform(X, y)
        steps.append(step)
    targets = list(map(clone, found.targets))
    for target in targets:
        target._fit_transformer(np.reshape(y, (len(y), -1)))
        y = Found(found.estimator, [], [target]).transform_target(np.asarray(y))
    return steps, targets


def _named(fitted: Found, X: Any) -> Any:
    """Return X as it reaches the network, with the names that the steps give to its columns."""
    values = fitted.transform(X)
    if not isinstance(X, pd.DataFrame) or not isinstance(values, np.ndarray):
        return values
    names = X.columns
    try:
        for step in fitted.steps:
            names = step.get_feature_names_out(names)
    except (AttributeError, ValueError):  # a step that does not know them
        return values
    return pd.DataFrame(values, columns=names)


def _fit(
    estimator: BaseMLP, train: tuple[Any, Any], held_out: tuple[Any, Any]
) -> tuple[FitRecord, dict[str, float]]:
    """Return the record of a fit, and the scores of the network that came of it."""
    estimator.set_params(tips="ignore", warm_start=False)
    X_val, y_val = held_out
    try:
        with warnings.catch_warnings():  # the report says what they say
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(*train, X_val=X_val, y_val=y_val)
    except NonFiniteWeightsError as error:
        return error.record, {}
    scores = {"training": estimator.score(*train)}
    if X_val is not None:
        scores["validation"] = estimator.score(X_val, y_val)
    return estimator.net_.record, scores
