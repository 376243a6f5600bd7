import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris, make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from sknn_tips import MLPClassifier
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.ensemble.temperature import fit_temperature, rescale
from sknn_tips.exceptions import DataError

X, Y = make_classification(120, 6, n_informative=4, n_classes=3, random_state=0)
FOLDS = StratifiedKFold(4, shuffle=True, random_state=0)
NAMES = np.array(["setosa", "versicolor", "virginica"])


def ensemble_of(estimators, **params):
    return FoldEnsembleClassifier(estimators, cv=FOLDS, random_state=0, **params)


def test_average_of_clones_on_the_same_folds_with_the_same_seeds():
    ensemble = ensemble_of(RandomForestClassifier(5), calibrate=False).fit(X, Y)
    members = ensemble.estimators_["randomforestclassifier"]
    expected = 0
    for member, (train, _) in zip(members, FOLDS.split(X, Y), strict=True):
        expected = expected + clone(member).fit(X[train], Y[train]).predict_proba(X) / 4
    np.testing.assert_allclose(ensemble.predict_proba(X), expected, atol=1e-14)
    np.testing.assert_array_equal(ensemble.predict(X), expected.argmax(axis=1))
    assert ensemble.temperatures_ == {"randomforestclassifier": 1}


def test_temperature_is_fitted_on_left_out_folds_and_applied_to_each_member():
    ensemble = ensemble_of(GaussianNB()).fit(X, Y)
    left_out = cross_val_predict(GaussianNB(), X, Y, cv=FOLDS, method="predict_proba")
    found = fit_temperature(left_out, Y, np.ones(120))
    assert ensemble.temperatures_ == {"gaussiannb": pytest.approx(found)}
    assert found != pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(ensemble.oof_prediction_, rescale(left_out, found))
    members = ensemble.estimators_["gaussiannb"]
    expected = np.mean([rescale(each.predict_proba(X), found) for each in members], axis=0)
    np.testing.assert_allclose(ensemble.predict_proba(X), expected)


def test_calibration_improves_the_log_loss_of_an_overconfident_estimator():
    plain = ensemble_of(GaussianNB(var_smoothing=1e-12), calibrate=False).fit(X, Y)
    calibrated = clone(plain).set_params(calibrate=True).fit(X, Y)
    assert log_loss(Y, calibrated.oof_prediction_) < log_loss(Y, plain.oof_prediction_)


def test_weights_are_at_least_as_good_as_each_estimator_alone():
    named = [("nb", GaussianNB()), ("lr", LogisticRegression()), ("knn", KNeighborsClassifier(3))]
    ensemble = ensemble_of(named).fit(X, Y)
    assert sum(ensemble.weights_.values()) == pytest.approx(1)
    combined = log_loss(Y, ensemble.oof_prediction_)
    alone = [log_loss(Y, ensemble_of(each).fit(X, Y).oof_prediction_) for _, each in named]
    assert combined < min(alone)


def test_weighted_average_of_several():
    named = [("nb", GaussianNB()), ("lr", LogisticRegression())]
    ensemble = ensemble_of(named).fit(X, Y)
    expected = sum(
        ensemble.weights_[name] * ensemble_of(each).fit(X, Y).predict_proba(X)
        for name, each in named
    )
    np.testing.assert_allclose(ensemble.predict_proba(X), expected)


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), MLPClassifier(4, max_iter=3, tol=None)]
)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_rare_classes(estimator, count):
    """Fewer samples than folds: some members do not know the class."""
    y = NAMES[np.where(np.arange(120) < count, 2, np.arange(120) % 2)]
    ensemble = FoldEnsembleClassifier(estimator, cv=5, random_state=0).fit(X, y)
    (members,) = ensemble.estimators_.values()
    known = [member for member in members if len(member.classes_) == 3]
    assert len(known) == (4 if count == 1 else 5)
    np.testing.assert_array_equal(ensemble.classes_, NAMES)
    proba = ensemble.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert proba[:, 2].min() > 0
    if count == 1:  # the member that leaves it out gives it nothing
        assert ensemble.oof_prediction_[0, 2] == 0
        assert ensemble.predict_log_proba(X).min() > -np.inf


def test_a_member_of_boosted_trees_that_knows_one_class():
    y = NAMES[np.r_[1, np.zeros(119, int)]]
    boosting = HistGradientBoostingClassifier(max_iter=3)
    ensemble = FoldEnsembleClassifier(boosting, cv=2, random_state=0).fit(X, y)
    (members,) = ensemble.estimators_.values()
    assert sorted(len(member.classes_) for member in members) == [1, 2]
    np.testing.assert_allclose(ensemble.predict_proba(X).sum(axis=1), 1)


def test_every_class_is_rare():
    X, y = load_iris(return_X_y=True)
    few = np.r_[:3, 50:53, 100:103]
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=5, random_state=0)
    assert ensemble.fit(X[few], y[few]).predict_proba(X).shape == (150, 3)


def test_a_probability_of_zero_is_a_logarithm_of_minus_infinity():
    ensemble = ensemble_of(KNeighborsClassifier(3)).fit(X, Y)
    assert ensemble.predict_log_proba(X).min() == -np.inf


@pytest.mark.parametrize(
    "labels",
    [
        NAMES,
        NAMES.astype(object),
        np.array([-1.0, 2.0, 7.0]),
        np.array([False, True, True]),
    ],
    ids=["str", "object", "float", "bool"],
)
def test_labels_of_any_type(labels):
    y = labels[Y]
    ensemble = ensemble_of([("a", LogisticRegression()), ("b", GaussianNB())]).fit(X, y)
    np.testing.assert_array_equal(ensemble.classes_, np.unique(labels))
    assert ensemble.score(X, y) == (ensemble.predict(X) == y).mean() > 0.5


@pytest.mark.parametrize(
    "make",
    [list, pd.Series, lambda y: pl.Series(y), lambda y: pd.Series(y, dtype="category")],
    ids=["list", "pandas", "polars", "category"],
)
def test_labels_in_any_column(make):
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=3).fit(X, make(NAMES[Y]))
    assert set(ensemble.predict(X)) <= set(NAMES)


def test_frames_of_polars_and_lists():
    for given in (pl.DataFrame(X), X.tolist()):
        assert ensemble_of(LogisticRegression()).fit(given, Y).predict(given).shape == (120,)


def test_a_column_vector_warns():
    with pytest.warns(DataConversionWarning):
        ensemble_of(GaussianNB()).fit(X, Y[:, None])


def test_several_columns_of_labels():
    y = np.stack([Y > 0, Y > 1], axis=1).astype(int)
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=2)
    for wrong in (y, y + 5):
        with pytest.raises(DataError, match=r"y is multi.*MultiOutputClassifier"):
            ensemble.fit(X, wrong)
    assert MultiOutputClassifier(ensemble).fit(X, y).predict(X).shape == (120, 2)


def test_estimators_of_the_wrong_kind():
    with pytest.raises(ValueError, match=r"'ridge', .*is no classifier.*FoldEnsembleRegressor"):
        FoldEnsembleClassifier(Ridge()).fit(X, Y)
    with pytest.raises(ValueError, match=r"no predict_proba.*CalibratedClassifierCV"):
        FoldEnsembleClassifier([("a", GaussianNB()), ("svc", LinearSVC())]).fit(X, Y)


def test_inside_scikit_learns_calibration():
    calibrated = CalibratedClassifierCV(ensemble_of(GaussianNB()), cv=2).fit(X, Y)
    assert calibrated.predict_proba(X).shape == (120, 3)


def test_nothing_is_printed_or_warned():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        labels = np.minimum(Y, np.arange(120) // 3)
        FoldEnsembleClassifier(GaussianNB(), cv=5).fit(X, labels)


def test_missing_labels_are_counted():
    labels = NAMES[Y].astype(object)
    labels[[3, 7]] = None
    with pytest.raises(DataError, match=r"contains None or NaN: 2 of 120 rows.*position 3"):
        FoldEnsembleClassifier(GaussianNB()).fit(X, labels)
