import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.ensemble.members import (
    Samples,
    fit,
    fit_member,
    params_of_steps,
    set_seeds,
    split_steps,
    takes_validation,
)

X = np.arange(60.0).reshape(20, 3) ** 1.5
Y = np.arange(20) % 2
FOLD = np.arange(15), np.arange(15, 20)
WEIGHT = np.linspace(0.1, 1, 20)


def fitted(member, X=X, y=Y, fold=FOLD, **params):
    return fit_member(member, "name", 3, Samples(X, y, params), fold, "predict_proba", {})


def test_left_out_part_is_the_validation_set(noting_classifier):
    result = fitted(noting_classifier, sample_weight=WEIGHT)
    assert result["member"] is noting_classifier
    np.testing.assert_array_equal(noting_classifier.X_, X[:15])
    np.testing.assert_array_equal(noting_classifier.y_, Y[:15])
    np.testing.assert_array_equal(noting_classifier.weight_, WEIGHT[:15])
    np.testing.assert_array_equal(noting_classifier.X_val_, X[15:])
    np.testing.assert_array_equal(noting_classifier.y_val_, Y[15:])
    np.testing.assert_array_equal(noting_classifier.weight_val_, WEIGHT[15:])
    np.testing.assert_array_equal(result["prediction"], np.full((5, 2), 0.5))
    assert result["seconds"] > 0


@pytest.mark.parametrize("nested", [False, True])
def test_behind_the_steps_of_a_pipeline(noting_classifier, nested, tmp_path):
    last = make_pipeline(noting_classifier) if nested else noting_classifier
    pipeline = make_pipeline(StandardScaler(), SelectKBest(k=2), last, memory=str(tmp_path))
    fitted(pipeline, sample_weight=WEIGHT)
    reference = make_pipeline(StandardScaler(), SelectKBest(k=2)).fit(X[:15], Y[:15])
    np.testing.assert_allclose(noting_classifier.X_, reference.transform(X[:15]))
    np.testing.assert_allclose(noting_classifier.X_val_, reference.transform(X[15:]))
    np.testing.assert_array_equal(noting_classifier.weight_, WEIGHT[:15])
    np.testing.assert_array_equal(noting_classifier.weight_val_, WEIGHT[15:])
    assert pipeline.predict(X).shape == (20,)  # it stands alone, its memory's copies in it


def test_a_pipeline_is_fitted_as_by_itself():
    pipeline = make_pipeline(StandardScaler(), SelectKBest(k=2), LogisticRegression())
    fitted(pipeline)
    expected = clone(pipeline).fit(X[:15], Y[:15])
    np.testing.assert_array_equal(pipeline.predict_proba(X), expected.predict_proba(X))


def test_validation_leaves_out_classes_that_training_lacks(noting_classifier):
    y = np.where(np.arange(20) > 17, 2, Y)
    fitted(noting_classifier, y=y)
    np.testing.assert_array_equal(noting_classifier.y_val_, y[15:18])


def test_no_validation_set_where_none_is_left(noting_classifier):
    fitted(noting_classifier, y=np.where(np.arange(20) >= 15, 2, Y))
    assert noting_classifier.X_val_ is None
    result = fitted(noting_classifier, fold=(np.arange(20), np.arange(0)))
    assert noting_classifier.X_val_ is None
    assert result["prediction"] is None


def test_an_error_that_comes_of_no_validation_set_says_so():
    net = MLPClassifier(4, monitor="val_loss", tips="ignore")
    with pytest.raises(ValueError, match="val_loss") as caught:
        fitted(net, y=np.where(np.arange(20) >= 15, 2, Y))
    of_member, of_validation = caught.value.__notes__
    assert of_member == "Raised by the estimator 'name' in fold 3 of the ensemble."
    assert "training part has none of its classes" in of_validation


@pytest.mark.parametrize(
    "make",
    [sparse.csr_matrix, sparse.csr_array, pd.DataFrame, lambda X: pl.DataFrame(X), list],
    ids=["csr_matrix", "csr_array", "pandas", "polars", "list"],
)
def test_any_rows(noting_classifier, make):
    given = make(X)
    fitted(RandomForestClassifier(2), X=given)
    samples = Samples(given, Y, {})
    fit(noting_classifier, samples.at(FOLD[0]), samples.at(FOLD[1]))
    if not isinstance(given, list):
        assert type(noting_classifier.X_val_) is type(given)
    assert len(noting_classifier.y_val_) == 5


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (MLPClassifier(), True),
        (make_pipeline(StandardScaler(), make_pipeline(MLPRegressor())), True),
        (HistGradientBoostingClassifier(early_stopping=False), False),
        (LogisticRegression(), False),
        (TransformedTargetRegressor(MLPRegressor()), False),
        (GridSearchCV(MLPClassifier(), {}), False),
    ],
)
def test_who_takes_a_validation_set(estimator, expected):
    assert takes_validation(estimator) == expected


def test_boosting_fits_with_and_without_early_stopping():
    y = np.arange(200) % 2
    many = np.random.RandomState(0).normal(size=(200, 2)) + y[:, None]
    fold = np.arange(150), np.arange(150, 200)
    for early_stopping in (True, False):
        trees = HistGradientBoostingClassifier(max_iter=5, early_stopping=early_stopping)
        fitted(trees, X=many, y=y, fold=fold, sample_weight=np.ones(200))
        assert trees.do_early_stopping_ == early_stopping


def test_split_steps():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    front, last = split_steps(pipeline)
    assert [type(step) for _, step in front.steps] == [StandardScaler]
    assert last is pipeline[-1]
    assert split_steps(last) == (None, last)
    assert split_steps(Pipeline([("last", last)])) == (None, last)


def test_params_go_to_the_last_step_without_routing():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    assert params_of_steps(pipeline, {"sample_weight": 1}) == ({}, {"sample_weight": 1})


def test_seeds_reach_all_nested_estimators():
    estimator = make_pipeline(StandardScaler(), RandomForestClassifier())
    once = set_seeds(clone(estimator), np.random.RandomState(0))[-1].random_state
    again = set_seeds(clone(estimator), np.random.RandomState(0))[-1].random_state
    assert isinstance(once, int)
    assert once == again
    assert estimator[-1].random_state is None
