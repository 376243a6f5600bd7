import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from sknn_tips.plotting import LearningRateRangeDisplay


@pytest.fixture
def table():
    """Thirty updates: the loss falls from 2 to 0.2 and explodes at the end."""
    rates = np.geomspace(1e-5, 1, 30)
    smoothed = np.r_[np.full(10, 2.0), np.linspace(2, 0.2, 16), 0.4, 2, 5, 8]
    loss = smoothed + np.tile([0.1, -0.1], 15)
    loss[-1] = 1e7
    index = pd.RangeIndex(1, 31, name="update")
    columns = {"learning_rate": rates, "loss": loss, "smoothed_loss": smoothed}
    return pd.DataFrame(columns, index)


@pytest.fixture
def display(table):
    return LearningRateRangeDisplay(table=table, suggested_rate=0.02)


def texts(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_both_curves_and_the_suggested_rate(display, table):
    assert display.plot() is display
    batches, smoothed, suggested = display.lines_
    for line, column in ((batches, "loss"), (smoothed, "smoothed_loss")):
        np.testing.assert_array_equal(line.get_xdata(), table["learning_rate"])
        np.testing.assert_array_equal(line.get_ydata(), table[column])
    assert list(suggested.get_xdata()) == [0.02, 0.02]
    assert texts(display) == ["loss of a batch", "smoothed", "suggested, 0.02"]
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_xlabel() == "learning rate (log scale)"
    assert display.ax_.get_ylabel() == "training loss"
    assert display.figure_ is display.ax_.figure


@pytest.mark.parametrize("rate", ["0.02", "nan"])
def test_a_shell_shows_the_suggested_rate(table, rate):
    display = LearningRateRangeDisplay(table=table, suggested_rate=float(rate))
    assert repr(display) == f"LearningRateRangeDisplay(suggested_rate={rate})"


def test_what_explodes_leaves_the_axis(display):
    low, high = display.plot().ax_.get_ylim()
    assert -0.1 < low < 0.1
    assert 2.1 < high < 4


def test_a_loss_that_stays_flat(table):
    flat = table.assign(loss=1.0, smoothed_loss=1.0)
    low, high = LearningRateRangeDisplay(table=flat, suggested_rate=np.nan).plot().ax_.get_ylim()
    assert low < 1 < high


def test_no_suggestion_no_line(table):
    display = LearningRateRangeDisplay(table=table, suggested_rate=np.nan).plot()
    assert texts(display) == ["loss of a batch", "smoothed"]
    assert len(display.lines_) == 2


def test_no_losses_at_all(table):
    display = LearningRateRangeDisplay(table=table[:0], suggested_rate=np.nan).plot()
    display.figure_.canvas.draw()
    assert len(display.lines_[0].get_xdata()) == 0


def test_two_tests_in_one_picture(display, table):
    higher = table.assign(loss=table["loss"] + 5, smoothed_loss=table["smoothed_loss"] + 5)
    display.plot(name="sgd")
    second = LearningRateRangeDisplay(table=higher, suggested_rate=0.1)
    second.plot(display.ax_, name="adam")
    assert second.ax_ is display.ax_
    assert texts(second) == [
        "sgd: loss of a batch",
        "sgd: smoothed",
        "sgd: suggested, 0.02",
        "adam: loss of a batch",
        "adam: smoothed",
        "adam: suggested, 0.1",
    ]
    assert display.lines_[1].get_color() != second.lines_[1].get_color()
    low, high = display.ax_.get_ylim()
    assert low < 0.2
    assert high > 7


def test_axes_of_the_user(display):
    figure, axes = plt.subplots(1, 2)
    assert display.plot(axes[1]).figure_ is figure
    assert display.ax_ is axes[1]
    with pytest.raises(ValueError, match="draws 1 panels"):
        display.plot(axes)


def test_curve_kwargs(display):
    given = {"color": "red", "linewidth": 5}
    batches, smoothed, suggested = display.plot(curve_kwargs=given).lines_
    assert smoothed.get_linewidth() == 5
    assert to_rgb(smoothed.get_color()) == to_rgb(suggested.get_color()) == (1, 0, 0)
    assert to_rgb(batches.get_color()) == (1, 0.5, 0.5)
    assert given == {"color": "red", "linewidth": 5}
