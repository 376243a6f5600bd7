from collections import Counter
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import pipeline
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, _validation, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
)

from sknn_tips import MLPClassifier, MLPRegressor, stacked
from sknn_tips.search import shared, sweep
from sknn_tips.search.shared import may_share, shared_work, unshared_work
from sknn_tips.training.sharing import Share, no_entries

X, Y = make_classification(90, 6, random_state=0)
RATES = {"mlpclassifier__learning_rate_init": [0.001, 0.01, 0.1]}


class Shift(TransformerMixin, BaseEstimator):
    """A user's own transformer, which may do anything."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X + 1


def net(**changed):
    return MLPClassifier(4, max_iter=2, tol=None, random_state=0, **changed)


pytestmark = pytest.mark.usefixtures("no_helpers")


@pytest.fixture
def made(monkeypatch):
    """Return how often what was made."""
    found = Counter()

    class Counted(Share):
        def once(self, name, sources, options, make):
            def counted():
                found[name] += 1
                return make()

            return super().once(name, sources, options, counted)

    monkeypatch.setattr(sweep, "Share", Counted)
    return found


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([StandardScaler()], {"rows": 4, "transformed": 4, "cast": 4}),
        ([MinMaxScaler(), PCA(3, random_state=0)], {"rows": 4, "transformed": 8, "cast": 4}),
        (
            [make_column_transformer((StandardScaler(), [0, 1]), remainder="passthrough")],
            {"rows": 4, "transformed": 4, "cast": 4},
        ),
        ([], {"rows": 4, "cast": 4}),
        ([PCA(3)], {"rows": 4}),  # it may draw, every time other numbers
        ([StandardScaler(copy=False)], {}),
        ([FunctionTransformer(np.abs)], {}),
        ([Shift()], {}),
    ],
)
def test_a_fold_is_sliced_and_transformed_once(steps, expected, made):
    pipe = make_pipeline(*steps, net())
    with stacked():  # copies, for the refit of copy=False writes into what it gets
        found = GridSearchCV(pipe, RATES, cv=4, return_train_score=True).fit(X.copy(), Y)
    assert made == expected
    alone = GridSearchCV(pipe, RATES, cv=4, return_train_score=True).fit(X.copy(), Y)
    for name in ("mean_test_score", "mean_train_score"):
        np.testing.assert_array_equal(found.cv_results_[name], alone.cv_results_[name])


def test_other_parameters_are_another_transformer(made):
    pipe = make_pipeline(MinMaxScaler(), net())
    grid = {**RATES, "minmaxscaler__feature_range": [(0, 1), (-1, 1)]}
    with stacked():
        GridSearchCV(pipe, grid, cv=4).fit(X, Y)
    assert made == {"rows": 4, "transformed": 8, "cast": 8}


def test_fitted_transformers_are_each_ones_own(made):
    pipe = make_pipeline(StandardScaler(), net())
    same = [(np.arange(60), np.arange(60, 90))] * 3  # the very same rows
    with stacked():
        found = cross_validate(pipe, X, Y, cv=same, return_estimator=True)["estimator"]
    assert made["transformed"] == 1
    scalers = [each[0] for each in found]
    assert len(set(map(id, scalers))) == 3
    scalers[0].mean_[:] = 0
    assert scalers[1].mean_.any()


FRAME = pd.DataFrame(X, columns=list("abcdef")).assign(kind=np.where(Y == 1, "x", "y"))
COLUMNS = make_column_transformer(
    (make_pipeline(SimpleImputer(), StandardScaler()), list("abc")), (OneHotEncoder(), ["kind"])
)
TARGETS = np.c_[X[:, 0], -X[:, 1]]
MORE = {"mlpclassifier__alpha": [0.1, 0.2], "mlpclassifier__max_iter": [1, 2]}
REGRESSOR = MLPRegressor(hidden_layer_sizes=4, max_iter=2, tol=None, random_state=0)


@pytest.mark.parametrize(
    ("estimator", "grid", "X", "y", "weights"),
    [
        (
            Pipeline([("scale", StandardScaler()), ("net", net())]),
            {"scale": [StandardScaler(), MinMaxScaler(), "passthrough"], "net__alpha": [0.1, 0.2]},
            X,
            Y,
            (),
        ),
        (make_pipeline(COLUMNS, net()), MORE, FRAME, np.array(["no", "yes"])[Y], ()),
        (
            make_pipeline(COLUMNS, net()),
            {**RATES, "columntransformer__pipeline__simpleimputer__strategy": ["mean", "median"]},
            FRAME,
            Y,
            (),
        ),
        (make_pipeline(MaxAbsScaler(), net()), MORE, sparse.csr_array(X), Y, ()),
        (
            make_pipeline(SelectKBest(), net()),
            {**RATES, "selectkbest__k": [2, 3]},
            X,
            Y,
            ("mlpclassifier__sample_weight",),
        ),
        (
            make_pipeline(StandardScaler(), net()),
            MORE,
            X,
            Y,
            ("standardscaler__sample_weight", "mlpclassifier__sample_weight"),
        ),
        (
            make_pipeline(StandardScaler(), REGRESSOR),
            {"mlpregressor__alpha": [0.1, 0.2], "mlpregressor__max_iter": [1, 2]},
            X[:, 2:],
            TARGETS,
            (),
        ),
        (
            TransformedTargetRegressor(make_pipeline(StandardScaler(), REGRESSOR)),
            {"regressor__mlpregressor__alpha": [0.1, 0.2]},
            X[:, 2:],
            TARGETS[:, 0],
            (),
        ),
    ],
)
def test_every_composition_gives_what_it_gives_alone(estimator, grid, X, y, weights):
    given = dict.fromkeys(weights, np.linspace(0.5, 2, len(y)))
    search = GridSearchCV(estimator, grid, cv=3, refit=False, return_train_score=True)
    alone = search.fit(X, y, **given).cv_results_
    with stacked(n_jobs=2):
        together = search.fit(X, y, **given).cv_results_
    assert list(together) == list(alone)
    for name in [name for name in alone if "score" in name and "time" not in name]:
        np.testing.assert_array_equal(together[name], alone[name])


def test_nothing_is_kept_when_nobody_uses_it(monkeypatch):
    kept, most = no_entries(), []
    train = sweep.Sweep._train

    def noted(self):
        most.append(len(kept))
        train(self)

    monkeypatch.setattr(sweep, "no_entries", lambda: kept)
    monkeypatch.setattr(sweep.Sweep, "_train", noted)
    with stacked():
        GridSearchCV(make_pipeline(StandardScaler(), net()), RATES, cv=4).fit(X, Y)
    assert max(most) == 4 * 3
    assert not kept


def task(estimator, scorer=None, parameters=None):
    call = (partial(_validation._fit_and_score), (estimator,), {})
    call[0].function = _validation._fit_and_score
    scorer = scorer or make_scorer(accuracy_score)
    call[2].update(scorer=scorer, parameters=parameters)
    found = partial(int)
    found.items = [call]
    return found


def test_tasks_in_which_nobody_changes_data():
    assert may_share(task(make_pipeline(StandardScaler(), net())))
    assert may_share(task(net(batchnorm=True, solver="sgd"), parameters={"alpha": 0.1}))
    assert may_share(task(LogisticRegression()))


@pytest.mark.parametrize(
    "other",
    [
        int,
        task(net(callbacks=[object()])),
        task(make_pipeline(Shift(), net())),
        task(make_pipeline(FunctionTransformer(np.abs), net())),
        task(make_pipeline(StandardScaler(copy=False), net())),
        task(make_pipeline(StandardScaler(), net(), memory="folder")),
        task(net(), parameters={"metrics": [accuracy_score]}),
        task(net(), scorer=lambda estimator, X, y: 1.0),
        task(net(), scorer=make_scorer(lambda y, y_pred: 1.0)),
    ],
)
def test_tasks_that_get_data_of_their_own(other):
    assert not may_share(other)


@pytest.mark.parametrize("name", ["_fit_and_score", "_split", "_fit_transform"])
def test_a_scikit_learn_without_these_functions_shares_nothing(name, monkeypatch):
    monkeypatch.setattr(shared, name, None)
    assert not may_share(task(net()))


def test_scikit_learn_is_left_as_it_was():
    def functions():
        return _validation._safe_split, pipeline._fit_transform_one

    own = functions()
    with shared_work():
        assert not set(functions()) & set(own)
        with unshared_work():
            assert functions() == own
        assert not set(functions()) & set(own)
    assert functions() == own


def fail():
    with shared_work():
        raise KeyError("of the task")


def test_scikit_learn_is_left_as_it_was_after_an_error():
    own = _validation._safe_split
    with pytest.raises(KeyError):
        fail()
    assert _validation._safe_split is own
