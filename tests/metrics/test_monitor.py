import pytest

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.metrics.monitor import Monitor, recorded_metrics, resolve_monitor


def some_figure(y_true, y_pred):
    return 0.0


def some_error(y_true, y_pred):
    return 0.0


@pytest.mark.parametrize(
    ("name", "column", "larger"),
    [
        ("loss", "train_loss", False),
        ("train_loss", "train_loss", False),
        ("val_loss", "valid_loss", False),
        ("valid_loss", "valid_loss", False),
        ("accuracy", "valid_accuracy", True),
        ("val_accuracy", "valid_accuracy", True),
        ("roc_auc", "valid_roc_auc", True),
        ("train_roc_auc", "train_roc_auc", True),
        ("val_log_loss", "valid_log_loss", False),
        ("neg_log_loss", "valid_log_loss", False),
        ("some_error", "valid_some_error", False),
    ],
)
def test_names_and_directions(name, column, larger):
    metrics = recorded_metrics([some_error], name, "accuracy")
    assert resolve_monitor(name, metrics, "accuracy") == Monitor(column, larger)
    assert Monitor(column, larger).on_validation == column.startswith("valid")


def test_what_is_monitored_by_a_known_name_is_recorded():
    assert list(recorded_metrics([], "val_neg_log_loss", "accuracy")) == ["log_loss"]
    assert list(recorded_metrics(["f1_macro"], "val_accuracy", "accuracy")) == ["f1_macro"]
    assert list(recorded_metrics("rmse", None, "r2")) == ["rmse"]
    assert list(recorded_metrics("rmse", "train_r2", "r2")) == ["rmse", "r2"]


def test_unknown_columns_are_listed():
    metrics = recorded_metrics(["f1_macro"], "f1_mcro", "accuracy")
    with pytest.raises(UnknownOptionError, match=r"'val_f1_macro'.*'val_loss'.*in metrics"):
        resolve_monitor("f1_mcro", metrics, "accuracy")


@pytest.mark.parametrize("name", ["mse", "val_mse", "train_mse"])
def test_a_figure_of_the_other_kind_of_estimator(name):
    words = rf"monitor='{name}' is a metric of regressors.*: 'loss', 'val_accuracy', 'val_loss'"
    with pytest.raises(UnknownOptionError, match=words):
        resolve_monitor(name, recorded_metrics([], name, "accuracy"), "accuracy")


def test_a_function_that_says_nothing_about_its_direction():
    metrics = recorded_metrics([some_figure], "some_figure", "accuracy")
    with pytest.raises(ValueError, match=r"some_figure is better when it is larger.*make_scorer"):
        resolve_monitor("some_figure", metrics, "accuracy")
