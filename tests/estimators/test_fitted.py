import copy
import pickle

import joblib
import numpy as np
import pytest
import torch
from sklearn import config_context
from sklearn.base import clone
from skorch.callbacks import LRScheduler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import ModelFileError

RICH = {
    "hidden_layer_sizes": (12, 8),
    "activation": ["maxout", "elu"],
    "dropout": 0.2,
    "input_dropout": 0.1,
    "batchnorm": "after",
    "optimizer": "adamw",
    "learning_rate": "cosine",
    "max_iter": 4,
    "tol": None,
    "random_state": 0,
}


def test_assigned_weights_are_used_by_predict_and_by_training(digits):
    X, y = digits
    clf = MLPClassifier(8, max_iter=1, tol=None, random_state=0, optimizer="gd").fit(X, y)
    other = MLPClassifier(8, max_iter=30, tol=None, random_state=1).fit(X, y)
    clf.coefs_, clf.intercepts_ = list(other.coefs_), list(other.intercepts_)
    np.testing.assert_array_equal(clf.predict_proba(X), other.predict_proba(X))
    clf.coefs_[1] = np.zeros((8, 10))
    clf.intercepts_[1][:] = np.arange(10)
    np.testing.assert_allclose(clf.decision_function(X), np.tile(np.arange(10.0), (300, 1)))
    clf.set_params(learning_rate_init=1e-9).partial_fit(X, y)
    np.testing.assert_allclose(clf.coefs_[1], 0, atol=1e-6)
    copied = pickle.loads(pickle.dumps(clf))
    np.testing.assert_array_equal(copied.coefs_[1], clf.coefs_[1])


@pytest.mark.parametrize(
    "copier",
    [
        lambda e, path: pickle.loads(pickle.dumps(e)),
        lambda e, path: joblib.load(joblib.dump(e, path / "e.joblib")[0]),
        lambda e, path: joblib.load(joblib.dump(e, path / "e.joblib")[0], mmap_mode="r"),
        lambda e, path: copy.deepcopy(e),
    ],
    ids=["pickle", "joblib", "joblib mmap", "deepcopy"],
)
@pytest.mark.parametrize("fitted", [False, True])
def test_copies(digits, copier, fitted, tmp_path):
    X, codes = digits
    for estimator, y in [(MLPClassifier, codes), (MLPRegressor, codes.astype(float))]:
        original = estimator(**RICH)
        if fitted:
            original.fit(X, y)
        found = copier(original, tmp_path)
        assert found.get_params() == original.get_params()
        if fitted:
            np.testing.assert_array_equal(found.predict(X), original.predict(X))
            found.partial_fit(X, y)
            assert found.t_ > original.t_
        else:
            found.fit(X, y)


def test_pickles_hold_numpy_weights_and_stay_small(digits):
    clf = MLPClassifier(50, max_iter=30, tol=None).fit(*digits)
    data = pickle.dumps(clf)
    assert b"torch" not in data.replace(b"sknn_tips", b"")
    # weights, Adam's two moments, a random state of 2.5 kB twice, 30 rows of history
    assert len(data) < 3 * 4 * (64 * 50 + 50 + 500 + 10) + 20_000


def test_pickles_hold_no_state_of_callbacks(digits):
    scheduler = LRScheduler("StepLR", step_size=1, gamma=0.5)
    clf = MLPClassifier(8, max_iter=3, tol=None, callbacks=[scheduler]).fit(*digits)
    assert clf.history_["lr"].iloc[-1] < 0.001
    assert b"torch.optim" not in pickle.dumps(clf).replace(b"sknn_tips", b"")
    assert pickle.loads(pickle.dumps(clf)).fit(*digits).n_iter_ == 3


def test_clone_is_unfitted_and_equal(digits):
    clf = MLPClassifier(**RICH).fit(*digits)
    fresh = clone(clf)
    assert not hasattr(fresh, "net_")
    np.testing.assert_array_equal(fresh.fit(*digits).coefs_[0], clf.coefs_[0])


def test_the_module_is_an_ordinary_torch_module(digits):
    clf = MLPClassifier(**RICH, dtype="float64").fit(*digits)  # the engine adds in another order
    raw = clf.module_(torch.from_numpy(digits[0]))
    found = clf.decision_function(digits[0])
    np.testing.assert_allclose(raw.detach().numpy(), found, rtol=1e-12, atol=1e-12)
    assert not clf.module_.training


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_trains_and_its_pickle_predicts_the_same(digits):
    clf = MLPClassifier(**RICH | {"max_iter": 100}, device="cuda").fit(*digits)
    assert clf.device_.startswith("cuda")
    assert clf.score(*digits) > 0.5
    found = pickle.loads(pickle.dumps(clf)).predict_proba(digits[0])
    np.testing.assert_allclose(found, clf.predict_proba(digits[0]), rtol=1e-4, atol=1e-6)


# -- the stored state: plain values, and damage to it ---------------------------------------------


def is_plain(value):
    if isinstance(value, dict):
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    if isinstance(value, np.ndarray):
        return value.dtype != object
    return value is None or isinstance(value, bool | int | float | str | np.random.RandomState)


@pytest.mark.parametrize("options", [{}, RICH, {"early_stopping": True}, {"solver": "lbfgs"}])
def test_the_state_holds_plain_values_only(digits, options):
    clf = MLPClassifier(**{"max_iter": 3, "tol": None, **options}).fit(*digits)
    assert is_plain(clf.__getstate__())
    sick = MLPClassifier(max_iter=3, tol=None, learning_rate_init=30.0, random_state=0).fit(*digits)
    assert sick.tips_
    assert is_plain(sick.__getstate__())
    assert pickle.loads(pickle.dumps(sick)).tips_ == sick.tips_


def test_requests_of_metadata_are_plain_and_come_back():
    with config_context(enable_metadata_routing=True):
        clf = MLPClassifier().set_fit_request(sample_weight=True)
        assert is_plain(clf.__getstate__())
        found = pickle.loads(pickle.dumps(clf))
        assert found.get_metadata_routing().fit.requests["sample_weight"] is True


def wider(state):
    state["net_"]["network"]["hidden"][0]["units"] = 9


def huge(state):
    state["net_"]["network"]["n_features"] = 10**9


def no_weights(state):
    del state["net_"]["tensors"]


def shorter_weights(state):
    state["net_"]["tensors"][0] = state["net_"]["tensors"][0][:-1]


def other_loss(state):
    state["net_"]["plain"]["criterion_"] = {"class": "print"}


def other_optimizer(state):
    state["net_"]["plain"]["optimizer_choice"] = {"name": "exec", "options": {}}


def other_activation(state):
    state["net_"]["network"]["hidden"][0]["activation"] = "exec"


def generator_beyond_its_end(state):
    generator = state["net_"]["random_state"]
    values = generator.get_state(legacy=False)
    values["state"]["pos"] = 10**6
    generator.set_state(values)


def fewer_classes(state):
    state["classes_"] = state["classes_"][:2]


def unknown_tip(state):
    state["tips_"] = [{"text": "all is well"}]


def requests_of_something_else(state):
    state["_metadata_request"] = {"params": {"alpha": 1}}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (wider, "tensors have the shapes|more weights"),
        (huge, "needs more weights than there are"),
        (no_weights, "lacks 'tensors'"),
        (shorter_weights, "more weights than there are"),
        (other_loss, "loss is 'print', which is none of"),
        (other_optimizer, "exec"),
        (other_activation, "'exec' is not known"),
        (generator_beyond_its_end, "position 1000000"),
        (fewer_classes, "64 features and 1 outputs do not agree"),
        (unknown_tip, "text"),
        (requests_of_something_else, "lacks 'params'"),
    ],
)
def test_a_damaged_state_is_a_clear_error(digits, damage, message):
    state = MLPClassifier(8, max_iter=1, tol=None).fit(*digits).__getstate__()
    damage(state)
    with pytest.raises(ModelFileError, match=rf"stored MLPClassifier is dam.*({message}).*save"):
        object.__new__(MLPClassifier).__setstate__(state)


def test_a_state_without_a_parameter_has_its_default(digits):
    clf = MLPClassifier(3, max_iter=1, tol=None, alpha=0.5).fit(*digits)
    state = clf.__getstate__()
    del state["alpha"]
    other = object.__new__(MLPClassifier)
    other.__setstate__(state)
    assert other.alpha == 0.0001
    np.testing.assert_array_equal(other.predict(digits[0]), clf.predict(digits[0]))


@pytest.mark.parametrize("name", ["predict", "fit", "_predict_with", "get_params"])
def test_a_state_that_hides_a_method(digits, name):
    clf = MLPClassifier(3, max_iter=1, tol=None).fit(*digits)
    other = object.__new__(MLPClassifier)
    with pytest.raises(ModelFileError, match=rf"'{name}' would hide a method"):
        other.__setstate__(clf.__getstate__() | {name: "nothing"})


@pytest.mark.parametrize("value", [np.zeros(2), np.zeros((1, 1)), "a", 3.0])
def test_a_state_with_another_scale_of_y(digits, value):
    reg = MLPRegressor(hidden_layer_sizes=3, max_iter=1, tol=None, normalize_y=True).fit(*digits)
    other = object.__new__(MLPRegressor)
    with pytest.raises(ModelFileError, match=r"_y_scale is .*not a number for each column of y"):
        other.__setstate__(reg.__getstate__() | {"_y_scale": value})
