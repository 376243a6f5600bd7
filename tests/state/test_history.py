import pytest
from sklearn.datasets import load_iris
from skorch.callbacks import EpochScoring

from sknn_tips import MLPClassifier
from sknn_tips.state.history import history_frame, shown_figures

ROW = {
    "batches": [{}],
    "epoch": 1,
    "dur": 0.5,
    "train_loss": 2.0,
    "train_loss_best": True,
    "valid_loss": 3.0,
    "valid_loss_best": True,
    "lr": 0.1,
    "train_accuracy": 0.8,
    "valid_accuracy": 0.7,
}


def test_names_and_order():
    frame = history_frame([ROW, ROW])
    names = ["loss", "val_loss", "accuracy", "val_accuracy", "lr", "seconds"]
    assert frame.columns.tolist() == names
    assert frame.loc[2].tolist() == [2.0, 3.0, 0.8, 0.7, 0.1, 0.5]
    assert frame.index.name == "epoch"


def test_no_epochs():
    assert len(history_frame([])) == 0


def test_a_callbacks_column_of_one_of_our_names_says_whose_it_is():
    row = {**ROW, "accuracy": 0.1, "val_loss": 0.2, "seconds": 0.3, "kappa": 0.4}
    theirs = {"callback_accuracy": 0.1, "callback_val_loss": 0.2, "callback_seconds": 0.3}
    expected = {"loss": 2.0, "val_loss": 3.0, "accuracy": 0.8, "val_accuracy": 0.7}
    assert shown_figures(row) == {**expected, **theirs, "kappa": 0.4}
    assert history_frame([row]).iloc[0].to_dict() == {
        **shown_figures(row),
        "lr": 0.1,
        "seconds": 0.5,
    }


def test_a_column_has_one_owner_in_all_epochs():
    later = history_frame([{"train_loss": 2.0, "accuracy": 0.1}, {**ROW, "accuracy": 0.2}])
    assert later["callback_accuracy"].tolist() == [0.1, 0.2]
    assert later["accuracy"].isna().tolist() == [True, False]
    assert "callback_accuracy" not in history_frame([{"train_loss": 2.0, "accuracy": 0.1}])


def test_a_scoring_callback_does_not_hide_a_metric():
    X, y = load_iris(return_X_y=True)
    settings = {"metrics": ["accuracy"], "max_iter": 4, "tol": None, "random_state": 0}
    alone = MLPClassifier(8, **settings).fit(X, y, X_val=X[::7], y_val=y[::7]).history_
    scoring = EpochScoring("accuracy", lower_is_better=False)
    beside = MLPClassifier(8, **settings, callbacks=[scoring])
    found = beside.fit(X, y, X_val=X[::7], y_val=y[::7]).history_
    assert found["accuracy"].tolist() == alone["accuracy"].tolist()
    assert found["callback_accuracy"].tolist() == pytest.approx(alone["val_accuracy"].tolist())
