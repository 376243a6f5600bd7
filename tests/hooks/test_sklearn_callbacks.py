import pickle
import threading

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.hooks import sklearn_callbacks as tasks

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9")

QUICK = {"hidden_layer_sizes": 8, "max_iter": 4, "tol": None, "random_state": 0}
SOLVERS = ["adam", "lbfgs"]


class Notes:
    """A callback of scikit-learn's kind, with all that a hook may ask for."""

    def __init__(self, stop_after=None, fail_at=None):
        self.calls, self.stop_after, self.fail_at = [], stop_after, fail_at

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name, {}))

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name, {}))

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.calls.append(("begin", context.task_name, {"X": X, "y": y}))

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        given = {"X": X, "y": y, "metadata": metadata, "fitted": fitted_estimator}
        self.calls.append(("end", context.task_name, given))
        if self.fail_at == len(self.ends()):
            raise RuntimeError("a failure of the callback")
        return len(self.ends()) == self.stop_after

    def ends(self, name="epoch"):
        return [given for what, task, given in self.calls if (what, task) == ("end", name)]


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_fit_is_a_task_with_a_task_an_epoch(digits, solver):
    X, y = digits[0], np.array([f"digit {code}" for code in digits[1]])
    notes, weight = Notes(), np.ones(len(X))
    clf = MLPClassifier(**QUICK, solver=solver, alpha=1.0).set_callbacks(notes)
    clf.fit(X, y, weight)
    epoch = [("begin", "epoch"), ("end", "epoch")]
    expected = [("setup", "fit"), ("begin", "fit"), *(epoch * 4), ("end", "fit")]
    assert [call[:2] for call in notes.calls] == [*expected, ("teardown", "fit")]
    for given in notes.ends() + notes.ends("fit"):
        assert given["X"] is X
        assert given["y"] is y  # as given, so that scores compare with labels
        assert given["metadata"] == {"sample_weight": weight}


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_is_fitted_at_an_epoch_predicts_as_training_had_stopped_there(digits, solver):
    notes = Notes()
    clf = MLPClassifier(**QUICK, solver=solver, dtype="float64").set_callbacks(notes).fit(*digits)
    for epoch, given in enumerate(notes.ends(), start=1):
        if solver == "adam":  # L-BFGS plans its steps; another number of them is another path
            shorter = MLPClassifier(**QUICK, dtype="float64").set_params(max_iter=epoch)
            expected = shorter.fit(*digits).predict_proba(digits[0])
            np.testing.assert_array_equal(given["fitted"].predict_proba(digits[0]), expected)
        assert len(given["fitted"].history_) == epoch
    for given in (notes.ends()[-1], notes.ends("fit")[0]):
        last = given["fitted"].predict_proba(digits[0])
        np.testing.assert_allclose(last, clf.predict_proba(digits[0]), rtol=1e-12)


def test_a_warm_start_counts_as_a_fit_of_its_own(digits):
    notes = Notes()
    clf = MLPClassifier(**QUICK, warm_start=True).set_callbacks(notes)
    clf.fit(*digits).fit(*digits)
    assert [len(given["fitted"].history_) for given in notes.ends()] == list(range(1, 9))


@pytest.mark.parametrize("solver", SOLVERS)
def test_returning_true_stops_training(digits, solver):
    clf = MLPClassifier(**QUICK, solver=solver).set_callbacks(Notes(stop_after=2)).fit(*digits)
    assert (clf.stop_reason_, clf.n_iter_, len(clf.history_)) == ("callback", 2, 2)


@pytest.mark.parametrize("fail_at", [1, 3])
def test_after_a_failure_the_callbacks_are_told_and_the_estimator_is_as_before(digits, fail_at):
    notes = Notes(fail_at=fail_at)
    clf = MLPClassifier(**QUICK).set_callbacks(notes)
    before = set(vars(clf))
    with pytest.raises(RuntimeError, match="a failure of the callback"):
        clf.fit(*digits)
    assert notes.calls[-1][0] == "teardown"
    assert set(vars(clf)) == before


def test_data_errors_come_after_the_set_up_and_tear_it_down(digits):
    notes = Notes()
    with pytest.raises(ValueError, match="NaN"):
        MLPClassifier(**QUICK).set_callbacks(notes).fit(digits[0] * np.nan, digits[1])
    assert [call[0] for call in notes.calls] == ["setup", "begin", "teardown"]


def test_partial_fit_is_no_fit(digits):
    notes = Notes()
    MLPClassifier(**QUICK).set_callbacks(notes).partial_fit(*digits, classes=range(10))
    assert notes.calls == []


def test_a_diverged_epoch_has_nothing_fitted(diabetes):
    notes = Notes()
    reg = MLPRegressor(**QUICK, solver="sgd", learning_rate_init=1e30).set_callbacks(notes)
    with pytest.raises(ValueError, match="non-finite"):
        reg.fit(*diabetes)
    assert notes.ends()[-1]["fitted"] is None


def test_nothing_of_the_fit_stays_on_the_estimator(digits):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    clf, plain = MLPClassifier(**QUICK), MLPClassifier(**QUICK).fit(*digits)
    clf.set_callbacks(monitor).fit(*digits)
    extra = len(pickle.dumps(clf)) - len(pickle.dumps(plain))
    assert extra < digits[0].nbytes / 10
    assert set(vars(clf)) - set(vars(plain)) == {"_skl_callbacks"}
    twin = pickle.loads(pickle.dumps(clf))
    np.testing.assert_array_equal(twin.predict(digits[0]), clf.predict(digits[0]))
    np.testing.assert_array_equal(clf.predict_proba(digits[0]), plain.predict_proba(digits[0]))
    assert clone(clf)._skl_callbacks == [monitor]


@pytest.mark.parametrize("solver", SOLVERS)
def test_scoring_monitor_records_each_epoch(digits, solver):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    clf = MLPClassifier(**QUICK, solver=solver, metrics=["accuracy"]).set_callbacks(monitor)
    clf.fit(*digits)
    log = monitor.get_logs().data_as_pandas
    scores = log.loc[log["task_name"] == "epoch", "accuracy"]
    np.testing.assert_allclose(scores, clf.history_["accuracy"])


def test_scoring_monitor_of_a_regressor_sees_the_users_units(diabetes):
    X, y = diabetes
    monitor = callback.ScoringMonitor(scoring="neg_mean_absolute_error")
    reg = MLPRegressor(**QUICK, normalize_y=True, metrics=["mae"]).set_callbacks(monitor)
    reg.fit(X, 100 * y + 500)
    log = monitor.get_logs().data_as_pandas
    scores = -log.loc[log["task_name"] == "epoch", "neg_mean_absolute_error"]
    np.testing.assert_allclose(scores, reg.history_["mae"], rtol=1e-6)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("verbose", [0, 1])
def test_progress_from_the_search_down_to_our_epochs(digits, n_jobs, verbose, capsys):
    """All levels have a bar, and our own line beside them disturbs nothing."""
    pytest.importorskip("rich")
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK, verbose=verbose))
    search = GridSearchCV(model, {"mlpclassifier__alpha": [0.1, 1.0]}, cv=2, n_jobs=n_jobs)
    before = threading.active_count()  # workers of other tests' searches among them
    search.set_callbacks(callback.ProgressBar(max_propagation_depth=None)).fit(*digits)
    out = capsys.readouterr().out
    for part in ("GridSearchCV - fit", "Pipeline - fit", "MLPClassifier - fit", "100%"):
        assert part in out
    assert search.best_estimator_[-1].n_iter_ == 4
    assert threading.active_count() < before + 6


def test_progress_bar_and_verbose_on_one_estimator(digits, capsys):
    pytest.importorskip("rich")
    clf = MLPClassifier(**QUICK, verbose=1).set_callbacks(callback.ProgressBar())
    clf.fit(*digits)
    out = capsys.readouterr().out
    assert "MLPClassifier - fit" in out
    assert "epoch 4/4" in out


def test_monitor_in_a_search_of_two_processes(digits):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    clf = MLPClassifier(**QUICK).set_callbacks(monitor)
    GridSearchCV(clf, {"alpha": [0.1, 1.0]}, cv=2, n_jobs=2).fit(*digits)
    log = monitor.get_logs().data_as_pandas
    assert (log["task_name"] == "epoch").sum() == 5 * 4


def test_an_estimator_without_callbacks_is_not_followed():
    assert tasks.follow(LinearRegression(), 1, (0, 0, None), dict) is tasks.NO_CALLBACKS
