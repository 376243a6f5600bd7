"""Fitting a model for a report on it."""

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
from sknn_tips.estimators.finding import Found, find, without_searches
from sknn_tips.exceptions import NonFiniteWeightsError
from sknn_tips.inspection.diagnosis import Diagnosis
from sknn_tips.tips.examining import examine, tips_among
from sknn_tips.tips.record import FitRecord

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
    """Hold rows out, by class; the rows of rare classes are all trained on."""
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
    """Return clones, with what stands around the network fitted, and X as it reaches it."""
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
    """Return what the steps make of X with the names that they give to its columns."""
    if not isinstance(X, pd.DataFrame) or not isinstance(values, np.ndarray):
        return values
    names = X.columns
    try:
        for step in fitted.steps:
            names = step.get_feature_names_out(names)
    except (AttributeError, ValueError):  # a step that does not know them
        return values
    return pd.DataFrame(values, columns=names)


def _fit(fitted: Found, rows: dict[str, tuple[Any, NDArray]]) -> tuple[FitRecord, dict[str, float]]:
    """Return the record of a fit, and the scores of the network that came of it."""
    estimator = fitted.estimator.set_params(tips="ignore", warm_start=False)
    (X, y), (X_val, y_val) = rows["training"], rows.get("validation", (None, None))
    if y_val is not None:
        y_val = fitted.transform_target(y_val)
    try:
        with warnings.catch_warnings():  # the report says what they say
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(X, fitted.transform_target(y), X_val=X_val, y_val=y_val)
    except NonFiniteWeightsError as error:
        return error.record, {}
    return estimator._record, {what: _score(fitted, X, y) for what, (X, y) in rows.items()}


def _score(fitted: Found, X: Any, y: NDArray) -> float:
    """Return accuracy, or R2 in the units of y."""
    if not fitted.targets:
        return float(fitted.estimator.score(X, y))
    return float(r2_score(y, fitted.restore_target(fitted.estimator.predict(X))))
