import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.plotting import TrainingHistoryDisplay
from sknn_tips.plotting.history_panels import choose_panels, draw_curves, is_logarithmic


def frame(**columns):
    return pd.DataFrame(columns, index=range(1, 1 + len(next(iter(columns.values())))))


def test_the_loss_first_and_no_twins_clocks_or_events():
    history = frame(
        val_r2=[0.1], val_loss=[1.0], loss=[1.0], mae=[1.0], lr=[0.1], seconds=[1.0],
        event_lr=[0.1], event_cp=[True], note=["x"],
    )  # fmt: skip
    assert choose_panels([history], None) == ["loss", "r2", "mae"]
    assert choose_panels([history], ["lr", "event_lr"]) == ["lr", "event_lr"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("roc_auc", r"metrics=\['roc_auc'\]"),
        ("acc", r"metrics=\['accuracy'\]"),
        ("val_acuracy", r"metrics=\['accuracy'\]"),
        ("mse", r"metrics=\['mse'\]"),
        ("note", "them in metrics"),
        ("maee", "them in metrics"),  # is recorded, and stands in the list
        (3, "them in metrics"),
    ],
)
def test_what_was_not_recorded_is_advised_only_where_it_can_be(name, advice):
    history = frame(loss=[1.0], mae=[1.0])
    with pytest.raises(UnknownOptionError, match=rf"Only these were recorded.*with {advice}\.$"):
        choose_panels([history], [name])


def test_panels_of_all_histories():
    assert choose_panels([frame(loss=[1.0]), frame(loss=[1.0], r2=[0.1])], None) == ["loss", "r2"]


def test_no_epochs():
    with pytest.raises(ValueError, match="no epochs"):
        choose_panels([pd.DataFrame()], None)


@pytest.mark.parametrize(
    ("losses", "scale", "expected"),
    [
        ([2.0, 1.0, 0.001], "auto", False),  # learning well is no reason
        ([2.0, 50.0, 1e9, np.inf], "auto", True),
        ([2.0, 50.0, -1e9], "auto", False),
        ([np.nan, np.nan], "auto", False),
        ([np.nan, np.nan], "log", False),
        ([2.0, 1e9], "linear", False),
        ([2.0, 1.0], "log", True),
    ],
)
def test_when_the_loss_is_logarithmic(losses, scale, expected):
    assert is_logarithmic([frame(loss=losses)], scale) is expected


def test_one_fit_that_exploded_from_its_start():
    assert is_logarithmic([frame(loss=[2.0, 1.0]), frame(loss=[1e6, 1e5])], "auto")


def test_scales_that_cannot_be():
    with pytest.raises(ValueError, match=r"above 0, and the smallest is -3. .*'linear'"):
        is_logarithmic([frame(loss=[1.0], val_loss=[-3.0])], "log")
    with pytest.raises(ValueError, match="loss_scale='lin' is not known"):
        is_logarithmic([frame(loss=[1.0])], "lin")


def test_a_curve_that_ends_in_nan_is_crossed_where_it_ends():
    _, ax = plt.subplots()
    history = frame(loss=[1.0, 5.0, np.inf, np.nan])
    (line,) = draw_curves(ax, "loss", "net", history, "C0", {})
    np.testing.assert_array_equal(line.get_ydata(), [1, 5, np.nan, np.nan])
    (cross,) = [line for line in ax.lines if line.get_marker() == "x"]
    assert cross.get_xydata().tolist() == [[2.0, 5.0]]


@pytest.mark.parametrize("losses", [[3.0], [3.0, np.nan], [np.nan, np.nan]])
def test_short_histories(losses):
    display = TrainingHistoryDisplay.from_history(frame(loss=losses))
    display.figure_.canvas.draw()
    seen = np.isfinite(losses).any()
    assert display.lines_[0].get_marker() == ("o" if seen else "None")


def test_the_legend_explains_the_cross():
    histories = {"good": frame(loss=[1.0, 0.5]), "bad": frame(loss=[1.0, np.nan])}
    display = TrainingHistoryDisplay.from_history(histories)
    texts = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert texts == ["good", "bad", "NaN or inf from here"]


def test_a_best_epoch_without_a_number_is_not_marked():
    history = frame(loss=[1.0, np.nan])
    for best in (2, 9):
        display = TrainingHistoryDisplay(histories={"a": history}, best_epochs={"a": best}).plot()
        assert display.axes_[0].get_title(loc="right") == ""


def test_the_figure_that_chose_the_best_epoch_is_named():
    def drawn(monitors, *names):
        best = dict.fromkeys(names, 1)
        histories = dict.fromkeys(names, frame(loss=[1.0, 0.5], val_r2=[0.5, 0.4]))
        display = TrainingHistoryDisplay(
            histories=histories, best_epochs=best, monitors=monitors
        ).plot()
        *_, last = display.figure_.legends[0].get_texts()
        return display.axes_[0].get_title(loc="right"), last.get_text()

    assert drawn({"a": "val_r2"}, "a") == ("loss 1 at epoch 1, the best by val_r2", "best epoch")
    assert drawn(None, "a") == ("loss 1 at epoch 1", "best epoch")
    assert drawn({"a": "loss", "b": "loss"}, "a", "b") == ("", "best epoch by loss")
    assert drawn({"a": "loss", "b": "val_r2"}, "a", "b") == ("", "best epoch")
    assert drawn({"a": "loss"}, "a") == ("loss 1 at epoch 1, the best", "best epoch")
    caption, _ = drawn({"a": "val_" + 40 * "x"}, "a")
    assert len(caption.splitlines()) == 2
