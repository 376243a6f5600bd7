import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from joblib import parallel_config
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Checkpoint, TrainEndCheckpoint

from sknn_tips import MLPClassifier
from sknn_tips.hooks.output_folders import own_folder

QUICK = {"hidden_layer_sizes": 4, "max_iter": 2, "tol": None, "random_state": 0}
FILES = {"params.pt", "optimizer.pt", "criterion.pt", "history.json"}


def searched(callback, digits, backend="loky", **how):
    clf = MLPClassifier(**QUICK, callbacks=[callback])
    with parallel_config(backend):
        return GridSearchCV(clf, {"alpha": [0.1, 1.0]}, cv=2, **how).fit(*digits)


def test_a_folder_belongs_to_one_caller(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(own_folder, [tmp_path] * 50))
    assert len(set(folders)) == 50
    assert all(os.path.isdir(folder) for folder in folders)


@pytest.mark.parametrize("kind", [Checkpoint, TrainEndCheckpoint])
def test_called_directly_files_are_where_they_shall_be(digits, tmp_path, kind):
    callback = kind(dirname=tmp_path / "run")
    if kind is Checkpoint:
        callback.monitor = "train_loss_best"
    MLPClassifier(**QUICK, callbacks=[callback]).fit(*digits)
    names = {path.name.removeprefix("train_end_") for path in (tmp_path / "run").iterdir()}
    assert names == FILES


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"n_jobs": 1}, id="alone"),
        pytest.param({"n_jobs": 2}, marks=pytest.mark.slow, id="two processes"),
        pytest.param({"n_jobs": 2, "backend": "threading"}, id="two threads of joblib"),
        pytest.param({"n_jobs": 2, "backend": "sknn_tips"}, id="two threads of ours"),
    ],
)
@pytest.mark.parametrize("kind", [Checkpoint, TrainEndCheckpoint])
def test_every_fit_of_a_search_has_a_folder(digits, tmp_path, kind, how):
    callback = kind(dirname=str(tmp_path))
    if kind is Checkpoint:
        callback.monitor = "train_loss_best"
    search = searched(callback, digits, **how)
    folders = list(tmp_path.iterdir())
    assert len(folders) == 5  # 2 candidates x 2 folds, and the refit
    for folder in folders:
        assert any(path.name.endswith("params.pt") for path in folder.iterdir())
    best = search.best_estimator_.callbacks[0]
    assert best.dirname == str(tmp_path)  # a parameter, which fit does not change
    assert best.dirname_ in map(str, folders)


@pytest.mark.parametrize("backend", ["threading", "sknn_tips"])
def test_threads_of_an_ensemble_have_folders(digits, tmp_path, backend):
    callback = Checkpoint("train_loss_best", dirname=str(tmp_path))
    clf = MLPClassifier(**QUICK, callbacks=[("files", callback)])
    with parallel_config(backend):
        BaggingClassifier(clf, n_estimators=4, n_jobs=2, random_state=0).fit(*digits)
    assert len(list(tmp_path.iterdir())) == 4


def test_the_best_weights_come_back_from_the_fits_own_folder(digits, tmp_path):
    callback = Checkpoint("train_loss_best", dirname=str(tmp_path), load_best=True)
    search = searched(callback, digits)
    assert search.best_score_ > 0
    assert len(list(tmp_path.iterdir())) == 5


def test_files_with_folders_in_their_names(digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w").mkdir()
    params = str(tmp_path / "w" / "{last_epoch[epoch]}.pt")
    names = {"f_optimizer": None, "f_criterion": None, "f_history": "w/history.json"}
    searched(Checkpoint("train_loss_best", f_params=params, **names), digits)
    assert len(list(tmp_path.glob("fit-*/w/history.json"))) == 5
    assert len({path.parent for path in tmp_path.glob("w/fit-*/*.pt")}) == 5


def test_parameters_come_back_after_a_failure(digits, tmp_path):
    callback = Checkpoint("no_such_column", dirname=str(tmp_path))
    with pytest.raises(ValueError, match=r"All the .* fits failed"):
        searched(callback, digits)
    assert callback.dirname == str(tmp_path)
