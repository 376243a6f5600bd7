from sknn_tips.training.history import history_frame

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
