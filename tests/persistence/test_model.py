import copy
import os
import pickle
import sys
from collections import OrderedDict, defaultdict
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn import config_context
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback

from sknn_tips import MLPClassifier, MLPRegressor, tabular_pipeline
from sknn_tips.exceptions import HintWarning
from sknn_tips.nn.activations import NAMES as ACTIVATIONS
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES
from sknn_tips.persistence import load_model, save_model

STOCHASTIC = [name for name, entry in OPTIMIZERS.items() if not entry.line_search]
RICH = {"dropout": 0.2, "batchnorm": True, "tol": None, "random_state": 0}


class OwnClassifier(MLPClassifier):
    pass


class CannotBeCopied(Callback):
    def __deepcopy__(self, memo):
        raise TypeError("an open file")


def loaded(est, path):
    save_model(est, path)
    return load_model(path)


def raw(est, X):
    return est.predict_proba(X) if isinstance(est, MLPClassifier) else est.predict(X)


def plain(state):
    """A pickled state as nested values that can be compared to the last bit."""
    if isinstance(state, dict):
        return {key: plain(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state), [plain(value) for value in state]
    if isinstance(state, np.ndarray):
        return state.dtype.str, state.shape, state.tolist()
    if isinstance(state, np.random.RandomState):
        return plain(state.get_state())
    if hasattr(state, "__dict__"):
        return type(state), plain(vars(state))
    return type(state), repr(state)


def assert_equal(a, b, X):
    """Nothing that pickle would see differs."""
    np.testing.assert_array_equal(raw(a, X), raw(b, X))
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    assert a.predict(X).dtype == b.predict(X).dtype
    pd.testing.assert_frame_equal(a.history_, b.history_)
    assert plain(a.__getstate__()) == plain(b.__getstate__())


def assert_goes_on_alike(est, path, X, y, **fit):
    """Training goes on after loading as without, by partial_fit and by warm start."""
    other = loaded(est, path)
    assert_equal(est, other, X)
    for each in (est, other):
        if not each.early_stopping:
            each.partial_fit(X, y).partial_fit(X, y)
        each.set_params(warm_start=True).fit(X, y, **fit)
    history = [each.history_.drop(columns="seconds") for each in (est, other)]
    pd.testing.assert_frame_equal(*history)
    np.testing.assert_array_equal(raw(est, X), raw(other, X))
    assert other.t_ == est.t_
    return other


# -- the same estimator ----------------------------------------------------------------------------


def target(kind, X, y):
    return {
        "binary": y == "setosa",
        "multiclass": y,
        "multilabel": (X[:, :3] > X[:, :3].mean(axis=0)).astype(int),
        "one output": X[:, 0] * 100,
        "outputs": X[:, :3] * [1, 10, 100],
    }[kind]


CASES = {
    "binary": (MLPClassifier, {}),
    "multiclass": (MLPClassifier, {"class_weight": "balanced"}),
    "multilabel": (MLPClassifier, {}),
    "one output": (MLPRegressor, {"normalize_y": True}),
    "outputs": (MLPRegressor, {"normalize_y": True}),
}


@pytest.mark.parametrize("optimizer", STOCHASTIC)
@pytest.mark.parametrize("case", CASES)
def test_training_goes_on_as_if_it_had_never_stopped(iris, path, optimizer, case):
    X, y = iris
    kind, options = CASES[case]
    y = target(case, X, y)
    est = kind(hidden_layer_sizes=(6, 5), optimizer=optimizer, max_iter=2, **options, **RICH)
    assert_goes_on_alike(est.fit(X, y), path, X, y)


@pytest.mark.parametrize(
    "parameters",
    [
        {"early_stopping": True, "n_iter_no_change": np.inf},
        {"early_stopping": True, "random_state": np.random.RandomState(3), "dropout": 0.3},
        {"hidden_layer_sizes": "5x2", "dtype": "float64", "random_state": None},
        {"hidden_layer_sizes": (), "dtype": "auto"},
        {"hidden_layer_sizes": np.array([5, 4]), "activation": ["maxout", "elu"]},
        {"layernorm": True, "batchnorm": [False, "after"], "hidden_layer_sizes": [5, 4]},
        {"alpha": np.float32(0.1), "learning_rate_init": np.float64(0.01), "max_iter": np.int64(2)},
        {"class_weight": {"setosa": 1, "versicolor": 2.5, "virginica": np.float64(3)}},
        {"optimizer": "rmsprop", "optimizer_params": {"rho": 0.8, "centered": True}},
        {"metrics": ["balanced_accuracy"], "learning_rate": "cosine"},
        {"solver": "sgd", "learning_rate": "invscaling", "verbose": np.False_},
        {"early_stopping": True, "monitor": "val_loss", "restore_best": False},
        {"weight_decay": 0.1, "clip_norm": 1.0, "l1": 1e-3, "activity_l1": 1e-3},
        {"loss": "squared_error", "label_smoothing": 0.1},
    ],
    ids=lambda parameters: ", ".join(parameters),
)
def test_every_kind_of_parameter_comes_back(iris, path, parameters):
    X, y = iris
    est = MLPClassifier(**{"hidden_layer_sizes": 5, "max_iter": 2, "tol": None, **parameters})
    found = assert_goes_on_alike(est.fit(X, y), path, X, y)
    for name, value in est.get_params().items():
        assert type(found.get_params()[name]) is type(value), name


@pytest.mark.filterwarnings("ignore:activation='step':sknn_tips.exceptions.HintWarning")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(iris, path, activation):
    X, y = iris
    est = MLPClassifier(5, activation, max_iter=1, tol=None, batchnorm="after").fit(X, y)
    assert_equal(est, loaded(est, path), X)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.filterwarnings("ignore:learning_rate=:sknn_tips.exceptions.HintWarning")
def test_every_schedule(iris, path, schedule):
    X, y = iris
    values = {"step_size": 1, "gamma": 0.5, "decay": 0.01}
    params = {name: values[name] for name in SCHEDULES[schedule].needed}
    est = MLPClassifier(5, solver="sgd", learning_rate=schedule, schedule_params=params)
    est.set_params(max_iter=3, tol=None, random_state=0)
    assert_goes_on_alike(est.fit(X, y), path, X, y)


@pytest.mark.parametrize(
    ("loss", "params"),
    [*((loss, None) for loss in REGRESSOR_LOSSES), ("huber", {"delta": 3}), ("quantile", {})],
)
def test_every_loss_of_the_regressor(iris, path, loss, params):
    X, _ = iris
    y = np.abs(X[:, :2]) + 0.1
    est = MLPRegressor(loss, 5, loss_params=params, max_iter=1, tol=None).fit(X, y)
    assert_goes_on_alike(est, path, X, y)


@pytest.mark.parametrize("loss", CLASSIFIER_LOSSES)
@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_every_loss_of_the_classifier_with_labels_of_any_type(iris, path, loss, n_classes):
    X, y = iris
    X, y = X[: 50 * n_classes], y[: 50 * n_classes]
    codes = np.unique(y, return_inverse=True)[1]
    for labels in (y, y.astype(object), codes, codes.astype(float), codes.astype(np.int8)):
        est = MLPClassifier(5, loss=loss, max_iter=1, tol=None).fit(X, labels)
        found = loaded(est, path)
        assert_equal(est, found, X)
        assert found.classes_.dtype == est.classes_.dtype


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_lbfgs(iris, path):
    X, y = iris
    est = MLPClassifier(5, solver="lbfgs", max_iter=20, random_state=0).fit(X, y)
    other = loaded(est, path)
    assert_equal(est, other, X)
    for each in (est, other):
        each.set_params(warm_start=True, max_iter=30).fit(X, y)
    np.testing.assert_array_equal(est.predict_proba(X), other.predict_proba(X))


def test_names_of_columns(iris, path):
    frame = pd.DataFrame(iris[0], columns=["a", "b", "ü", "d e"])
    est = MLPClassifier(5, max_iter=1, tol=None).fit(frame, iris[1])
    found = loaded(est, path)
    assert found.feature_names_in_.tolist() == list(frame)
    with pytest.raises(ValueError, match="feature names"):
        found.predict(frame[["b", "a", "ü", "d e"]])


def test_an_own_validation_set_is_not_in_the_file_and_can_be_given_again(iris, path):
    X, y = iris
    validation = {"X_val": X[::3], "y_val": y[::3]}
    est = MLPClassifier(5, max_iter=2, tol=None, random_state=0).fit(X, y, **validation)
    assert_goes_on_alike(est, path, X, y, **validation)


def test_a_random_state_that_was_handed_in_is_still_the_nets(iris, path):
    est = MLPClassifier(5, max_iter=1, tol=None, random_state=np.random.RandomState(0)).fit(*iris)
    found = loaded(est, path)
    assert found.random_state is found.net_.random_state
    assert found.random_state is not est.random_state
    for each in (est, found):
        each.partial_fit(*iris).fit(*iris)
    np.testing.assert_array_equal(est.coefs_[0], found.coefs_[0])


def test_assigned_weights_are_saved_and_the_estimator_is_as_before(iris, path, clf):
    X, _ = iris
    clf.coefs_[0] = np.ones((4, 6))
    before = clf.coefs_
    found = loaded(clf, path)
    assert clf.coefs_ is before
    np.testing.assert_array_equal(found.coefs_[0], 1)
    np.testing.assert_array_equal(found.predict_proba(X), clf.predict_proba(X))


def test_saving_changes_nothing(iris, path, clf):
    before = plain(copy.deepcopy(clf).__getstate__())
    states = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    loaded(clf, path)
    assert plain(clf.__getstate__()) == before
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.random.get_state()[1].tolist() == states[1]  # noqa: NPY002


def test_a_saved_copy_of_a_loaded_one_is_the_same_file(path, clf):
    save_model(clf, path)
    again = path.with_name("again")
    save_model(load_model(path), again)
    assert again.read_bytes() == path.read_bytes()


def test_a_loaded_estimator_can_be_pickled_cloned_and_searched(iris, path, clf):
    X, y = iris
    found = loaded(clf, path)
    assert_equal(pickle.loads(pickle.dumps(found)), clf, X)
    search = GridSearchCV(found, {"max_iter": [1, 2]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.1


def test_metadata_requests(iris, path):
    with config_context(enable_metadata_routing=True):
        est = MLPClassifier(5, max_iter=1, tol=None).set_fit_request(sample_weight=True)
        found = loaded(est.fit(*iris), path)
        assert found.get_metadata_routing().fit.requests["sample_weight"] is True


# -- what it cannot save ---------------------------------------------------------------------------


def test_code_is_left_out_with_one_warning(iris, path):
    callback = CannotBeCopied()
    options = {
        "callbacks": [callback],
        "metrics": ["balanced_accuracy", mean_absolute_error],
        "validation_fraction": KFold(5),
    }
    est = MLPClassifier(5, max_iter=1, tol=None, callbacks=[callback]).fit(*iris)
    est.set_params(**options)
    with pytest.warns(HintWarning) as warned:
        save_model(est, path)
    (message,) = (str(each.message) for each in warned)
    assert "left out callbacks and metrics and validation_fraction" in message
    assert warned[0].filename == __file__
    assert est.callbacks == [callback]
    found = load_model(path)
    defaults = MLPClassifier().get_params()
    assert {name: found.get_params()[name] for name in options} == {
        name: defaults[name] for name in options
    }
    np.testing.assert_array_equal(est.predict_proba(iris[0]), found.predict_proba(iris[0]))


def test_scikit_learns_callbacks_are_left_out_too(iris, path, clf):
    clf._skl_callbacks = [CannotBeCopied()]  # as its set_callbacks does
    with pytest.warns(HintWarning, match="left out the callbacks of set_callbacks"):
        save_model(clf, path)
    assert not hasattr(load_model(path), "_skl_callbacks")


def test_no_warning_where_there_is_no_code(iris, path):
    est = MLPClassifier(5, max_iter=1, tol=None, callbacks=[], metrics="balanced_accuracy")
    found = loaded(est.fit(*iris), path)
    assert (found.callbacks, found.metrics) == ([], "balanced_accuracy")


@pytest.mark.parametrize("kind", [OrderedDict, partial(defaultdict, int)])
def test_kinds_of_dicts_are_dicts(iris, path, kind):
    weights = {"setosa": 1, "versicolor": 2.5, "virginica": 3}
    est = MLPClassifier(5, class_weight=kind(weights), max_iter=2, tol=None, random_state=0)
    save_model(est.fit(*iris), path)
    found = load_model(path)
    assert found.class_weight == weights
    np.testing.assert_array_equal(
        found.partial_fit(*iris).coefs_[0], est.partial_fit(*iris).coefs_[0]
    )


def test_any_other_object_in_a_parameter_is_an_error_before_the_file_is_written(clf, path):
    clf.set_params(optimizer_params={"eps": [torch.tensor(1.0)]})
    with pytest.raises(TypeError, match=r"parameter optimizer_params=.*torch.Tensor.*joblib.dump"):
        save_model(clf, path)
    assert not path.exists()


def test_any_other_object_in_an_attribute_is_an_error(clf, path):
    clf.note_ = object()
    with pytest.raises(TypeError, match=r"attribute note_ .*builtins.object.*joblib.dump"):
        save_model(clf, path)
    clf.note_ = "a word"
    assert loaded(clf, path).note_ == "a word"


def test_an_attribute_that_would_not_be_read_is_not_written(clf, path):
    clf.note = "a word"
    with pytest.raises(TypeError, match=r"attribute 'note': .*end in an underscore.*joblib.dump"):
        save_model(clf, path)
    assert not path.exists()


def test_an_unfitted_estimator(path):
    with pytest.raises(NotFittedError):
        save_model(MLPClassifier(), path)


def test_models_without_ours_name_skops_and_joblib(path):
    for model in [LinearRegression(), make_pipeline(StandardScaler(), LinearRegression()), None]:
        name = type(model).__name__
        with pytest.raises(TypeError, match=rf"got {name}, in which .*skops.io.dump.*joblib.dump"):
            save_model(model, path)
    assert not path.exists()


def test_unfitted_models_that_hold_ours(path):
    for model in [
        make_pipeline(StandardScaler(), MLPClassifier()),
        TransformedTargetRegressor(MLPRegressor()),
        tabular_pipeline("classifier"),
    ]:
        with pytest.raises(NotFittedError):
            save_model(model, path)
    assert not path.exists()


def test_a_class_of_somebody_else_is_named(iris, path):
    est = OwnClassifier(3, max_iter=1, tol=None).fit(*iris)
    for model in (est, make_pipeline(StandardScaler(), est).fit(*iris)):
        with pytest.raises(TypeError, match=r"test_model.OwnClassifier, as in model.*joblib.dump"):
            save_model(model, path)
    assert not path.exists()


def test_what_cannot_be_saved_as_a_whole_names_the_way_to_ours(iris, path):
    net = MLPClassifier(3, max_iter=1, tol=None)
    search = GridSearchCV(net, {"alpha": [0.1, 1]}, cv=2, scoring="neg_log_loss").fit(*iris)
    with pytest.raises(TypeError, match=r"_Scorer, as in model.scorer_.*joblib.dump") as caught:
        save_model(search, path)
    assert "written by save_model(model.best_estimator_, path)" in caught.value.__notes__[0]
    assert not path.exists()
    np.testing.assert_array_equal(
        loaded(search.best_estimator_, path).predict(iris[0]), search.predict(iris[0])
    )


def test_the_last_step_of_a_pipeline_can_be_saved(iris, path):
    X, y = iris
    pipe = make_pipeline(StandardScaler(), MLPClassifier(5, max_iter=1, tol=None)).fit(X, y)
    found = loaded(pipe[-1], path)
    np.testing.assert_array_equal(found.predict(pipe[:-1].transform(X)), pipe.predict(X))


def test_an_older_file_survives_what_cannot_be_saved(iris, clf, path):
    save_model(clf, path)
    clf.note_ = object()
    with pytest.raises(TypeError):
        save_model(clf, path)
    load_model(path).predict(iris[0])


def test_a_path_that_cannot_be_written_or_read(clf, tmp_path):
    with pytest.raises(FileNotFoundError, match="Make it first"):
        save_model(clf, tmp_path / "absent" / "net")
    with pytest.raises(IsADirectoryError):
        save_model(clf, tmp_path)
    with pytest.raises(FileNotFoundError, match="Check the path"):
        load_model(tmp_path / "absent")
    with pytest.raises(IsADirectoryError):
        load_model(tmp_path)
    assert os.listdir(tmp_path) == []


# -- devices and imports ---------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["cuda:7", "mps", "xpu"])
def test_a_net_of_a_device_that_is_not_here_is_loaded_to_the_cpu(iris, clf, path, tamper, device):
    save_model(clf, path)

    def as_on_a_gpu(document, tensors):
        document["net"]["device"] = document["fitted"]["device_"] = device
        tensors["net_.generator"] = np.zeros(16, np.uint8)

    tamper(as_on_a_gpu)
    found = load_model(path)
    assert found.device_ == "cpu"
    np.testing.assert_array_equal(found.predict_proba(iris[0]), clf.predict_proba(iris[0]))
    found.partial_fit(*iris)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_net_of_a_gpu_goes_on_there_and_predicts_alike_on_a_cpu(iris, path, monkeypatch):
    X, y = iris
    est = MLPClassifier(5, device="cuda", max_iter=2, **RICH).fit(X, y)
    assert_goes_on_alike(est, path, X, y)
    save_model(est, path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    found = load_model(path)
    assert found.device_ == "cpu"
    np.testing.assert_allclose(found.predict_proba(X), est.predict_proba(X), rtol=1e-4, atol=1e-6)


def test_loading_imports_nothing_that_the_file_names(clf, path, tamper):
    save_model(clf, path)

    def call_for_help(document, tensors):
        document["fitted"]["loss_"] = {"$record": ["antigravity.geohash", {}]}

    tamper(call_for_help)
    with pytest.raises(ValueError, match=r"antigravity.geohash.*none of HiddenLayer, Network"):
        load_model(path)
    assert "antigravity" not in sys.modules
