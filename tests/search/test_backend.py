"""scikit-learn's own searches give under `stacked` what they give without it."""

import gc
import os
import signal
import sys
import threading
import traceback
import warnings
import weakref
from pathlib import Path
from time import perf_counter

import joblib
import numpy as np
import pytest
import sklearn
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
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
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.runtime.devices import resolve_device

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


@pytest.fixture
def threads(monkeypatch):
    """Return the name of the thread of every fit."""
    names, fit = [], BaseMLP._fit

    def noted(self, *args, **kwargs):
        names.append(threading.current_thread().name)
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(BaseMLP, "_fit", noted)
    return names


def in_workers(threads):
    return sum(name.startswith("sknn_tips") for name in threads)


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
def test_searches(search, name, threads):
    assert_same_results(lambda: SEARCHES[search](NETS[name], RATES).fit(X, NAMES))
    assert in_workers(threads) == len(threads) / 2 - 1  # but for the refit


def test_pipeline_several_scores_train_scores_and_weights():
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
def test_everything_that_goes_through_joblib(name, threads):
    np.testing.assert_array_equal(*both(FUNCTIONS[name]))
    assert in_workers(threads) >= 2


def test_joblibs_own_way(threads):
    with joblib.parallel_config(backend="sknn_tips"):
        search = GridSearchCV(net(), RATES).fit(X, Y)
    assert in_workers(threads) == 15
    assert search.best_score_ == GridSearchCV(net(), RATES).fit(X, Y).best_score_


def test_nothing_changes_outside(threads):
    with stacked():
        pass
    GridSearchCV(net(), RATES).fit(X, Y)
    assert not in_workers(threads)


def test_other_estimators_just_run():
    search = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [0.1, 1, 10]})
    alone, together = both(lambda: search.fit(X, Y).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(alone, together)


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


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
def test_any_number_of_threads_gives_the_same(n_jobs, threads):
    A, b = make_classification(300, 6, random_state=0)
    search = GridSearchCV(net(), {"alpha": np.logspace(-5, 0, 6)}, cv=4, n_jobs=n_jobs, refit=False)
    with stacked():
        together = search.fit(A, b).cv_results_["mean_test_score"]
    assert in_workers(threads) == 24
    assert len(set(threads)) <= n_jobs  # the search's own number goes first
    alone = search.set_params(n_jobs=1).fit(A, b).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(alone, together)


def test_joblibs_threads_give_the_same():
    A, b = make_classification(300, 6, random_state=0)
    search = GridSearchCV(net(), {"alpha": np.logspace(-5, 0, 6)}, cv=4)
    alone = search.fit(A, b).cv_results_["mean_test_score"]
    with joblib.parallel_config("threading", n_jobs=3):
        together = search.fit(A, b).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(alone, together)


def test_an_ensemble_within_a_search_and_one_whose_members_run_in_threads():
    ensemble = FoldEnsembleClassifier(net(), cv=3, random_state=0)
    np.testing.assert_array_equal(*both(lambda: cross_validate(ensemble, X, Y)["test_score"]))
    np.testing.assert_array_equal(*both(lambda: ensemble.fit(X, Y).predict_proba(X)))
    alone = ensemble.predict_proba(X)
    with joblib.parallel_config("threading"):
        together = ensemble.set_params(n_jobs=2).fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(alone, together)


class Asks(ClassifierMixin, BaseEstimator):
    """Notes in every fit what it finds."""

    def __init__(self, ask=None, x=0):
        self.ask, self.x = ask, x

    def __sklearn_clone__(self):
        return Asks(self.ask, self.x)

    def fit(self, X, y):
        self.ask()
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.resize(self.classes_, len(X))


def asked(ask):
    """Return what a function gives in every fit of a search in two threads."""
    found = []
    grid = {"x": [*range(4)]}
    with stacked(2):
        GridSearchCV(Asks(lambda: found.append(ask())), grid, cv=2, refit=False).fit(X, Y)
    assert len(found) == 8
    return found


def test_every_thread_has_one_core():
    def numbers():
        return {torch.get_num_threads(), *(each["num_threads"] for each in threadpool_info())}

    assert asked(numbers) == [{1}] * 8


def test_a_network_so_large_that_it_would_be_worth_a_gpu_stays_on_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto", 1e12).type == "cuda"
    assert asked(lambda: resolve_device("auto", 1e12).type) == ["cpu"] * 8


def test_configuration_and_context_are_those_of_the_caller():
    with sklearn.config_context(assume_finite=True), np.errstate(over="raise"):
        found = asked(lambda: (sklearn.get_config()["assume_finite"], np.geterr()["over"]))
    assert found == [(True, "raise")] * 8


# -- errors, warnings, Ctrl-C ----------------------------------------------------------------------


def test_an_error_tells_where_it_comes_from_and_ends_the_others():
    def scorer(estimator, X, y):
        raise TimeoutError("of the scorer")

    start = perf_counter()
    grid = {"max_iter": [1, 100_000]}
    search = GridSearchCV(net(), grid, scoring=scorer, error_score="raise")
    with stacked(2), pytest.raises(TimeoutError, match="of the scorer") as caught:
        search.fit(X, Y)
    assert perf_counter() - start < 30
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "scorer"


@pytest.mark.parametrize("engine", ["dask", "loky"])
def test_other_workers_are_joblibs_matter(engine):
    with pytest.raises(ValueError, match=rf"parallel_config\(backend='{engine}'\) in place of"):
        stacked(engine=engine).__enter__()


def searched_with_warnings(n_candidates=12):
    """Return the warnings of a search, and whether its filters are still there after it."""
    grid = {"alpha": np.logspace(-5, 0, n_candidates)}
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        inside = warnings.filters[:]
        GridSearchCV(net(tol=1e-4), grid, cv=5, refit=False).fit(X, Y)
        assert warnings.filters == inside
    return [(each.category, str(each.message)) for each in found]


def test_no_warning_is_lost_or_made_up_in_threads():
    """Python 3.11 has one list of filters for all threads."""
    outside, show = warnings.filters, warnings.showwarning
    before = outside[:]
    interval = sys.getswitchinterval()
    alone = searched_with_warnings()
    sys.setswitchinterval(1e-5)
    try:
        with stacked(4):
            together = searched_with_warnings()
    finally:
        sys.setswitchinterval(interval)
    assert together == alone
    assert len(alone) == 60
    assert (warnings.filters, warnings.filters[:], warnings.showwarning) == (outside, before, show)


def test_a_warning_may_be_an_error_in_threads():
    search = GridSearchCV(net(tol=1e-4), RATES, error_score="raise")
    with stacked(4), pytest.raises(ConvergenceWarning):
        search.fit(X, Y)


CANCELLED = {
    "engine": {},
    "autograd": {"solver": "nadam"},
    "L-BFGS": {"solver": "lbfgs", "activation": "tanh", "max_fun": 10**9, "alpha": 0},
}


@pytest.mark.parametrize("name", CANCELLED)
def test_ctrl_c_ends_all(name):
    A, b = make_classification(2000, 20, flip_y=0.5, random_state=0)
    long = MLPClassifier(100, **{"max_iter": 100_000, "tol": None, **CANCELLED[name]})
    search = GridSearchCV(long, {"random_state": [0, 1, 2, 3]})
    pressed, before = [], threading.active_count()

    def press():
        pressed.append(perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.5, press)
    timer.start()
    try:
        with stacked(2), pytest.raises(KeyboardInterrupt):
            search.fit(A, b)
    finally:
        timer.cancel()
        timer.join()
    assert perf_counter() - pressed[0] < 60  # a busy machine; else a tenth of a second
    assert threading.active_count() == before
    with stacked():  # and the next one works
        GridSearchCV(net(), RATES).fit(X, Y)


def test_ctrl_c_at_the_start_of_a_thread_leaves_none(monkeypatch):
    """It interrupted the start, and the thread that was not counted yet trained on."""
    start, left, before = threading.Thread.start, [], threading.active_count()

    def pressed(self):
        if self.name.startswith("sknn_tips"):
            left.append(weakref.ref(self))
            if len(left) == 1:
                signal.raise_signal(signal.SIGINT)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", pressed)
    with stacked(2), pytest.raises(KeyboardInterrupt):
        GridSearchCV(net(max_iter=10**6), RATES).fit(X, Y)
    assert threading.active_count() == before
    # freed at once: in the garbage collector, a further Ctrl-C would be lost
    assert left
    assert not any(each() for each in left)


def measured():
    """Return the memory in kB, and the numbers of threads and open files."""
    gc.collect()
    page = os.sysconf("SC_PAGE_SIZE")
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    of_process = [len(os.listdir(f"/proc/self/{name}")) for name in ("task", "fd")]
    return pages * page // 1024, of_process


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", ["engine", "autograd", "search"])
def test_five_hundred_runs_do_not_grow(kind):
    quick = net(max_iter=3, tips="ignore", optimizer="nadam" if kind == "autograd" else None)
    run = GridSearchCV(quick, RATES, cv=2) if kind == "search" else quick

    def repeat(times):
        for _ in range(times):
            with stacked(2):
                run.fit(X, Y)
        return measured()

    memory, others = repeat(50)
    more_memory, others_later = repeat(450)
    assert others_later == others
    assert more_memory - memory < 4000  # of 400,000


def test_nothing_is_left_behind():
    """Neither threads nor memory; the long version is 500 sweeps."""
    search = GridSearchCV(net(max_iter=2), RATES, cv=2)

    def sweeps(n):
        for _ in range(n):
            with stacked(2):
                search.fit(X, Y)
        gc.collect()
        return threading.active_count(), len(gc.get_objects())

    sweeps(3)
    threads, objects = sweeps(2)
    for _ in range(2):
        more_threads, more_objects = sweeps(8)
        assert more_threads == threads
    assert more_objects - objects < 300


def test_fitted_estimators_are_their_own():
    """What comes out of a thread can be trained on, and holds no memory but its own."""
    with stacked():
        found = cross_validate(net(), X, Y, cv=KFold(5), return_estimator=True)["estimator"]
    alone = cross_validate(net(), X, Y, cv=KFold(5), return_estimator=True)["estimator"]
    for a, b in zip(found, alone, strict=True):
        assert a.net_.flat.vector.untyped_storage().nbytes() == 4 * len(a.net_.flat.vector)
        for estimator in (a, b):
            estimator.partial_fit(X, Y)
        np.testing.assert_array_equal(a.coefs_[0], b.coefs_[0])


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


@pytest.mark.parametrize("n_jobs", [0, 1.5, "two"])
def test_a_number_of_cores_that_is_none_is_said_at_once(n_jobs):
    with pytest.raises(ValueError, match=r"n_jobs=.*Give one from 1 on"), stacked(n_jobs=n_jobs):
        pass


def test_who_goes_over_to_autograd_in_the_middle_trains_on_alone():
    """A callback that asks for torch's optimizer, in several threads at once."""

    def ask(fitted, **kwargs):
        if len(fitted.history) == 2:
            assert fitted.optimizer_.param_groups

    base = net(callbacks=[LambdaCallback(on_epoch_end=ask)], max_iter=4)
    search = GridSearchCV(base, RATES, cv=3, error_score="raise")
    found = both(lambda: search.fit(X, Y).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(*found)
