import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.preprocessing import StandardScaler

from sknn_tips.plotting import style


def test_no_matplotlib_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"SearchDisplay draws .*pip install 'sknn_tips\[plot\]'"):
        style.pyplot("SearchDisplay")


@pytest.mark.parametrize("n", [1, 5, 7, 8, 20])
def test_every_curve_has_a_colour_of_its_own(n):
    assert len({to_rgb(color) for color in style.colors(n)}) == n


def test_colours_that_are_taken_are_left_to_whom_they_belong():
    first = style.colors(2)
    assert style.colors(2, first) == style.colors(4)[2:]
    taken = []
    for _ in range(12):
        taken += style.colors(1, taken)
    assert len({to_rgb(color) for color in taken}) == 12


def test_shades_become_lighter():
    light = [sum(to_rgb(color)) for color in style.shades(5)]
    assert light == sorted(light)


def test_a_tint_is_lighter_and_of_the_same_hue():
    before, after = np.array(to_rgb("#0072B2")), np.array(style.tint("#0072B2"))
    assert (after > before).all()
    assert after.argsort().tolist() == before.argsort().tolist()


@pytest.mark.parametrize(("n", "shape"), [(1, (1, 1)), (3, (1, 3)), (5, (2, 3))])
def test_panels_fill_rows_of_three(n, shape):
    figure, axes = style.panels(None, ["panel"] * n, "Display", size=(4, 3))
    assert axes.shape == (n,)
    assert len(figure.axes) == n
    np.testing.assert_allclose(figure.get_size_inches(), (4 * shape[1], 3 * shape[0]))


def test_panels_of_the_user_are_used():
    figure, grid = plt.subplots(1, 2)
    found, axes = style.panels(grid, ["loss", "accuracy"], "Display")
    assert found is figure
    assert list(axes) == list(grid)
    assert list(style.panels(grid[0], ["loss"], "Display")[1]) == [grid[0]]


def test_a_wrong_number_of_axes():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"draws 2 panels \(loss, accuracy\) and ax has 1 Axes"):
        style.panels(ax, ["loss", "accuracy"], "Display")


@pytest.mark.parametrize("beside", [False, True])
def test_the_legend_covers_no_panel(beside, boxes):
    figure, axes = style.panels(None, ["one"], "Display", size=(3, 3))
    lines = [axes[0].plot([0, 1], label=f"a long name {i}")[0] for i in range(4)]
    style.legend(figure, axes, lines, own=True, beside=beside)
    legend, panel = boxes(figure, figure.legends[0], axes[0])
    assert not legend.overlaps(panel)
    assert legend.x0 >= 0
    assert legend.x1 <= figure.bbox.x1
    assert panel.width > 150


def test_the_legend_of_a_users_panel_stays_in_it():
    figure, axes = style.panels(plt.subplots()[1], ["one"], "Display")
    style.legend(figure, axes, axes[0].plot([0, 1], label="line"), own=False)
    assert axes[0].get_legend().get_texts()[0].get_text() == "line"
    assert not figure.legends


def test_no_handles_no_legend():
    figure, axes = style.panels(None, ["one"], "Display")
    style.legend(figure, axes, [], own=True)
    assert not figure.legends


def test_one_handle_a_label():
    _, ax = plt.subplots()
    lines = [ax.plot([0, 1], label=label)[0] for label in "aab"]
    assert [line.get_label() for line in style.one_a_label(lines)] == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00012345, "0.000123"),
        (np.float64(0.5), "0.5"),
        (np.True_, "True"),
        (128, "128"),
        ((64, 32), "(64, 32)"),
        ("relu", "relu"),
        (None, "None"),
        (StandardScaler(), "StandardScaler"),
        ((), "()"),
        (np.mean, "mean"),
        ("x" * 40, "x" * 25 + "…"),
    ],
)
def test_values_in_short(value, text):
    assert style.shorten(value) == text
