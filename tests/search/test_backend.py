"""scikit-learn's own searches give under `stacked` what they give without it."""

import threading
import warnings

import joblib
import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris, make_classification, make_regression
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 makes the next import work
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info

from sknn_tips import MLPClassifier, MLPRegressor, stacked
from sknn_tips.callbacks import LambdaCallback
from sknn_tips.search import backend, places, sweep

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
RATES = {"learning_rate_init": [0.001, 0.01, 0.1]}
WITHOUT_TIMES = ("mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time")


def net(**changed):
    return MLPClassifier(
        **{"hidden_layer_sizes": 8, "max_iter": 5, "tol": None, **changed, "random_state": 0}
    )


def both(fit):
    """Return what a function gives without `stacked`, and within it."""
    alone = fit()
    with stacked():
        return alone, fit()


def assert_same_results(fit):
    alone, together = both(fit)
    found, expected = together.cv_results_, alone.cv_results_
    assert list(found) == list(expected)
    for name in set(found) - set(WITHOUT_TIMES):
        if name == "params":
            assert found[name] == expected[name]
        else:
            np.testing.assert_array_equal(found[name], expected[name])
    for name in WITHOUT_TIMES:
        assert (found[name] >= 0).all()
    assert together.best_params_ == alone.best_params_
    np.testing.assert_array_equal(together.predict(X), alone.predict(X))
    return together


pytestmark = pytest.mark.usefixtures("no_helpers")


@pytest.fixture
def stacks(monkeypatch):
    """Return the sizes of the stacks that are made."""
    sizes = []

    class Counted(places.Stack):
        def __init__(self, works):
            sizes.append(len(works))
            super().__init__(works)

    monkeypatch.setattr(places, "Stack", Counted)
    return sizes


SEARCHES = {
    "grid": lambda net, grid: GridSearchCV(net, grid, cv=4),  # folds of 112 and 113 rows
    "random": lambda net, grid: RandomizedSearchCV(net, grid, n_iter=2, cv=3, random_state=0),
    "halving": lambda net, grid: HalvingGridSearchCV(
        net, grid, cv=3, random_state=0, min_resources=40
    ),
}
NETS = {
    "plain": net(),
    "early stopping": net(early_stopping=True, max_iter=20, tol=1e-4, n_iter_no_change=2),
    "dropout, batchnorm": net(dropout=0.2, batchnorm=True, solver="sgd", momentum=0.8),
    "balanced": net(class_weight="balanced", metrics=["f1_macro"], learning_rate="cosine"),
    "float64": net(dtype="float64", activation="tanh", l1=0.001),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("search", SEARCHES)
def test_searches(search, name, stacks):
    assert_same_results(lambda: SEARCHES[search](NETS[name], RATES).fit(X, NAMES))
    assert max(stacks) >= 6


def test_pipeline_several_scores_train_scores_and_weights(stacks):
    pipeline = make_pipeline(StandardScaler(), net())
    grid = {"mlpclassifier__alpha": [0, 0.1], "mlpclassifier__hidden_layer_sizes": [(8,), (9, 4)]}
    weight = np.random.RandomState(0).uniform(0.5, 2, len(X))

    def fit():
        search = GridSearchCV(
            pipeline,
            grid,
            scoring=["accuracy", "neg_log_loss"],
            refit="accuracy",
            return_train_score=True,
        )
        return search.fit(X, NAMES, mlpclassifier__sample_weight=weight)

    assert_same_results(fit)
    assert len(stacks) >= 4  # by shape, and by whether there is a penalty


def test_regressor():
    A, b = make_regression(90, 4, random_state=0, noise=1)
    base = MLPRegressor(
        hidden_layer_sizes=7, max_iter=6, tol=None, random_state=0, normalize_y=True
    )
    search = GridSearchCV(base, {"loss": ["squared_error", "huber"], "alpha": [0.1, 1.0]}, cv=3)
    alone, together = both(lambda: search.fit(A, b).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(alone, together)


FUNCTIONS = {
    "cross_validate": lambda: cross_validate(net(), X, Y, cv=4)["test_score"],
    "cross_val_predict": lambda: cross_val_predict(net(), X, Y, method="predict_proba"),
    "learning_curve": lambda: learning_curve(net(), X, Y, shuffle=True, random_state=0)[2],
    "validation_curve": lambda: validation_curve(
        net(), X, Y, param_name="alpha", param_range=[0.01, 1]
    )[1],
    "permutation_test_score": lambda: permutation_test_score(net(), X, Y, n_permutations=4)[1],
    "Bagging": lambda: BaggingClassifier(net(), random_state=0).fit(X, Y).predict_proba(X),
    "Voting": lambda: VotingClassifier([("a", net()), ("b", net(alpha=1))]).fit(X, Y).transform(X),
    "Stacking": lambda: (
        StackingClassifier([("a", net()), ("b", net(alpha=1))], LogisticRegression(max_iter=1000))
        .fit(X, Y)
        .predict_proba(X)
    ),
    "OneVsRest": lambda: OneVsRestClassifier(net()).fit(X, Y).predict_proba(X),
    "OneVsOne": lambda: OneVsOneClassifier(net()).fit(X, Y).decision_function(X),
    "MultiOutput": lambda: (
        MultiOutputRegressor(
            MLPRegressor(hidden_layer_sizes=5, max_iter=5, tol=None, random_state=0)
        )
        .fit(X, X[:, :2])
        .predict(X)
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_everything_that_goes_through_joblib(name, stacks):
    np.testing.assert_array_equal(*both(FUNCTIONS[name]))
    assert max(stacks) >= 2


def test_joblibs_own_way(stacks):
    with joblib.parallel_config(backend="sknn_tips"):
        search = GridSearchCV(net(), RATES).fit(X, Y)
    assert max(stacks) >= 7
    assert search.best_score_ == GridSearchCV(net(), RATES).fit(X, Y).best_score_


def test_nothing_changes_outside(stacks):
    with stacked():
        pass
    GridSearchCV(net(), RATES).fit(X, Y)
    assert stacks == []


def test_other_estimators_just_run(stacks):
    search = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [0.1, 1, 10]})
    alone, together = both(lambda: search.fit(X, Y).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(alone, together)
    assert stacks == []


def test_a_search_within_a_search():
    inner = GridSearchCV(net(), RATES, cv=3)
    np.testing.assert_array_equal(*both(lambda: cross_validate(inner, X, Y, cv=3)["test_score"]))


def test_a_candidate_that_fails_costs_nobody_else():
    grid = {"learning_rate_init": [0.01, -1.0, 0.1]}

    def fit():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FitFailedWarning)
            warnings.simplefilter("ignore", UserWarning)
            return GridSearchCV(net(), grid).fit(X, Y).cv_results_["mean_test_score"]

    alone, together = both(fit)
    np.testing.assert_array_equal(alone, together)
    assert np.isnan(together[1])
    with stacked(), pytest.raises(ValueError, match="learning_rate_init"):
        GridSearchCV(net(), grid, error_score="raise").fit(X, Y)


def test_a_candidate_that_diverges_costs_nobody_else():
    base = net(solver="sgd", momentum=0, activation="identity", loss="squared_error", max_iter=30)
    grid = {"learning_rate_init": [0.01, 1e30, 0.02]}

    def fit():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return GridSearchCV(base, grid).fit(1e3 * X, Y).cv_results_["mean_test_score"]

    alone, together = both(fit)
    np.testing.assert_array_equal(alone, together)


def test_warnings_reach_who_asked_for_them():
    grid = {"alpha": [0.1, 0.2]}

    def fit():
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            GridSearchCV(net(tol=1e-4), grid, cv=3, refit=False).fit(X, Y)
        return [each for each in found if each.category is ConvergenceWarning]

    alone, together = both(fit)
    assert len(alone) == len(together) == 6


def test_an_own_callback_and_its_error():
    class Stop:
        def on_epoch_end(self, net, **kwargs): ...

    from skorch.callbacks import Callback

    class Fails(Callback):
        def on_epoch_end(self, net, **kwargs):
            if len(net.history) == 3:
                raise RuntimeError("of the callback")

    with stacked(), pytest.raises(RuntimeError, match="of the callback"):
        GridSearchCV(net(callbacks=[Fails()]), RATES, error_score="raise").fit(X, Y)
    with stacked():  # and the next one works
        GridSearchCV(net(), RATES).fit(X, Y)


def test_dask_without_a_cluster(monkeypatch):
    """joblib says what to start; without the library the remedy is another."""

    def refused():
        with pytest.raises(ValueError, match="engine='dask' cannot help: ") as caught:
            stacked(engine="dask").__enter__()
        return str(caught.value)

    assert "first create a Dask Client" in refused()
    assert "sknn_tips[dask]" not in refused()
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    assert refused().endswith("pip install 'sknn_tips[dask]'.")


def test_ctrl_c_ends_all(monkeypatch):
    passes = []
    original = sweep.Sweep._train

    def train(self):
        passes.append(len(self._tasks))
        if len(passes) == 3:
            raise KeyboardInterrupt
        original(self)

    before = threading.active_count()
    with monkeypatch.context() as patched:
        patched.setattr(sweep.Sweep, "_train", train)
        with stacked(), pytest.raises(KeyboardInterrupt):
            GridSearchCV(net(), RATES).fit(X, Y)
    assert threading.active_count() == before
    with stacked():
        GridSearchCV(net(), RATES).fit(X, Y)
    assert threading.active_count() == before


def test_fitted_estimators_are_their_own(stacks):
    """What comes out of a stack can be trained on, and holds no memory but its own."""
    with stacked():
        found = cross_validate(net(), X, Y, cv=KFold(5), return_estimator=True)["estimator"]
    alone = cross_validate(net(), X, Y, cv=KFold(5), return_estimator=True)["estimator"]
    assert max(stacks) == 5
    for a, b in zip(found, alone, strict=True):
        assert a.net_.flat.vector.untyped_storage().nbytes() == 4 * len(a.net_.flat.vector)
        for estimator in (a, b):
            estimator.partial_fit(X, Y)
        np.testing.assert_array_equal(a.coefs_[0], b.coefs_[0])


def test_times_are_each_ones_own():
    with stacked():
        found = GridSearchCV(net(max_iter=40), {"alpha": np.logspace(-5, 0, 12)}).fit(X, Y)
    total = found.cv_results_["mean_fit_time"].sum() * 5
    assert total < 60 * found.refit_time_ * 3  # not every fit's time counted for all of them


def test_two_threads_give_the_same(stacks):
    A, b = make_classification(300, 6, random_state=0)
    search = GridSearchCV(net(), {"alpha": np.logspace(-5, 0, 6)}, cv=4, n_jobs=2)
    with stacked():
        together = search.fit(A, b).cv_results_["mean_test_score"]
    alone = search.set_params(n_jobs=1).fit(A, b).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(alone, together)
    assert sorted(stacks)[-2:] == [12, 12]


def test_threads_are_left_as_they_were():
    """Of torch, here and in whatever thread begins later, and of numpy's products."""

    def numbers():
        found = []
        thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        blas = [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
        return [torch.get_num_threads(), *found, *blas]

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        expected = numbers()
        for _ in range(2):
            with stacked(n_jobs=2):
                GridSearchCV(net(), {"alpha": np.logspace(-5, 0, 12)}, refit=False).fit(X, Y)
            assert numbers() == expected
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("n_jobs", [0, "two"])
def test_a_number_of_workers_that_is_none(n_jobs):
    with stacked(), pytest.raises((ValueError, TypeError), match="n_jobs"):
        GridSearchCV(net(), RATES, n_jobs=n_jobs).fit(X, Y)


def test_an_engine_that_joblib_does_not_know():
    with pytest.raises(ValueError, match=r"engine='cluster'.*loky"), stacked(engine="cluster"):
        pass


@pytest.mark.parametrize("engine", ["threading", "sequential", "sknn_tips"])
def test_an_engine_without_processes(engine):
    with pytest.raises(ValueError, match=f"engine='{engine}'.*'loky'"), stacked(engine=engine):
        pass


@pytest.mark.parametrize("n_jobs", [0, 1.5, "two"])
def test_a_number_of_cores_that_is_none_is_said_at_once(n_jobs):
    with pytest.raises(ValueError, match=r"n_jobs=.*Give one from 1 on"), stacked(n_jobs=n_jobs):
        pass


def test_who_goes_over_to_autograd_in_the_middle_trains_on_alone():
    """A callback that asks for torch's optimizer, in several fits of one stack."""

    def ask(fitted, **kwargs):
        if len(fitted.history) == 2:
            assert fitted.optimizer_.param_groups

    base = net(callbacks=[LambdaCallback(on_epoch_end=ask)], max_iter=4)
    search = GridSearchCV(base, RATES, cv=3, error_score="raise")
    found = both(lambda: search.fit(X, Y).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(*found)
