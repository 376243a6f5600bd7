"""Weight initialisers by name. They draw from a numpy RandomState, never from global state.

An initialiser is a function ``(fan_in, fan_out, rng, **options)`` that returns an array of shape
``(fan_in, fan_out)``.
Sources: Glorot & Bengio 2010 (glorot), He et al. 2015 (he), LeCun et al. 1998 (lecun), Saxe et
al. 2014 (orthogonal); `uniform` and `normal` have the defaults of Keras.
"""

import inspect
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips import _registry
from sknn_tips.nn.activations import activation_of
from sknn_tips.nn.ranges import FINITE, NOT_NEGATIVE, SWITCH, Range, checked, one_of
from sknn_tips.nn.user_objects import tried

_FUNCTION = (
    "Give a function that fills a tensor in place, such as torch.nn.init.kaiming_normal_, or a"
    " name, such as 'he_normal'."
)
Weights = NDArray[np.float64]
Rng = np.random.RandomState


def glorot_uniform(fan_in: int, fan_out: int, rng: Rng, *, gain: float = 1.0) -> Weights:
    return _uniform(fan_in, fan_out, rng, variance=2 * gain**2 / (fan_in + fan_out))


def glorot_normal(fan_in: int, fan_out: int, rng: Rng, *, gain: float = 1.0) -> Weights:
    return _normal(fan_in, fan_out, rng, variance=2 * gain**2 / (fan_in + fan_out))


def he_uniform(
    fan_in: int,
    fan_out: int,
    rng: Rng,
    *,
    a: float = 0.0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
) -> Weights:
    return _uniform(fan_in, fan_out, rng, variance=_he_variance(fan_in, fan_out, a, mode))


def he_normal(
    fan_in: int,
    fan_out: int,
    rng: Rng,
    *,
    a: float = 0.0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
) -> Weights:
    return _normal(fan_in, fan_out, rng, variance=_he_variance(fan_in, fan_out, a, mode))


def lecun_uniform(fan_in: int, fan_out: int, rng: Rng) -> Weights:
    return _uniform(fan_in, fan_out, rng, variance=1 / fan_in)


def lecun_normal(fan_in: int, fan_out: int, rng: Rng) -> Weights:
    return _normal(fan_in, fan_out, rng, variance=1 / fan_in)


def orthogonal(fan_in: int, fan_out: int, rng: Rng, *, gain: float = 1.0) -> Weights:
    tall = rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # makes the draw uniform over orthogonal matrices
    return gain * (q if fan_in >= fan_out else q.T)


def uniform(
    fan_in: int, fan_out: int, rng: Rng, *, low: float = -0.05, high: float = 0.05
) -> Weights:
    if low > high:
        raise ValueError(
            f"init_params: low={low!r} is above high={high!r}. Give both, the smaller as low."
        )
    return rng.uniform(low, high, (fan_in, fan_out))


def normal(fan_in: int, fan_out: int, rng: Rng, *, mean: float = 0.0, std: float = 0.05) -> Weights:
    return rng.normal(mean, std, (fan_in, fan_out))


def zeros(fan_in: int, fan_out: int, rng: Rng) -> Weights:
    return np.zeros((fan_in, fan_out))


def sklearn_bound(fan_in: int, fan_out: int, activation: Any) -> float:
    """Return the bound of scikit-learn's uniform distribution for weights and biases."""
    return float(np.sqrt(activation_of(activation).sklearn_factor / (fan_in + fan_out)))


def options_of(given: Any) -> list[str]:
    """Return the names of the options that ``init_params`` may hold for this initialiser."""
    return _options(given) if isinstance(given, str) and given != "auto" else []


@cache
def _options(name: str) -> list[str]:
    own = [
        key
        for key, parameter in inspect.signature(INITIALIZERS[name]).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    return [*own, "draw_biases"]


def _filled(fill: Callable[[torch.Tensor], Any], fan_in: int, fan_out: int, rng: Rng) -> Weights:
    """Let a function fill the weight of one layer as torch has it: (fan_out, fan_in)."""
    weight = torch.full((fan_out, fan_in), torch.nan, dtype=torch.float64)
    with tried("init", fill, _FUNCTION, seed=int(rng.randint(2**31))), torch.no_grad():
        fill(weight)
        if not weight.isfinite().all():
            raise ValueError(f"it leaves values of a weight of {(fan_out, fan_in)} not finite")
    return weight.numpy().T


def draw_layer(
    name: Any,
    fan_in: int,
    fan_out: int,
    rng: Rng,
    *,
    pieces: int = 1,
    draw_biases: bool = False,
    **options: Any,
) -> tuple[Weights, Weights]:
    """Draw the weights (fan_in, pieces * fan_out) and biases (pieces * fan_out,) of one layer.

    Parameters
    ----------
    name : str or callable
        A key of `INITIALIZERS`, or a function of the user.
    fan_in, fan_out : int
    rng : numpy.random.RandomState
    pieces : int, default=1
        Number of linear pieces of maxout; each is drawn separately.
    draw_biases : bool, default=False
        Whether the biases are drawn from the distribution of the weights; otherwise they are zero.
    **options
        Options of the initialiser.
    """
    given = checked({**options, "draw_biases": draw_biases}, RANGES, "init_params")
    draw_biases = given.pop("draw_biases")
    entry = partial(_filled, name) if callable(name) else INITIALIZERS[name]
    draw = partial(entry, fan_in, fan_out, rng, **given)
    weight = np.hstack([draw() for _ in range(pieces)])
    bias = np.hstack([draw()[0] if draw_biases else np.zeros(fan_out) for _ in range(pieces)])
    return weight, bias


def canonical(given: Any) -> Any:
    """Return the main name of an initialiser, or a function of the user unchanged."""
    return _registry.canonical({"auto": None, **INITIALIZERS}, ALIASES, given, "init")


def _he_variance(fan_in: int, fan_out: int, a: float, mode: str) -> float:
    return 2 / ((1 + a**2) * (fan_in if mode == "fan_in" else fan_out))


def _uniform(fan_in: int, fan_out: int, rng: Rng, variance: float) -> Weights:
    bound = np.sqrt(3 * variance)
    return rng.uniform(-bound, bound, (fan_in, fan_out))


def _normal(fan_in: int, fan_out: int, rng: Rng, variance: float) -> Weights:
    return rng.normal(0, np.sqrt(variance), (fan_in, fan_out))


INITIALIZERS: dict[str, Callable[..., Weights]] = {
    "glorot_normal": glorot_normal,
    "glorot_uniform": glorot_uniform,
    "he_normal": he_normal,
    "he_uniform": he_uniform,
    "lecun_normal": lecun_normal,
    "lecun_uniform": lecun_uniform,
    "normal": normal,
    "orthogonal": orthogonal,
    "uniform": uniform,
    "zeros": zeros,
}
ALIASES = {
    "kaiming_normal": "he_normal",
    "kaiming_uniform": "he_uniform",
    "random_normal": "normal",
    "random_uniform": "uniform",
    "xavier_normal": "glorot_normal",
    "xavier_uniform": "glorot_uniform",
}
# By option name; an option has the same range in all initialisers.
RANGES: dict[str, Range] = {
    "a": FINITE,
    "draw_biases": SWITCH,
    "gain": FINITE,
    "high": FINITE,
    "low": FINITE,
    "mean": FINITE,
    "mode": one_of("fan_in", "fan_out"),
    "std": NOT_NEGATIVE,
}
# "auto" is scikit-learn's initialisation. It depends on the activation and draws the biases too, so
# it is implemented in `nn.module.draw_weights`.
NAMES = ["auto", *INITIALIZERS, *ALIASES]
