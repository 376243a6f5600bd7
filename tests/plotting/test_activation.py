import matplotlib.pyplot as plt
import numpy as np
import pytest

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.activations import ACTIVATIONS, NAMES
from sknn_tips.plotting import ActivationDisplay


@pytest.mark.parametrize("name", NAMES)
def test_the_slope_is_that_of_the_curve(name):
    display = ActivationDisplay.from_name(name)
    curve = display.curves[name]
    numeric = np.gradient(curve.value, display.x)
    smooth = np.abs(np.gradient(numeric)) < 0.05  # not at a kink or a jump
    assert smooth.mean() > 0.9
    np.testing.assert_allclose(curve.slope[smooth], numeric[smooth], atol=0.02)


def test_all_by_default():
    display = ActivationDisplay.from_name()
    assert list(display.curves) == sorted(ACTIVATIONS)
    assert len(display.axes_) == len(ACTIVATIONS)
    assert display.axes_[sorted(ACTIVATIONS).index("logistic")].get_title() == "logistic (sigmoid)"


def test_known_values():
    display = ActivationDisplay.from_name("sigmoid", "relu", "step")
    middle = np.flatnonzero(display.x == 0)[0]
    assert display.curves["sigmoid"].value[middle] == 0.5
    assert display.curves["sigmoid"].slope[middle] == 0.25
    np.testing.assert_array_equal(display.curves["relu"].value, np.maximum(display.x, 0))
    assert set(display.curves["step"].value) == {0, 1}
    assert not display.curves["step"].slope.any()
    for curve, line in zip(display.curves.values(), display.lines_[::2], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve.value)


def test_maxout_takes_the_largest_of_its_pieces():
    display = ActivationDisplay.from_name("maxout")
    x, curve = display.x, display.curves["maxout"]
    np.testing.assert_allclose(curve.value, np.maximum(x, -x / 2))
    texts = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert texts == ["activation", "its slope", "maxout's pieces (an example)"]


def test_each_of_many_pieces_is_the_largest_somewhere():
    display = ActivationDisplay.from_name("maxout", activation_params={"pieces": 4})
    assert set(np.argmax(display.curves["maxout"].pieces, axis=0)) == {0, 1, 2, 3}


def test_options_go_to_whom_they_belong():
    params = {"negative_slope": 0.1, "alpha": 2.0}
    display = ActivationDisplay.from_name("leaky_relu", "elu", "relu", activation_params=params)
    assert display.curves["leaky_relu"].slope[0] == 0.1
    assert display.curves["elu"].value[0] == pytest.approx(2 * np.expm1(-4))


def test_unknown_names_and_options():
    with pytest.raises(UnknownOptionError, match="Did you mean 'tanh'"):
        ActivationDisplay.from_name("relu", "tahn")
    with pytest.raises(UnknownOptionError, match="activation_params has the key 'slope'"):
        ActivationDisplay.from_name("relu", "elu", activation_params={"slope": 1})


def test_axes_of_the_user_and_plot():
    figure, axes = plt.subplots(2, 1)
    display = ActivationDisplay.from_name("relu", "tanh", ax=axes, x_range=(-1, 2))
    assert display.figure_ is figure
    assert axes[0].get_xlim() == (-1, 2)
    assert display.plot() is display
    assert display.figure_ is not figure


def test_every_panel_without_one_below_has_numbers():
    display = ActivationDisplay.from_name()
    display.figure_.canvas.draw()
    labelled = [
        any(t.label1.get_visible() for t in ax.xaxis.get_major_ticks()) for ax in display.axes_
    ]
    assert all(labelled[-5:])
    assert not any(labelled[:5])
