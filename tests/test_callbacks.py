"""The public callbacks: what ModelCheckpoint writes, where, and what can be wrong with it."""

import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import skorch
from joblib import parallel_config
from safetensors.numpy import load_file
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, callbacks
from sknn_tips.callbacks import LambdaCallback, ModelCheckpoint, StopAt
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.persistence import load_weights

QUICK = {"hidden_layer_sizes": 8, "max_iter": 6, "tol": None, "random_state": 0}


@pytest.fixture
def wild(digits):
    """An estimator whose validation loss goes up and down, and what to fit it with."""
    clf = MLPClassifier(**QUICK, solver="sgd", learning_rate_init=1.5)
    return clf, (digits[0][:200], digits[1][:200]), (digits[0][200:], digits[1][200:])


def fitted(clf, train, valid, *found):
    return clf.set_params(callbacks=list(found)).fit(*train, X_val=valid[0], y_val=valid[1])


def test_the_module_offers_these():
    assert callbacks.__all__ == ["LambdaCallback", "MLflowLogger", "ModelCheckpoint", "StopAt"]
    for name in callbacks.__all__:
        assert issubclass(getattr(callbacks, name), skorch.callbacks.Callback)


# -- what is written -----------------------------------------------------------------------------


def test_the_file_holds_the_best_epochs_weights(wild, tmp_path):
    best = ModelCheckpoint(tmp_path / "best.safetensors")
    clf = fitted(*wild, best)
    losses = clf.history_["val_loss"]
    assert (best.best_, best.best_epoch_) == (losses.min(), losses.idxmin())
    assert best.path_ == str(tmp_path / "best.safetensors")
    assert best.best_epoch_ < len(losses)  # otherwise the last weights would do as well
    assert os.listdir(tmp_path) == ["best.safetensors"]
    shorter = fitted(clone(wild[0]).set_params(max_iter=best.best_epoch_), *wild[1:])
    arrays = load_file(best.path_)
    for i, coef in enumerate(shorter.coefs_):
        np.testing.assert_array_equal(arrays[f"layers.{i}.weight"], coef)
    load_weights(clf, best.path_)
    np.testing.assert_array_equal(clf.predict_proba(wild[2][0]), shorter.predict_proba(wild[2][0]))


def test_a_score_is_best_where_it_is_largest(wild, tmp_path):
    best = ModelCheckpoint(tmp_path / "w", monitor="valid_accuracy")
    scores = fitted(*wild, best).history_["val_accuracy"]
    assert (best.best_, best.best_epoch_) == (scores.max(), scores.idxmax())


def test_every_epoch_may_have_a_file_named_after_its_figures(wild, tmp_path):
    every = ModelCheckpoint(
        str(tmp_path / "{epoch:02d}-{val_loss:.4f}.safetensors"), save_best_only=False
    )
    losses = fitted(*wild, every).history_["val_loss"]
    expected = [f"{epoch:02d}-{loss:.4f}.safetensors" for epoch, loss in losses.items()]
    assert sorted(os.listdir(tmp_path)) == expected
    assert every.path_ == str(tmp_path / expected[-1])
    assert every.best_ is every.best_epoch_ is None


def test_without_a_monitor_nothing_but_the_path_is_needed(digits, tmp_path):
    last = ModelCheckpoint(tmp_path / "last", save_best_only=False)
    clf = MLPClassifier(**QUICK, callbacks=[last]).fit(*digits)
    np.testing.assert_array_equal(load_file(last.path_)["layers.0.weight"], clf.coefs_[0])


def test_nan_is_never_the_best(diabetes, tmp_path):
    best = ModelCheckpoint(tmp_path / "w", monitor="loss")
    reg = MLPRegressor(**QUICK, solver="sgd", learning_rate_init=1e30, callbacks=[best])
    with pytest.raises(ValueError, match="non-finite"):
        reg.fit(*diabetes)
    assert best.best_ is None or np.isfinite(best.best_)


def test_training_that_goes_on_keeps_the_best_and_a_new_fit_does_not(digits, tmp_path):
    best = ModelCheckpoint(tmp_path / "w", monitor="loss")
    clf = MLPClassifier(**QUICK, warm_start=True, callbacks=[best])
    clf.fit(*digits).set_params(learning_rate_init=3.0).fit(*digits)
    losses = clf.history_["loss"]
    assert (best.best_, best.best_epoch_) == (losses.min(), losses.idxmin())
    assert best.best_epoch_ <= 6
    clf.set_params(warm_start=False).fit(*digits)
    assert best.best_ == clf.history_["loss"].min() > losses.min()


# -- parallel fits -------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{}, {"n_jobs": 2}], ids=["alone", "two processes"])
def test_every_fit_of_a_search_writes_for_itself(digits, tmp_path, how):
    best = ModelCheckpoint(tmp_path / "best.safetensors", monitor="loss")
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK, callbacks=[best]))
    search = GridSearchCV(model, {"mlpclassifier__alpha": [0.1, 1.0]}, cv=2, **how).fit(*digits)
    files = sorted(tmp_path.rglob("*.safetensors"))
    assert len(files) == 5
    assert len({path.parent for path in files}) == 5
    own = search.best_estimator_[-1].callbacks[0]
    assert Path(own.path_) in files
    assert own.path == tmp_path / "best.safetensors"
    assert not hasattr(best, "path_")


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_members_of_an_ensemble_write_for_themselves_and_know_where(digits, tmp_path, backend):
    best = ModelCheckpoint(tmp_path / "w", monitor="loss")
    clf = MLPClassifier(**QUICK, callbacks=[best])
    bagging = BaggingClassifier(clf, n_estimators=4, n_jobs=2, random_state=0)
    with parallel_config(backend):
        bagging.fit(*digits)
    for member in bagging.estimators_:
        saved = load_file(member.callbacks[0].path_)
        np.testing.assert_array_equal(saved["layers.0.weight"], member.coefs_[0])


def a_function(net, **kwargs):
    pass


def test_estimators_with_our_callbacks_clone_and_pickle(digits, tmp_path):
    given = [
        ModelCheckpoint(tmp_path / "w", monitor="loss"),
        StopAt("loss", 0.0),
        LambdaCallback(on_epoch_end=a_function, on_predict_end=a_function),
    ]
    clf = MLPClassifier(**QUICK, callbacks=given)
    for twin in (clone(clf), pickle.loads(pickle.dumps(clf)), clone(clf.fit(*digits))):
        twin.fit(*digits)
        assert [repr(each) for each in twin.callbacks] == [repr(each) for each in given]
    again = pickle.loads(pickle.dumps(clf))
    assert again.callbacks[0].path_ == str(tmp_path / "w")
    np.testing.assert_array_equal(again.predict(digits[0]), clf.predict(digits[0]))


def test_lambdas_run_in_two_processes(digits):
    stop = LambdaCallback(on_epoch_end=lambda net, **_: len(net.history) == 3)
    clf = MLPClassifier(**QUICK, callbacks=[stop])
    search = GridSearchCV(clf, {"alpha": [0.1, 1.0]}, cv=2, n_jobs=2).fit(*digits)
    assert search.best_estimator_.stop_reason_ == "callback"


# -- bad input -----------------------------------------------------------------------------------


def check_untouched(checkpoint, digits, error, match):
    steps = []
    note = LambdaCallback(on_epoch_begin=lambda net, **_: steps.append(net))
    clf = MLPClassifier(**QUICK, callbacks=[checkpoint, note])
    with pytest.raises(error, match=match):
        clf.fit(*digits)
    assert not steps  # before training
    assert not hasattr(clf, "net_")


def test_a_folder_that_does_not_exist(digits, tmp_path):
    path = tmp_path / "missing" / "w.safetensors"
    checkpoint = ModelCheckpoint(path, save_best_only=False)
    check_untouched(checkpoint, digits, FileNotFoundError, "no folder '.*missing'. Make it first")


def test_a_path_that_is_a_folder(digits, tmp_path):
    for path in (tmp_path, ""):
        checkpoint = ModelCheckpoint(path, save_best_only=False)
        check_untouched(checkpoint, digits, IsADirectoryError, "Add the name of a file")


@pytest.mark.parametrize("path", ["/proc/w.safetensors", "/no-such-folder/w.safetensors"])
def test_an_error_of_writing_shows_the_path_that_was_given(digits, path):
    checkpoint = ModelCheckpoint(path, save_best_only=False)
    check_untouched(checkpoint, digits, OSError, f": '{path}'$")


def test_a_folder_that_cannot_be_written(digits):
    checkpoint = ModelCheckpoint("/proc/w.safetensors", save_best_only=False)
    check_untouched(checkpoint, digits, OSError, "cannot be written")


@pytest.mark.parametrize("path", [None, 3, b"w"])
def test_what_is_no_path(digits, path):
    checkpoint = ModelCheckpoint(path, save_best_only=False)
    check_untouched(checkpoint, digits, TypeError, f"path={path!r} must be the path of a file")


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("{epoch", "the path cannot be filled in"),
        ("{}", "the path cannot be filled in"),
        ("{loss:d}", "the path cannot be filled in.*'d'"),
        ("{epoch:q}", "the path cannot be filled in"),
    ],
)
def test_braces_that_cannot_be_filled(digits, tmp_path, name, match):
    checkpoint = ModelCheckpoint(tmp_path / name, monitor="loss")
    check_untouched(checkpoint, digits, ValueError, match)


def test_columns_that_will_not_be_there(digits, tmp_path):
    clf = MLPClassifier(**QUICK, callbacks=[ModelCheckpoint(tmp_path / "w")])
    with pytest.raises(UnknownOptionError, match=r"monitor='val_loss' is.*there is none.*X_val"):
        clf.fit(*digits)
    clf.set_params(callbacks=[ModelCheckpoint(tmp_path / "{acuracy}", monitor="loss")])
    with pytest.raises(UnknownOptionError, match="column of path='acuracy' is not known"):
        clf.fit(*digits)
    assert os.listdir(tmp_path) == []


# -- what the module's text promises about TensorBoard -------------------------------------------


def test_tensorboards_own_callback_in_a_fit_called_directly(digits, tmp_path):
    pytest.importorskip("tensorboard")
    from torch.utils.tensorboard import SummaryWriter

    board = skorch.callbacks.TensorBoard(SummaryWriter(tmp_path))
    MLPClassifier(**QUICK, callbacks=[board]).fit(*digits)
    assert len(os.listdir(tmp_path)) == 1


class Log(skorch.callbacks.Callback):
    def __init__(self, folder):
        self.folder = folder

    def on_train_begin(self, net, **kwargs):
        from torch.utils.tensorboard import SummaryWriter

        self.writer_ = SummaryWriter(self.folder)

    def on_epoch_end(self, net, **kwargs):
        row = net.history[-1]
        self.writer_.add_scalar("loss", row["train_loss"], row["epoch"])

    def on_train_end(self, net, **kwargs):
        self.writer_.close()


def test_a_writer_opened_at_fit_can_be_cloned_pickled_and_searched(digits, tmp_path):
    pytest.importorskip("tensorboard")
    clf = MLPClassifier(**QUICK, callbacks=[Log(str(tmp_path))]).fit(*digits)
    pickle.loads(pickle.dumps(clf)).predict(digits[0])
    GridSearchCV(clf, {"alpha": [0.1, 1.0]}, cv=2).fit(*digits)
    assert len(os.listdir(tmp_path)) == 6


# -- MLflowLogger, without mlflow; tests/clients/test_mlflow.py has the others ---------------------


def test_without_mlflow_the_error_comes_before_training_and_names_the_extra(digits, monkeypatch):
    clf = MLPClassifier(**QUICK).fit(*digits)
    loss = clf.loss_
    clf.callbacks = [callbacks.MLflowLogger()]
    monkeypatch.setitem(sys.modules, "mlflow", None)
    for model in (clf, make_pipeline(StandardScaler(), clone(clf))):
        with pytest.raises(ImportError, match=r'pip install "sknn_tips\[mlflow\]"'):
            model.fit(*digits)
    assert clf.loss_ == loss


def test_pictures_need_matplotlib(digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    clf = MLPClassifier(**QUICK, callbacks=[callbacks.MLflowLogger()])
    with pytest.raises(ImportError, match=r"MLflowLogger draws with .*sknn_tips\[plot\]"):
        clf.fit(*digits)
