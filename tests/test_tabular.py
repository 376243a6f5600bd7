"""tabular_pipeline on frames with numbers, categories and missing cells."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score

from sknn_tips import MLPClassifier, MLPRegressor, tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.exceptions import DataError
from sknn_tips.preprocessing import SquashingScaler

N_ROWS = 300
FAST = {"nets__net__max_iter": 3, "nets__net__hidden_layer_sizes": 16}


def frame(seed=0, n_rows=N_ROWS):
    """Return a table in which each column matters, with missing cells, and two targets."""
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(
        {
            "age": rng.randint(18, 90, n_rows),
            "income": rng.lognormal(10, 1.5, n_rows),
            "plan": rng.choice(["basic", "plus", "pro"], n_rows),
            "member": rng.rand(n_rows) < 0.3,
        }
    )
    amount = X["age"] / 20 + np.log(X["income"]) + 2 * (X["plan"] == "pro") - X["member"]
    X.loc[rng.rand(n_rows) < 0.2, "income"] = np.nan
    X.loc[rng.rand(n_rows) < 0.1, "plan"] = None
    label = np.where(amount > amount.median(), "yes", "no")
    return X, label, amount.to_numpy()


def small(kind, **options):
    return tabular_pipeline(kind, cv=3, random_state=0, **options).set_params(**FAST)


@pytest.mark.parametrize("trees", [False, True])
def test_a_classifier_of_a_raw_frame(trees):
    X, y, _ = frame()
    X_new, y_new, _ = frame(1)
    model = tabular_pipeline("classifier", trees=trees, cv=4, random_state=0).fit(X, y)
    assert isinstance(model, FoldEnsembleClassifier)
    assert model.score(X_new, y_new) > 0.85
    assert model.oof_score_ > 0.85
    proba = model.predict_proba(X_new)
    chance = DummyClassifier().fit(X, y).predict_proba(X_new)
    assert log_loss(y_new, proba) < 0.6 * log_loss(y_new, chance)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert set(model.weights_) == {"nets", "trees"} if trees else {"nets"}


@pytest.mark.parametrize("trees", [False, True])
def test_a_regressor_of_a_raw_frame(trees):
    X, _, y = frame()
    X_new, _, y_new = frame(1)
    model = tabular_pipeline("regressor", trees=trees, cv=4, random_state=0).fit(X, y)
    assert isinstance(model, FoldEnsembleRegressor)
    assert model.score(X_new, y_new) > 0.6  # a fifth of the incomes is not known
    far = X_new.assign(income=1e30, age=1000)
    assert model.predict(far).max() <= y.max()


def test_temperature_undoes_label_smoothing():
    X, y, _ = frame(n_rows=600)
    model = tabular_pipeline("classifier", cv=4, random_state=0).fit(X, y)
    assert model.temperatures_["nets"] < 0.95
    flat = clone(model).set_params(calibrate=False).fit(X, y)
    assert log_loss(y, model.oof_prediction_) < log_loss(y, flat.oof_prediction_)


def test_each_part_can_be_set_and_searched():
    X, y, _ = frame()
    model = small("classifier", trees=True)
    names = set(model.get_params())
    assert {
        "cv",
        "nets__net__dropout",
        "nets__encoder__numeric__n_bins",
        "nets__encoder__categorical__min_frequency",
        "nets__encoder__max_levels",
        "trees__cleaner__max_levels",
        "trees__trees__learning_rate",
    } <= names
    choices = {
        "nets__encoder__numeric": [SquashingScaler(), None],
        "nets__net__label_smoothing": [0.0, 0.1],
    }
    search = GridSearchCV(small("classifier"), choices, cv=2, n_jobs=2).fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    shown = re.sub(r"\s+", " ", repr(model))
    assert "PiecewiseLinearEncoder()" in shown


def test_cross_validation_clone_and_pickle():
    X, _, y = frame()
    model = small("regressor")
    scores = cross_val_score(model, X, y, cv=2, n_jobs=2)
    assert np.isfinite(scores).all()
    first, second = model.fit(X, y), clone(model).fit(X, y)
    np.testing.assert_array_equal(first.predict(X), second.predict(X))
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(first.predict(X), again.predict(X))


def test_the_same_frame_of_pandas_and_polars():
    polars = pytest.importorskip("polars", reason="polars is an optional input")
    X, y, _ = frame()
    model = small("classifier", trees=True).fit(X, y)
    other = polars.DataFrame(
        {
            name: [None if value != value else value for value in X[name].astype(object)]
            for name in X
        }
    )
    np.testing.assert_array_equal(model.predict_proba(X), model.predict_proba(other))
    with pytest.raises(ValueError, match="same order"):
        model.predict(X[["plan", "age", "income", "member"]])


def test_folds_of_groups_and_weights():
    X, y, _ = frame()
    groups = np.arange(N_ROWS) // 10
    model = small("classifier").set_params(cv=GroupKFold(3))
    weight = np.random.RandomState(0).uniform(0.5, 2, N_ROWS)
    model.fit(X, y, sample_weight=weight, groups=groups)
    assert model.scores_["n_train"].tolist() == [200] * 3


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (MLPClassifier(32, max_iter=100, tol=None), FoldEnsembleClassifier),
        (LogisticRegression(), FoldEnsembleClassifier),
    ],
)
def test_an_estimator_takes_the_place_of_the_network(estimator, kind):
    X, y, _ = frame()
    model = tabular_pipeline(estimator, cv=3)
    assert type(model) is kind
    assert model.get_params()["nets__net"] is estimator
    assert model.fit(X, y).oof_score_ > 0.8


def test_the_kind_follows_from_the_estimator():
    assert isinstance(tabular_pipeline(MLPRegressor()), FoldEnsembleRegressor)
    assert isinstance(tabular_pipeline(HistGradientBoostingClassifier()), FoldEnsembleClassifier)


def test_a_wrong_name_is_answered_with_the_right_one():
    with pytest.raises(ValueError, match=r"estimator='clasifier' .*Did you mean 'classifier'"):
        tabular_pipeline("clasifier")


@pytest.mark.parametrize("wrong", [MLPClassifier, None, 3, SquashingScaler()])
def test_what_is_no_kind_is_named(wrong):
    with pytest.raises(ValueError, match=r"tabular_pipeline got .*'classifier', 'regressor', or"):
        tabular_pipeline(wrong)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"max_iter": 5}, r"model.set_params\(nets__net__max_iter=...\)\."),
        ({"net__max_iter": 5}, r"set_params\(nets__net__max_iter=...\)\."),
        ({"max_iter": 5, "trees": True}, r"nets__net__max_iter=...\), or trees__trees__max_iter\."),
        ({"njobs": 2}, r"Did you mean 'n_jobs'\?"),
        ({"bogus": 2}, r"see model.get_params\(\)\."),
    ],
)
def test_the_error_about_a_parameter_of_a_part_says_how_to_set_it(options, remedy):
    name = next(iter(options))
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'.*{remedy}$"):
        tabular_pipeline("classifier", **options)


def test_a_parameter_of_the_given_estimator():
    with pytest.raises(TypeError, match=r"set_params\(nets__net__C=...\)\.$"):
        tabular_pipeline(LogisticRegression(), C=2)
    with pytest.raises(TypeError, match=r"'task'\. Write tabular_pipeline\('classifier'\) or"):
        tabular_pipeline(task="classifier")


def test_trees_are_there_or_not():
    with pytest.raises(ValueError, match="trees='yes' is neither True nor False"):
        tabular_pipeline("classifier", trees="yes")


def test_a_strange_column_is_named_before_training():
    X, y, _ = frame()
    X["when"] = pd.Timestamp("2024-01-01")
    with pytest.raises(DataError, match=r"'when' holds dates.*skrub"):
        small("classifier").fit(X, y)


def test_a_column_without_any_value():
    X, y, _ = frame()
    model = small("classifier", trees=True).fit(X.assign(nothing=np.nan), y)
    proba = model.predict_proba(X.assign(nothing=1.0))
    np.testing.assert_array_equal(proba, model.predict_proba(X.assign(nothing=np.nan)))


@pytest.mark.parametrize("weight_of_it", [1.0, 0.0])
@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_a_column_whose_only_value_is_left_out(kind, weight_of_it):
    X, label, amount = frame()
    X["rare"] = np.r_[5.0, np.full(N_ROWS - 1, np.nan)]
    weight = np.r_[weight_of_it, np.ones(N_ROWS - 1)]
    y = label if kind == "classifier" else amount
    model = small(kind, trees=True).fit(X, y, sample_weight=weight)
    assert np.isfinite(model.oof_prediction_).all()
    assert model.oof_score_ > 0.3
