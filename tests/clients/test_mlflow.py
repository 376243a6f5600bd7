"""MLflow: MLflowLogger, autolog, and models in skops' format with one name to trust."""

import pickle
from uuid import uuid4

import numpy as np
import pytest
from joblib import parallel_config
from joblib.externals.loky import get_reusable_executor
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, callbacks
from sknn_tips.callbacks import LambdaCallback, MLflowLogger
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.exceptions import NonFiniteWeightsError

mlflow = pytest.importorskip("mlflow", reason="make test-clients installs it")
pytest.importorskip("sqlalchemy", reason="make test-clients installs it")

# MLflow's own use of sqlalchemy and pydantic
pytestmark = pytest.mark.filterwarnings("ignore:.*noload", "ignore:.*Any type hint")
QUICK = {"hidden_layer_sizes": 8, "max_iter": 6, "tol": None, "random_state": 0}
NAME = "sknn_tips.estimators.classifier.MLPClassifier"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/runs.db"


@pytest.fixture
def new_processes():
    """Processes that know the server, which set_tracking_uri writes to the environment."""
    get_reusable_executor().shutdown()
    yield
    get_reusable_executor().shutdown()


@pytest.fixture(autouse=True)
def experiment(database, tmp_path, monkeypatch):
    """An experiment of this test in a local database, with its artifacts in a folder."""
    monkeypatch.chdir(tmp_path)  # nothing is written elsewhere
    before = mlflow.get_tracking_uri()
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID"):  # which mlflow sets
        monkeypatch.delenv(name, raising=False)
    mlflow.set_tracking_uri(database)
    identifier = mlflow.create_experiment(uuid4().hex, (tmp_path / "artifacts").as_uri())
    mlflow.set_experiment(experiment_id=identifier)
    yield identifier
    mlflow.end_run()
    mlflow.set_tracking_uri(before)


def make(*others, logger=None, **options):
    logger = logger or MLflowLogger(pictures=False)
    return MLPClassifier(**QUICK | options, callbacks=[logger, *others]), logger


def run_of(logger):
    return mlflow.get_run(logger.run_id_)


def runs():
    return mlflow.search_runs(output_format="list")


def artifact(logger, name, tmp_path):
    client = mlflow.MlflowClient()
    with open(client.download_artifacts(logger.run_id_, name, tmp_path), "rb") as file:
        return file.read()


def logged(run_id, name):
    """Return the values of a metric by step."""
    found = mlflow.MlflowClient().get_metric_history(run_id, name)
    assert len({each.step for each in found}) == len(found)
    return {each.step: each.value for each in sorted(found, key=lambda each: each.step)}


def assert_history_is_logged(clf, logger):
    assert "loss" in clf.history_
    for name, values in clf.history_.items():
        found = logged(logger.run_id_, name)
        assert found == pytest.approx(values.to_dict(), nan_ok=True)


# -- what is logged --------------------------------------------------------------------------------


def test_a_fit_is_a_run_with_parameters_history_results_tips_and_picture(digits, tmp_path):
    options = {"metrics": ["accuracy"], "early_stopping": True, "learning_rate_init": 0.05}
    clf, logger = make(logger=MLflowLogger(run_name="first"), **options)
    clf.fit(*digits)
    run = run_of(logger)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "first")
    assert mlflow.active_run() is None
    expected = {k: str(v) for k, v in clf.get_params(deep=False).items() if k != "callbacks"}
    assert run.data.params == expected
    assert_history_is_logged(clf, logger)
    assert run.data.metrics["n_iter"] == clf.n_iter_ == 6
    assert run.data.metrics["best_epoch"] == clf.best_epoch_
    assert run.data.metrics["best_validation_score"] == clf.best_validation_score_
    assert "best_loss" not in run.data.metrics  # None with early stopping
    assert run.data.tags["stop_reason"] == clf.stop_reason_
    assert artifact(logger, "training_history.png", tmp_path).startswith(b"\x89PNG")


@pytest.mark.parametrize("varied", [True, False])
def test_the_tips_are_a_text(digits, tmp_path, varied):
    X, y = digits
    options = {"hidden_layer_sizes": 50, "max_iter": 40, "alpha": 0.1, "learning_rate_init": 0.01}
    clf, logger = make(**options)
    clf.fit(X[:, X.std(axis=0) > 0] if varied else X, y)
    text = artifact(logger, "tips.txt", tmp_path).decode()
    assert [tip.code for tip in clf.tips_] == ([] if varied else ["constant-features"])
    assert text == ("\n\n".join(map(str, clf.tips_)) or "No problem was found.") + "\n"


@pytest.mark.parametrize("seconds", [0.0, 1e9])
def test_columns_of_other_callbacks_and_values_that_are_not_finite(digits, seconds, monkeypatch):
    monkeypatch.setattr(callbacks, "SECONDS_BETWEEN_REQUESTS", seconds)

    def write(net, **kwargs):
        epoch = net.history[-1]["epoch"]
        net.history.record("half", [np.nan, np.inf, 1.5][epoch % 3])
        net.history.record("text", "not a number")

    clf, logger = make(LambdaCallback(on_epoch_end=write))
    clf.fit(*digits)
    found = logged(logger.run_id_, "half")
    assert list(found) == [1, 2, 3, 4, 5, 6]
    assert found[2] == 1.5
    assert "text" not in run_of(logger).data.metrics
    assert logged(logger.run_id_, "loss") == pytest.approx(clf.history_["loss"].to_dict())


def test_lbfgs(diabetes):
    logger = MLflowLogger(pictures=False)
    net = MLPRegressor(
        hidden_layer_sizes=8, solver="lbfgs", max_iter=500, alpha=10.0, callbacks=[logger]
    )
    net.fit(*diabetes)
    assert run_of(logger).data.metrics["n_iter"] == net.n_iter_
    assert_history_is_logged(net, logger)


# -- into which run --------------------------------------------------------------------------------


def test_the_active_run_is_used_and_left_active(digits):
    clf, logger = make()
    with mlflow.start_run() as run:
        clf.fit(*digits)
        assert logger.run_id_ == run.info.run_id
        assert mlflow.active_run().info.run_id == run.info.run_id
        assert run_of(logger).info.status == "RUNNING"
    assert [each.info.status for each in runs()] == ["FINISHED"]


def test_a_run_can_be_named(digits):
    with mlflow.start_run() as run:
        pass
    clf, logger = make(logger=MLflowLogger(run.info.run_id, pictures=False))
    clf.fit(*digits)
    assert logger.run_id_ == run.info.run_id
    assert [each.info.status for each in runs()] == ["FINISHED"]
    assert run_of(logger).data.metrics["n_iter"] == 6


def test_a_second_fit_in_one_run_is_an_error_before_training(digits):
    clf, logger = make()
    with mlflow.start_run() as run:
        clf.fit(*digits)
        loss = clf.loss_
        clf.set_params(alpha=0.5)
        with pytest.raises(ValueError, match=r"alpha=0.0001 of another fit.*alpha=0.5.*nested=T"):
            clf.fit(*digits)
        assert clf.loss_ == loss
        assert mlflow.active_run().info.run_id == run.info.run_id
        with mlflow.start_run(nested=True):
            clf.fit(*digits)
    assert run_of(logger).data.params["alpha"] == "0.5"


def test_training_that_continues_stays_in_its_run(digits):
    clf, logger = make()
    clf.fit(*digits)
    first = logger.run_id_
    clf.set_params(warm_start=True, alpha=0.01).fit(*digits)
    clf.partial_fit(*digits).partial_fit(*digits)
    assert logger.run_id_ == first
    assert len(runs()) == 1
    assert list(logged(first, "loss")) == list(range(1, 15))
    assert_history_is_logged(clf, logger)
    assert run_of(logger).info.status == "FINISHED"
    clf.set_params(warm_start=False).fit(*digits)
    assert logger.run_id_ != first


@pytest.mark.parametrize("kind", ["data", "divergence", "interrupt"])
def test_a_failed_fit_ends_its_run_as_failed(digits, kind):
    X, y = digits
    clf, logger = make()
    if kind == "data":
        with pytest.raises(ValueError, match=r"inconsistent|samples"):
            clf.fit(X, y[:-1])
    elif kind == "divergence":
        clf.set_params(solver="sgd", learning_rate_init=1e30)
        with pytest.raises(NonFiniteWeightsError):
            clf.fit(X, y)
    else:

        def press(net, **kwargs):
            if net.history[-1]["epoch"] == 3:
                raise RuntimeError("the disk is full")

        clf.callbacks.append(LambdaCallback(on_epoch_end=press))
        with pytest.raises(RuntimeError, match="the disk is full"):
            clf.fit(X, y)
        assert list(logged(logger.run_id_, "loss")) == [1, 2, 3]
    assert run_of(logger).info.status == "FAILED"
    assert mlflow.active_run() is None
    assert not hasattr(clf, "loss_")


# -- many fits -------------------------------------------------------------------------------------


def assert_children(parent, n):
    """A number of finished runs with their own parameters are nested in a run."""
    children = [run for run in runs() if run.data.tags.get("mlflow.parentRunId") == parent]
    assert len(children) == len(runs()) - 1 == n
    assert all(run.info.status == "FINISHED" for run in children)
    assert all(run.data.metrics["n_iter"] == 6 for run in children)
    return [run.data.params["alpha"] for run in children]


@pytest.mark.parametrize(
    "backend", [None, "threading", pytest.param("loky", marks=pytest.mark.slow)]
)
def test_each_fit_of_a_search_is_a_nested_run(digits, backend, new_processes):
    grid = {"mlpclassifier__alpha": [1e-4, 1e-2]}
    model = make_pipeline(StandardScaler(), make()[0])
    search = GridSearchCV(model, grid, cv=2, n_jobs=2 if backend else None)
    with mlflow.start_run() as run, parallel_config(backend or "sequential"):
        search.fit(*digits)
    alphas = assert_children(run.info.run_id, 5)
    assert {alphas.count(alpha) for alpha in ("0.0001", "0.01")} == {2, 3}
    clone(search).set_params(n_jobs=None).fit(*digits)  # without an active run
    assert sum("mlflow.parentRunId" not in each.data.tags for each in runs()) == 6


def test_a_search_in_a_named_run(digits):
    with mlflow.start_run() as run:
        clf, _ = make(logger=MLflowLogger(run.info.run_id, pictures=False))
        with parallel_config("threading", n_jobs=2):
            GridSearchCV(clf, {"alpha": [0.1]}, cv=2, n_jobs=2).fit(*digits)
    assert assert_children(run.info.run_id, 3) == ["0.1"] * 3


def test_each_member_of_an_ensemble_is_a_nested_run(digits):
    with mlflow.start_run() as run, parallel_config("threading"):
        FoldEnsembleClassifier(make()[0], cv=3, n_jobs=2).fit(*digits)
    assert_children(run.info.run_id, 3)


def test_an_ensemble_that_copies_in_its_threads_needs_the_run(digits):
    with mlflow.start_run() as run, parallel_config("threading"):
        clf, _ = make(logger=MLflowLogger(run.info.run_id, pictures=False))
        BaggingClassifier(clf, 3, n_jobs=2).fit(*digits)
    assert_children(run.info.run_id, 3)


def test_pickles_and_copies(digits, database, tmp_path):
    clf, logger = make()
    clf.fit(*digits)
    found = pickle.loads(pickle.dumps(clf))
    assert found.callbacks[0].run_id_ == logger.run_id_
    found.partial_fit(*digits)
    assert list(logged(logger.run_id_, "loss")) == list(range(1, 8))
    assert clone(logger).get_params() == logger.get_params()
    assert repr(logger) == "MLflowLogger(run_id=None, run_name=None, pictures=False)"
    # elsewhere, the run does not exist: a new one
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/other.db")
    mlflow.set_experiment(
        experiment_id=mlflow.create_experiment("other", (tmp_path / "other").as_uri())
    )
    found.partial_fit(*digits)
    assert found.callbacks[0].run_id_ != logger.run_id_
    assert list(logged(found.callbacks[0].run_id_, "loss")) == [8]


# -- models and autolog ----------------------------------------------------------------------------


def test_a_model_in_the_format_of_skops_has_one_name_to_trust(digits):
    pytest.importorskip("skops")
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK)).fit(*digits)
    options = {"serialization_format": "skops", "pip_requirements": []}
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(model, name="digits", skops_trusted_types=[NAME], **options)
        with pytest.raises(mlflow.exceptions.MlflowException, match=f"untrusted types.*{NAME}"):
            mlflow.sklearn.log_model(model, name="other", skops_trusted_types=[], **options)
    found = mlflow.sklearn.load_model(info.model_uri)
    np.testing.assert_array_equal(found.predict_proba(digits[0]), model.predict_proba(digits[0]))
    generic = mlflow.pyfunc.load_model(info.model_uri)
    np.testing.assert_array_equal(generic.predict(digits[0]), model.predict(digits[0]))


@pytest.fixture
def autolog():
    mlflow.sklearn.autolog(log_models=False, silent=True, disable_for_unsupported_versions=False)
    yield
    mlflow.sklearn.autolog(disable=True)


@pytest.mark.filterwarnings("ignore::FutureWarning:sklearn", "ignore::UserWarning:sklearn")
def test_autolog_logs_pipelines_and_searches(digits, autolog):
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK)).fit(*digits)
    (run,) = runs()
    assert run.data.params["mlpclassifier__max_iter"] == "6"
    assert run.data.metrics["training_score"] == pytest.approx(model.score(*digits))
    search = GridSearchCV(model, {"mlpclassifier__alpha": [0.1, 0.01]}, cv=2).fit(*digits)
    best = [run for run in runs() if "best_cv_score" in run.data.metrics]
    assert [run.data.metrics["best_cv_score"] for run in best] == [search.best_score_]


@pytest.mark.filterwarnings("ignore::FutureWarning:sklearn", "ignore::UserWarning:sklearn")
def test_autolog_and_the_logger_share_a_run(digits, autolog):
    clf, logger = make()
    make_pipeline(StandardScaler(), clf).fit(*digits)
    (run,) = runs()
    assert run.info.run_id == logger.run_id_
    assert run.data.params["alpha"] == run.data.params["mlpclassifier__alpha"] == "0.0001"
    assert run.data.metrics["best_epoch"] == 6
    assert "training_score" in run.data.metrics


def test_invalid_parameters_start_no_run(digits):
    clf, _ = make(alpha=-1.0)
    with pytest.raises(ValueError, match="alpha"):
        clf.fit(*digits)
    assert runs() == []
