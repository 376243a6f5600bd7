import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.initializers import INITIALIZERS
from sknn_tips.plotting import InitializerDisplay


@pytest.mark.parametrize("init", [*INITIALIZERS, "auto"])
def test_every_initialiser(init):
    display = InitializerDisplay.from_name(init, n_layers=2, n_units=20, random_state=0)
    (name,) = display.weights
    assert name == f"{init}, relu"
    assert display.weights[name].shape == (400,)
    assert len(display.activities[name]) == len(display.gradients[name]) == 2
    assert [len(ax.lines) for ax in display.axes_] == [1, 1, 1, 1]


def test_he_keeps_what_narrower_weights_lose():
    inits = ["he_normal", "glorot_normal", "normal"]
    display = InitializerDisplay.from_name(*inits, activation="relu", random_state=0)
    he, glorot, narrow = display.activities.values()
    assert 0.7 < he[-1] / he[0] < 1.3
    # a layer of relu halves the mean square: with variance 1/n each takes sqrt(1/2) off
    assert glorot[-1] / glorot[0] == pytest.approx(0.5 ** (7 / 2), rel=0.4)
    assert narrow[-1] / narrow[0] == pytest.approx((0.05 * np.sqrt(128)) ** 7, rel=0.4)


def test_sigmoid_loses_the_gradient_and_tanh_with_wide_weights_is_flat():
    display = InitializerDisplay.from_name(
        "glorot_normal", "normal",
        activation=["sigmoid", "tanh"], init_params=[{}, {"std": 1.0}], random_state=0,
    )  # fmt: skip
    sigmoid, wide = display.gradients.values()
    assert sigmoid[0] < 1e-3 * sigmoid[-1]
    assert list(display.flat) == ["glorot_normal, sigmoid", "normal(std=1), tanh"]
    # |tanh'| < .05 where |z| > 2.18; z has a standard deviation of about 16
    assert display.flat["normal(std=1), tanh"][-1] == pytest.approx(0.89, abs=0.02)
    assert wide[0] > wide[-1]


def test_flat_slopes():
    display = InitializerDisplay.from_name(
        *["he_normal"] * 4, activation=["relu", "step", "maxout", "identity"], random_state=0
    )
    relu, step, maxout, identity = display.flat.values()
    assert relu == pytest.approx(0.5, abs=0.1)
    assert (step == 1).all()
    assert not maxout.any()
    assert not identity.any()
    assert not display.gradients["he_normal, step"][:-1].any()


def test_zeros_stop_everything():
    display = InitializerDisplay.from_name("zeros", "he_normal", random_state=0)
    assert not display.activities["zeros, relu"].any()
    assert not display.gradients["zeros, relu"].any()
    assert display.axes_[1].get_yscale() == "symlog"
    alone = InitializerDisplay.from_name("zeros", random_state=0)
    alone.figure_.canvas.draw()
    assert alone.axes_[1].get_yscale() == "linear"


def test_a_seed_repeats_and_global_state_stays():
    before, in_torch = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    options = {"n_layers": 3, "n_units": 10}
    first = InitializerDisplay.from_name("he_normal", random_state=1, **options)
    second = InitializerDisplay.from_name(
        "he_normal", random_state=np.random.RandomState(1), **options
    )
    InitializerDisplay.from_name("he_normal", **options)
    np.testing.assert_array_equal(*[d.weights["he_normal, relu"] for d in (first, second)])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), in_torch)


def test_names_and_axes_of_the_user():
    figure, axes = plt.subplots(2, 2)
    display = InitializerDisplay.from_name(
        "uniform", "he_uniform", names=["Keras", "He"], n_units=8, ax=axes
    )
    assert display.figure_ is figure
    assert [line.get_label() for line in display.lines_] == ["Keras", "He"] * 4
    assert display.plot() is display


@pytest.mark.parametrize(
    ("inits", "options", "message"),
    [
        ([], {}, "nothing to draw"),
        (["he"], {}, "Did you mean 'he_normal'"),
        (["he_normal"], {"activation": "rellu"}, "Did you mean 'relu'"),
        (["he_normal"], {"init_params": {"std": 1}}, "init='he_normal' does not take"),
        (["he_normal"], {"activation": ["relu", "tanh"]}, "activation has 2 values for 1"),
        (["he_normal"], {"n_layers": 0}, "n_layers=0 must be at least 1"),
        (["he_normal", "he_normal"], {}, "not distinct"),
    ],
)
def test_what_cannot_be_drawn(inits, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        InitializerDisplay.from_name(*inits, **options)
    assert isinstance(caught.value, UnknownOptionError) == ("Did" in message or "take" in message)
