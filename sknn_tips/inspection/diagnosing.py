"""Fitting a model to diagnose it."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

from sknn_tips._compat.sklearn import fit_target_transformer, safe_indexing
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.unwrapping import Found, find, without_searches
from sknn_tips.exceptions import NonFiniteWeightsError
from sknn_tips.inspection.diagnosis import Diagnosis
from sknn_tips.tips.findings import examine, tips_among
from sknn_tips.tips.record import FitRecord

# The share of samples that is held out if the user passes no validation set.
HELD_OUT = 0.2


def diagnose(model: Any, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> Diagnosis:
    """Fit a clone of a model, and report the findings of all checks.

    Parameters
    ----------
    model : estimator
        An MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or search that
        contains one. Of a fitted search, the best estimator is diagnosed. The model is not
        changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training data, as for `model.fit`. For a DataFrame, the report uses the names of the
        columns; in a Pipeline, the names that the `get_feature_names_out` of its steps return.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Target values, as for `model.fit`.
    X_val, y_val : array-like, default=None
        A validation set, not yet transformed by the steps of a Pipeline. Without one, a fifth of
        the samples is held out (stratified by class for a classifier), unless the estimator uses
        early stopping, which holds out samples itself.

    Returns
    -------
    Diagnosis
        A report that can be printed, and is shown as a table in a notebook. ``to_frame()`` returns
        a DataFrame with one row per check, and ``apply()`` the model with the first remedy.

    Raises
    ------
    TypeError
        If the model contains no MLPClassifier or MLPRegressor.
    ValueError
        If only one of `X_val` and `y_val` is passed, or the data cannot be trained on.

    See Also
    --------
    MLPClassifier : Every fit stores its tips in `tips_`.

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
    find(model, "diagnose")  # raises an error for other models, before anything is cloned
    model = without_searches(model)
    found = find(model, "diagnose")
    y = y.toarray() if issparse(y) else np.asarray(y)
    if X_val is None and not found.estimator.early_stopping:
        X, X_val, y, y_val = _split(found.estimator, X, y)
    fitted, values = _fitted_around(found, X, y)
    rows = {"training": (_named(values, fitted, X), np.asarray(y))}
    if X_val is not None:
        X_val = _named(fitted.transform(X_val), fitted, X_val)
        rows["validation"] = X_val, np.asarray(y_val)
    record, scores = _fit(fitted, rows)
    findings = examine(record)
    return Diagnosis(tips_among(findings), findings, scores, record, model, issparse(values))


def _split(estimator: BaseMLP, X: Any, y: NDArray) -> tuple[Any, Any, Any, Any]:
    """Hold out samples, stratified by class; samples of rare classes all stay in training."""
    rows, classes = np.arange(len(y)), None
    if is_classifier(estimator) and y.ndim == 1:
        names, counts = np.unique(y, return_counts=True)
        rows = rows[np.isin(y, names[counts > 1 / HELD_OUT])]
        classes = y[rows]
    if not len(rows):
        return X, None, y, None
    rare = np.setdiff1d(np.arange(len(y)), rows)
    train, held_out = train_test_split(rows, test_size=HELD_OUT, random_state=0, stratify=classes)
    train = np.concatenate([train, rare])
    return safe_indexing(X, train), safe_indexing(X, held_out), y[train], y[held_out]


def _fitted_around(found: Found, X: Any, y: Any) -> tuple[Found, Any]:
    """Return clones with fitted steps and target transformers, and the transformed X."""
    steps = []
    for step in map(clone, found.steps):
        X = step.fit_transform(X, y)
        steps.append(step)
    targets = list(map(clone, found.targets))
    for target in targets:
        fit_target_transformer(target, np.reshape(y, (len(y), -1)))
        y = Found(found.estimator, [], [target]).transform_target(np.asarray(y))
    return Found(clone(found.estimator), steps, targets), X


def _named(values: Any, fitted: Found, X: Any) -> Any:
    """Return transformed values as a DataFrame, with the feature names that the steps return."""
    if not isinstance(X, pd.DataFrame) or not isinstance(values, np.ndarray):
        return values
    names = X.columns
    try:
        for step in fitted.steps:
            names = step.get_feature_names_out(names)
    except (AttributeError, ValueError):  # a step without feature names
        return values
    return pd.DataFrame(values, columns=names)


def _fit(fitted: Found, rows: dict[str, tuple[Any, NDArray]]) -> tuple[FitRecord, dict[str, float]]:
    """Fit the estimator; return the record of the fit, and the scores of the fitted network."""
    estimator = fitted.estimator.set_params(tips="ignore", warm_start=False)
    (X, y), (X_val, y_val) = rows["training"], rows.get("validation", (None, None))
    if y_val is not None:
        y_val = fitted.transform_target(y_val)
    try:
        with warnings.catch_warnings():  # the report contains this information
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(X, fitted.transform_target(y), X_val=X_val, y_val=y_val)
    except NonFiniteWeightsError as error:
        return error.record, {}
    return estimator._record, {what: _score(fitted, X, y) for what, (X, y) in rows.items()}


def _score(fitted: Found, X: Any, y: NDArray) -> float:
    """Return the accuracy, or R2 in the units of y."""
    if not fitted.targets:
        return float(fitted.estimator.score(X, y))
    return float(r2_score(y, fitted.restore_target(fitted.estimator.predict(X))))
