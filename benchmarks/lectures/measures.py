"""The measures of a trained model, by the names that `System.figures` uses."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import log_loss

from benchmarks.lectures.data import Rows


class Measure(NamedTuple):
    """A measure.

    Attributes
    ----------
    label : str
    compute : callable
        ``(fitted model, rows) -> float``.
    better : int
        1 if larger values are better, -1 if smaller ones are, 0 if neither.
    digits : int
        Number of decimal places; for large numbers, of significant digits.
    is_share : bool
        Whether each value is 0 or 1, so that only the mean is shown.
    """

    label: str
    compute: Callable[[Any, Rows], float]
    better: int = 0
    digits: int = 4
    is_share: bool = False


def train_accuracy(model: Any, rows: Rows) -> float:
    return model.score(rows.X_train, rows.y_train)


def train_loss(model: Any, rows: Rows) -> float:
    """Return the mean loss during the last epoch, as printed in the decks."""
    return model.loss_


def test_accuracy(model: Any, rows: Rows) -> float:
    return model.score(rows.X_test, rows.y_test)


def test_loss(model: Any, rows: Rows) -> float:
    probabilities = model.predict_proba(rows.X_test).astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)  # float32 sums to 1 up to 1e-7
    return log_loss(rows.y_test, probabilities, labels=model.classes_)


def solved(model: Any, rows: Rows) -> float:
    return float(train_accuracy(model, rows) == 1)


def best_epoch(model: Any, rows: Rows) -> float:
    return model.best_epoch_


def best_val_loss(model: Any, rows: Rows) -> float:
    return model.history_["val_loss"].min()


def last_val_loss(model: Any, rows: Rows) -> float:
    return model.history_["val_loss"].iloc[-1]


def last_val_accuracy(model: Any, rows: Rows) -> float:
    return model.history_["val_accuracy"].iloc[-1]


# The loss of the estimator is half the mean squared error.


def mse_epoch_1(model: Any, rows: Rows) -> float:
    return 2 * model.loss_curve_[0]


def mse_epoch_2(model: Any, rows: Rows) -> float:
    return 2 * model.loss_curve_[1]


def mse_last(model: Any, rows: Rows) -> float:
    return 2 * model.loss_curve_[-1]


def mse_ratio(model: Any, rows: Rows) -> float:
    return model.loss_curve_[-1] / model.loss_curve_[0]


def epochs_to_infinity(model: Any, rows: Rows) -> float:
    """Return the first epoch whose loss is not finite; NaN if all losses are finite."""
    lost = np.flatnonzero(~np.isfinite(model.loss_curve_))
    return float(lost[0] + 1) if len(lost) else float("nan")


MEASURES: dict[str, Measure] = {
    "best_epoch": Measure("best epoch", best_epoch, digits=0),
    "best_val_loss": Measure("lowest validation loss", best_val_loss, -1),
    "epochs_to_infinity": Measure(
        "first epoch with an infinite loss", epochs_to_infinity, digits=0
    ),
    "last_val_accuracy": Measure("accuracy after the last epoch", last_val_accuracy, 1),
    "last_val_loss": Measure("validation loss of the last epoch", last_val_loss, -1),
    "mse_epoch_1": Measure("squared error, epoch 1", mse_epoch_1, digits=2),
    "mse_epoch_2": Measure("squared error, epoch 2", mse_epoch_2, digits=2),
    "mse_last": Measure("squared error, last epoch", mse_last, digits=2),
    "mse_ratio": Measure("last / first", mse_ratio, -1, digits=2),
    "solved": Measure("fraction of seeds that solve it", solved, 1, 2, is_share=True),
    "test_accuracy": Measure("test accuracy", test_accuracy, 1),
    "test_loss": Measure("test loss", test_loss, -1),
    "train_accuracy": Measure("training accuracy", train_accuracy, 1),
    "train_loss": Measure("training loss", train_loss, -1),
}
