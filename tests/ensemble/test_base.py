import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification, make_regression
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GroupKFold,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVR
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_tips import MLPClassifier, stacked
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.exceptions import DataError, ModelFileError

X, Y = make_classification(90, 6, n_informative=4, n_classes=3, random_state=0)
XR, YR = make_regression(80, 5, noise=5, random_state=0)
NET = MLPClassifier(6, max_iter=5, tol=None, learning_rate_init=0.02, batch_size=16, tips="ignore")
SCALED = make_pipeline(StandardScaler(), NET)
# weighted and repeated rows agree to the last bits only so: see tests/test_common_checks.py
EXACT = {"dtype": "float64", "optimizer": "gd", "learning_rate_init": 0.05, "max_iter": 30}


@pytest.mark.filterwarnings("ignore")  # each check decides itself which warnings it minds
@parametrize_with_checks(
    [
        FoldEnsembleClassifier([("a", LogisticRegression()), ("b", LogisticRegression())], cv=2),
        FoldEnsembleClassifier(MLPClassifier(20, **EXACT), cv=2),
        FoldEnsembleRegressor(Ridge()),
    ]
)
def test_common_checks(estimator, check):
    check(estimator)


def seeds_of(ensemble):
    return [
        member.get_params()["random_state"]
        for members in ensemble.estimators_.values()
        for member in members
    ]


def test_every_member_has_a_seed_of_its_own():
    forests = [("a", RandomForestClassifier(2)), ("b", RandomForestClassifier(2, random_state=0))]
    ensemble = FoldEnsembleClassifier(forests, cv=3, random_state=0).fit(X, Y)
    assert len(set(seeds_of(ensemble))) == 6
    assert seeds_of(clone(ensemble).fit(X, Y)) == seeds_of(ensemble)
    assert seeds_of(clone(ensemble).set_params(random_state=1).fit(X, Y)) != seeds_of(ensemble)


@pytest.mark.slow
def test_the_same_whatever_n_jobs_is():
    ensemble = FoldEnsembleClassifier(SCALED, cv=3, random_state=0)
    once = ensemble.fit(X, Y).oof_prediction_
    np.testing.assert_array_equal(ensemble.set_params(n_jobs=2).fit(X, Y).oof_prediction_, once)


def test_no_random_state_draws_from_the_system():
    state = np.random.get_state()[1].copy()  # noqa: NPY002 it is not to be moved
    ensemble = FoldEnsembleClassifier(RandomForestClassifier(2), cv=2)
    assert seeds_of(ensemble.fit(X, Y)) != seeds_of(clone(ensemble).fit(X, Y))
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_a_generator_goes_on():
    ensemble = FoldEnsembleRegressor(
        RandomForestRegressor(2), cv=2, random_state=np.random.RandomState(0)
    )
    first = seeds_of(ensemble.fit(XR, YR))
    assert seeds_of(ensemble.fit(XR, YR)) != first


@pytest.mark.parametrize("shared_steps", [False, True])
def test_members_that_train_in_threads(shared_steps):
    ensemble = FoldEnsembleClassifier(
        [("net", SCALED), ("lr", LogisticRegression())],
        cv=4,
        shared_steps=shared_steps,
        random_state=0,
    )
    alone = ensemble.fit(X, Y).predict_proba(X)
    with stacked(n_jobs=2):
        together = ensemble.fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(together, alone)
    assert ensemble.scores_["seconds"].min() > 0


def test_members_are_validated_on_what_they_leave_out():
    net = clone(NET).set_params(monitor="val_loss", restore_best=True, metrics=["accuracy"])
    ensemble = FoldEnsembleClassifier(net, cv=3, random_state=0).fit(X, Y)
    for member, score in zip(
        ensemble.estimators_["mlpclassifier"], ensemble.scores_["score"], strict=True
    ):
        best = member.history_.loc[member.history_["val_loss"].idxmin()]
        assert best["val_accuracy"] == pytest.approx(score)


# -- shared steps ----------------------------------------------------------------------------------


def test_shared_steps_are_fitted_once_on_all_samples(noting_classifier):
    pipeline = make_pipeline(StandardScaler(), SelectKBest(k=2), noting_classifier)
    ensemble = FoldEnsembleClassifier(
        [("p", pipeline), ("lr", LogisticRegression())], cv=3, shared_steps=True, random_state=0
    ).fit(X, Y, sample_weight=np.ones(90))
    expected = make_pipeline(StandardScaler(), SelectKBest(k=2)).fit_transform(X, Y)
    assert list(ensemble.steps_) == ["p"]
    np.testing.assert_array_equal(ensemble.steps_["p"].transform(X), expected)
    for member, (train, test) in zip(
        ensemble.estimators_["p"],
        StratifiedKFold(3, shuffle=True, random_state=0).split(X, Y),
        strict=True,
    ):
        np.testing.assert_array_equal(member.X_, expected[train])
        np.testing.assert_array_equal(member.X_val_, expected[test])
        assert member.weight_.shape == member.y_.shape
    assert ensemble.predict_proba(X).shape == (90, 3)


def test_shared_steps_of_a_frame_with_text():
    frame = pd.DataFrame({"a": X[:, 0], "b": np.where(X[:, 1] > 0, "x", "y")})
    encoder = make_column_transformer((OneHotEncoder(), ["b"]), remainder="passthrough")
    steps = make_pipeline(encoder, LogisticRegression())
    for shared_steps in (False, True):
        ensemble = FoldEnsembleClassifier(steps, cv=3, shared_steps=shared_steps).fit(frame, Y)
        assert list(ensemble.feature_names_in_) == ["a", "b"]
        assert ensemble.n_features_in_ == 2
        assert ensemble.predict(frame).shape == (90,)
        with pytest.raises(ValueError, match="feature names"):
            ensemble.predict(frame.rename(columns={"a": "c"}))


def test_one_slice_at_a_time(monkeypatch):
    """Of shared steps, no more than a member's own rows are in memory."""
    alive, most = set(), 0

    class Slice(np.ndarray):
        def __del__(self):
            alive.discard(id(self))

    class Watching(Ridge):
        def fit(self, X, y, sample_weight=None):
            nonlocal most
            most = max(most, len(alive))
            return super().fit(np.asarray(X), y)

    def slicing(X, indices):
        found = np.asarray(X)[indices].view(Slice)
        alive.add(id(found))
        return found

    monkeypatch.setattr("sknn_tips.ensemble.members.safe_indexing", slicing)
    pipeline = make_pipeline(StandardScaler(), Watching())
    FoldEnsembleRegressor(pipeline, cv=5, shared_steps=True).fit(XR, YR)
    assert most == 2  # the training part and the left-out part


# -- warm start ------------------------------------------------------------------------------------


def warm(**params):
    net = clone(NET).set_params(warm_start=True)
    return FoldEnsembleClassifier(net, cv=3, warm_start=True, random_state=None, **params)


def test_warm_start_continues_training():
    ensemble = warm().fit(X, Y)
    members = ensemble.estimators_["mlpclassifier"]
    seeds = seeds_of(ensemble)
    ensemble.fit(X, Y)
    assert seeds_of(ensemble) == seeds
    for before, after in zip(members, ensemble.estimators_["mlpclassifier"], strict=True):
        assert (len(before.history_), len(after.history_)) == (5, 10)
        np.testing.assert_allclose(after.history_["loss"][:5], before.history_["loss"])


def test_warm_start_equals_one_long_fit():
    once = FoldEnsembleClassifier(clone(NET).set_params(max_iter=10), cv=3, random_state=0)
    twice = warm().set_params(random_state=0, calibrate=False).fit(X, Y).fit(X, Y)
    expected = once.set_params(calibrate=False).fit(X, Y).oof_prediction_
    np.testing.assert_allclose(twice.oof_prediction_, expected, rtol=1e-5)


def test_warm_start_with_shared_steps():
    pipeline = make_pipeline(StandardScaler(), clone(NET).set_params(warm_start=True))
    ensemble = FoldEnsembleClassifier(pipeline, cv=2, shared_steps=True, warm_start=True)
    ensemble.fit(X, Y).fit(X, Y)
    assert [len(each.history_) for each in ensemble.estimators_["pipeline"]] == [10, 10]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cv": 4}, "4 folds instead of 3"),
        (
            {"estimators": [("other", NET)]},
            r"\['other'\] estimators instead of \['mlpclassifier'\]",
        ),
    ],
)
def test_warm_start_of_other_members(change, message):
    ensemble = warm().fit(X, Y)
    with pytest.raises(ValueError, match=message):
        ensemble.set_params(**change).fit(X, Y)


def test_warm_start_of_other_samples():
    ensemble = warm().fit(X, Y)
    with pytest.raises(ValueError, match="80 samples instead of 90"):
        ensemble.fit(X[:80], Y[:80])
    assert ensemble.set_params(warm_start=False).fit(X[:80], Y[:80]).oof_score_ > 0


def test_a_failed_warm_start_leaves_the_members():
    ensemble = warm().fit(X, Y)
    before = ensemble.predict_proba(X)
    spoilt = X.copy()
    spoilt[-1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        ensemble.fit(spoilt, Y)
    np.testing.assert_array_equal(ensemble.predict_proba(X), before)
    assert [len(each.history_) for each in ensemble.estimators_["mlpclassifier"]] == [5, 5, 5]


# -- what goes wrong -------------------------------------------------------------------------------


class Failing(RegressorMixin, BaseEstimator):
    def __init__(self, error):
        self.error = error

    def fit(self, X, y):
        raise self.error


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_an_error_names_estimator_and_fold(n_jobs):
    named = [("fine", Ridge()), ("bad", SVR(kernel="precomputed"))]
    ensemble = FoldEnsembleRegressor(named, n_jobs=n_jobs)
    with pytest.raises(ValueError, match="square") as caught:
        ensemble.fit(XR, YR)
    (note,) = caught.value.__notes__
    assert re.fullmatch(r"Raised by the estimator 'bad' in fold \d of the ensemble\.", note)
    with pytest.raises(NotFittedError):
        ensemble.predict(XR)


@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt()])
def test_whatever_ends_fit_leaves_the_ensemble_as_it_was(error):
    ensemble = FoldEnsembleRegressor(Ridge(), cv=3).fit(XR, YR)
    before = vars(ensemble).copy()
    ensemble.estimators = Failing(error)
    with pytest.raises(type(error)):
        ensemble.fit(XR[:, :3], YR)
    assert vars(ensemble) == {**before, "estimators": ensemble.estimators}


def test_ctrl_c_in_a_network_reaches_the_user(ctrl_c_in_fifth_batch):
    ensemble = FoldEnsembleClassifier(NET, cv=3)
    with pytest.raises(KeyboardInterrupt):
        ensemble.fit(X, Y)
    assert not hasattr(ensemble, "estimators_")


def test_a_warning_of_all_members_is_shown_once():
    net = MLPClassifier(4, max_iter=2, tips="ignore")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FoldEnsembleClassifier(net, cv=4).fit(X, Y)
    assert [each.category for each in caught] == [ConvergenceWarning]


def test_y_is_needed():
    with pytest.raises(DataError, match="requires y to be passed"):
        FoldEnsembleClassifier(NET).fit(X, None)


def test_more_folds_than_samples():
    with pytest.raises(DataError, match=r"cv=5 needs at least 5 samples.* Use cv=3"):
        FoldEnsembleRegressor(Ridge()).fit(XR[:3], YR[:3])


def test_wrong_weights():
    ensemble = FoldEnsembleRegressor(Ridge())
    with pytest.raises(DataError, match="negative weights, smallest -1"):
        ensemble.fit(XR, YR, sample_weight=-np.ones(80))
    with pytest.raises(DataError, match="zero for all 80 samples"):
        ensemble.fit(XR, YR, sample_weight=np.zeros(80))


# -- left-out predictions --------------------------------------------------------------------------


def test_left_out_predictions_are_those_of_cross_validation():
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=4, calibrate=False, random_state=0)
    ensemble.fit(X, Y)
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    lr = LogisticRegression()
    expected = cross_val_predict(lr, X, Y, cv=folds, method="predict_proba")
    np.testing.assert_allclose(ensemble.oof_prediction_, expected, rtol=1e-12)
    scores = ensemble.scores_
    np.testing.assert_allclose(scores["score"], cross_val_score(lr, X, Y, cv=folds))
    assert list(scores.columns) == ["name", "fold", "score", "n_train", "seconds"]
    assert list(scores["fold"]) == [0, 1, 2, 3]
    assert list(scores["n_train"]) == [len(train) for train, _ in folds.split(X, Y)]
    assert ensemble.oof_score_ == (expected.argmax(axis=1) == Y).mean()


def test_left_out_several_times_or_never():
    repeated = RepeatedKFold(n_splits=4, n_repeats=3, random_state=0)
    ensemble = FoldEnsembleRegressor(Ridge(), cv=repeated).fit(XR, YR)
    expected = np.zeros(80)
    for train, test in repeated.split(XR):
        expected[test] += Ridge().fit(XR[train], YR[train]).predict(XR[test]) / 3
    np.testing.assert_allclose(ensemble.oof_prediction_, expected)

    split = ShuffleSplit(2, test_size=0.2, random_state=0)
    ensemble = FoldEnsembleRegressor(Ridge(), cv=split).fit(XR, YR)
    never = np.isnan(ensemble.oof_prediction_)
    tests = np.concatenate([test for _, test in split.split(XR)])
    np.testing.assert_array_equal(np.flatnonzero(~never), np.unique(tests))
    assert ensemble.oof_score_ > 0.9


@pytest.mark.parametrize("make", [FoldEnsembleClassifier, FoldEnsembleRegressor])
def test_nothing_is_left_out(make):
    folds = [(np.arange(80), [])] * 3
    inner = LogisticRegression() if make is FoldEnsembleClassifier else Ridge()
    ensemble = make([("a", inner), ("b", clone(inner))], cv=folds).fit(XR, YR > 0)
    assert ensemble.weights_ == {"a": 0.5, "b": 0.5}
    assert np.isnan(ensemble.oof_prediction_).all()
    assert np.isnan(ensemble.oof_score_)
    assert ensemble.scores_["score"].isna().all()
    expected = clone(inner).fit(XR, YR > 0)
    np.testing.assert_allclose(ensemble.predict(XR), expected.predict(XR))


def test_weights_are_repeated_rows():
    times = np.random.RandomState(0).randint(1, 4, size=80)
    rows = np.repeat(np.arange(80), times)
    fold = np.arange(80) % 4
    weighted = FoldEnsembleRegressor(
        [("a", Ridge()), ("b", Ridge(50))], cv=[(fold != k, fold == k) for k in range(4)]
    ).fit(XR, YR, sample_weight=times)
    repeated = clone(weighted).set_params(cv=[(fold[rows] != k, fold[rows] == k) for k in range(4)])
    repeated.fit(XR[rows], YR[rows])
    assert weighted.weights_ == repeated.weights_
    np.testing.assert_allclose(weighted.predict(XR), repeated.predict(XR))
    np.testing.assert_allclose(weighted.oof_prediction_[rows], repeated.oof_prediction_)
    assert weighted.oof_score_ == pytest.approx(repeated.oof_score_)
    np.testing.assert_allclose(weighted.scores_["score"], repeated.scores_["score"])


def test_groups_stay_together(noting_regressor):
    groups = np.arange(80) % 5
    ensemble = FoldEnsembleRegressor(noting_regressor, cv=GroupKFold(5))
    ensemble.fit(XR, groups.astype(float), groups=groups)
    for member in ensemble.estimators_["notingregressor"]:
        assert len(np.unique(member.y_val_)) == 1
        assert len(member.X_val_) == 16


def test_a_bad_estimator_has_no_weight_and_is_not_asked():
    named = [("good", Ridge()), ("bad", SVR(C=1e-6))]
    ensemble = FoldEnsembleRegressor(named, cv=3, random_state=0).fit(XR, YR)
    assert ensemble.weights_ == {"good": 1.0, "bad": 0.0}
    ensemble.estimators_["bad"] = [None]
    alone = FoldEnsembleRegressor(Ridge(), cv=3, random_state=0).fit(XR, YR)
    np.testing.assert_array_equal(ensemble.predict(XR), alone.predict(XR))


# -- at home in scikit-learn -----------------------------------------------------------------------


@pytest.mark.slow
def test_pickle_and_cross_validation_in_processes():
    ensemble = FoldEnsembleClassifier(SCALED, cv=2, random_state=0).fit(X, Y)
    again = pickle.loads(pickle.dumps(ensemble))
    np.testing.assert_array_equal(again.predict_proba(X), ensemble.predict_proba(X))
    assert np.isfinite(cross_val_score(ensemble, X, Y, cv=2, n_jobs=2)).all()


def test_progress(capsys):
    FoldEnsembleRegressor(Ridge(), cv=3, verbose=1).fit(XR, YR)
    assert capsys.readouterr().out.startswith("fit 3/3 ")


@pytest.mark.parametrize("params", [{"cv": 1}, {"cv": "5"}, {"shared_steps": 3}, {"n_jobs": "2"}])
def test_wrong_parameters(params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of FoldEnsembleRegressor"):
        FoldEnsembleRegressor(Ridge(), **params).fit(XR, YR)


def test_scores_are_stored_as_plain_values_and_damaged_ones_are_a_clear_error():
    ensemble = FoldEnsembleClassifier([("a", NET), ("b", SCALED)], cv=2, random_state=0).fit(X, Y)
    state = ensemble.__getstate__()
    assert all(type(column) is list for column in state["scores_"].values())
    found = pickle.loads(pickle.dumps(ensemble)).scores_
    pd.testing.assert_frame_equal(found, ensemble.scores_)
    state["scores_"]["fold"].pop()
    with pytest.raises(ModelFileError, match=r"stored FoldEnsembleClassifier is damaged.*length"):
        FoldEnsembleClassifier(NET).__setstate__(state)
