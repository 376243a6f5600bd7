import numpy as np
import pytest
import torch

from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.initializers import (
    ALIASES,
    INITIALIZERS,
    RANGES,
    canonical,
    draw_layer,
    options_of,
    sklearn_bound,
)

FAN_IN, FAN_OUT = 400, 300

# Variance of one weight, from the papers.
VARIANCES = {
    "glorot_normal": 2 / (FAN_IN + FAN_OUT),
    "glorot_uniform": 2 / (FAN_IN + FAN_OUT),
    "he_normal": 2 / FAN_IN,
    "he_uniform": 2 / FAN_IN,
    "lecun_normal": 1 / FAN_IN,
    "lecun_uniform": 1 / FAN_IN,
    "normal": 0.05**2,
    "orthogonal": 1 / FAN_IN,
    "uniform": 0.1**2 / 12,
    "zeros": 0.0,
}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_and_variance(name):
    weights = INITIALIZERS[name](FAN_IN, FAN_OUT, np.random.RandomState(0))
    assert weights.shape == (FAN_IN, FAN_OUT)
    # 120,000 draws: the standard error of the variance is below one per cent
    assert weights.var() == pytest.approx(VARIANCES[name], rel=0.02)
    assert abs(weights.mean()) <= 5 * weights.std() / np.sqrt(weights.size)


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("uniform")])
def test_uniform_draws_reach_their_bound_and_no_further(name):
    weights = INITIALIZERS[name](FAN_IN, FAN_OUT, np.random.RandomState(0))
    bound = np.sqrt(3 * VARIANCES[name])
    assert 0.99 * bound < np.abs(weights).max() <= bound


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_generator_alone_decides(name):
    draws = [INITIALIZERS[name](5, 4, np.random.RandomState(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(draws[0], draws[1])
    if name != "zeros":
        assert not np.array_equal(draws[0], draws[2])


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_orthogonal_has_orthonormal_rows_or_columns(shape):
    weights = INITIALIZERS["orthogonal"](*shape, np.random.RandomState(0), gain=2.0)
    small = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    np.testing.assert_allclose(small, 4 * np.eye(min(shape)), atol=1e-12)


def test_options():
    rng = np.random.RandomState(0)
    leaky = INITIALIZERS["he_normal"](FAN_IN, FAN_OUT, rng, a=0.1, mode="fan_out")
    assert leaky.var() == pytest.approx(2 / (1.01 * FAN_OUT), rel=0.02)
    assert options_of("he_normal") == ["a", "mode", "draw_biases"]
    assert options_of("auto") == []


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("he_normal", {"mode": "fan"}, "mode='fan' must be 'fan_in' or 'fan_out'"),
        ("he_uniform", {"a": "x"}, "a='x' must be a finite number"),
        ("glorot_uniform", {"gain": np.inf}, "gain=inf must be a finite number"),
        ("normal", {"std": -1}, "std=-1 must be a finite number, 0 or more"),
        ("uniform", {"low": 1, "high": -1}, "low=1 is above high=-1. Give both"),
        ("uniform", {"low": 1}, "low=1 is above high=0.05"),
        ("lecun_normal", {"draw_biases": "x"}, "draw_biases='x' must be True or False"),
    ],
)
def test_values_out_of_range(name, options, words):
    with pytest.raises(ValueError, match=f"init_params: {words}"):
        draw_layer(name, 2, 2, np.random.RandomState(0), **options)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_every_option_has_a_range(name):
    assert set(options_of(name)) <= set(RANGES)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_biases_are_zero_or_drawn_as_the_weights(name):
    rng = np.random.RandomState(0)
    weight, bias = draw_layer(name, FAN_IN, FAN_OUT, rng, pieces=2)
    assert weight.shape == (FAN_IN, 2 * FAN_OUT)
    np.testing.assert_array_equal(bias, np.zeros(2 * FAN_OUT))
    _, bias = draw_layer(name, FAN_IN, FAN_OUT, rng, pieces=2, draw_biases=True)
    assert bias.shape == (2 * FAN_OUT,)
    assert bias.var() == pytest.approx(VARIANCES[name], rel=0.3)


def test_names():
    assert all(canonical(alias) == name for alias, name in ALIASES.items())
    with pytest.raises(UnknownOptionError, match="Did you mean 'he_normal'"):
        canonical("henormal")


def test_sklearns_bound_is_smaller_for_logistic():
    assert sklearn_bound(2, 1, "relu") == pytest.approx(np.sqrt(2))
    assert sklearn_bound(1, 1, "logistic") == pytest.approx(1.0)


def test_an_own_function_fills_the_weight_of_each_piece():
    shapes = []

    def count(weight):
        shapes.append(tuple(weight.shape))
        weight.copy_(torch.arange(6.0).view(3, 2))

    weight, bias = draw_layer(count, 2, 3, np.random.RandomState(0), pieces=2)
    assert shapes == [(3, 2)] * 2  # torch's (n_out, n_in)
    np.testing.assert_array_equal(weight, np.hstack([[[0, 2, 4], [1, 3, 5]]] * 2))
    np.testing.assert_array_equal(bias, np.zeros(6))
    assert (canonical(count), options_of(count)) == (count, [])


def test_what_an_own_function_draws_follows_from_the_generator():
    def draw(seed):
        return draw_layer(torch.nn.init.normal_, 200, 200, np.random.RandomState(seed))[0]

    before = torch.get_rng_state()
    assert (draw(0) == draw(0)).all()
    assert not (draw(0) == draw(1)).any()
    assert draw(0).std() == pytest.approx(1, rel=0.02)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("fill", [torch.zeros_like, torch.nn.Tanh, lambda w: w.fill_(np.inf)])
def test_an_own_function_must_fill_it_with_numbers(fill):
    with pytest.raises(ValueError, match=r"init=.*fills a tensor in place, such as"):
        draw_layer(fill, 2, 3, np.random.RandomState(0))
