"""Plot of initialisers: the weights they draw, and their effect on a deep network."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips._registry import check_options, name_of, shown
from sknn_tips.nn.activations import canonical as canonical_activation
from sknn_tips.nn.initializers import Rng, canonical, options_of
from sknn_tips.nn.layers import Dense
from sknn_tips.nn.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.plotting import style
from sknn_tips.plotting.naming import named

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_CALLER = "InitializerDisplay"
_N_BINS = 41
_N_ROWS = 500
# A slope below this passes almost no gradient: the flat ends of sigmoid and tanh, the zero of relu.
_FLAT = 0.05
_TITLES = ("weights", "activities", "flat slopes", "gradients")


class InitializerDisplay:
    """Initial weights, and the activities and gradients with them in a deep network.

    Samples of standard normal numbers are passed forward through many equal layers, and a gradient
    of standard normal numbers is passed backward. If the standard deviation of the activities
    decreases to zero from layer to layer, the signal vanishes; if it grows, the signal explodes.
    The same holds for the gradients, from the last layer to the first (Glorot & Bengio 2010, He et
    al. 2015). If a unit is on a flat part of its activation for a sample, such as a saturated tanh,
    it does not learn from that sample. For relu this is the case for half of the samples by
    design.

    Create it with :meth:`from_name`.

    Parameters
    ----------
    weights : dict of str to ndarray of shape (n_weights,)
        The weights of the first layer, by the name in the legend.
    activities : dict of str to ndarray of shape (n_layers,)
        Standard deviation of the outputs of each hidden layer.
    flat : dict of str to ndarray of shape (n_layers,)
        Share of samples and units where the slope of the activation is below 0.05.
    gradients : dict of str to ndarray of shape (n_layers,)
        Standard deviation of the gradient with respect to the outputs of each hidden layer.

    Attributes
    ----------
    figure_ : matplotlib Figure
    axes_ : ndarray of matplotlib Axes, shape (4,)
        The panels of weights, activities, flat slopes and gradients.
    lines_ : list of matplotlib Line2D
        For each panel, one line for each name.

    See Also
    --------
    ActivationDisplay : Activations and their slopes.

    Examples
    --------
    >>> from sknn_tips.plotting import InitializerDisplay
    >>> names = ["normal", "glorot_uniform", "he_normal"]
    >>> display = InitializerDisplay.from_name(*names, activation="relu", random_state=0)
    >>> {name: f"{spread[-1]:.2f}" for name, spread in display.activities.items()}
    {'normal, relu': '0.01', 'glorot_uniform, relu': '0.05', 'he_normal, relu': '0.80'}
    """

    def __init__(
        self,
        *,
        weights: Mapping[str, NDArray[np.float64]],
        activities: Mapping[str, NDArray[np.float64]],
        flat: Mapping[str, NDArray[np.float64]],
        gradients: Mapping[str, NDArray[np.float64]],
    ) -> None:
        self.weights = weights
        self.activities = activities
        self.flat = flat
        self.gradients = gradients

    @classmethod
    def from_name(
        cls,
        *inits: Any,
        activation: Any = "relu",
        init_params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        names: Sequence[str] | None = None,
        n_layers: int = 8,
        n_units: int = 256,
        random_state: int | Rng | None = None,
        ax: Any = None,
    ) -> Self:
        """Plot initialisers by name.

        Parameters
        ----------
        *inits : str or callable
            As for the parameter ``init``.
        activation : str, callable or list of these, default="relu"
            The activation of all hidden layers, or one for each of `inits`.
        init_params : dict or list of dict, default=None
            Options of all initialisers, or one dict for each of `inits`.
        names : list of str, default=None
            Names for the legend. If None, the initialiser, its options and the activation.
        n_layers : int, default=8
            Number of hidden layers.
        n_units : int, default=256
            Number of features, and of units in each layer.
        random_state : int, RandomState or None, default=None
        ax : array-like of four matplotlib Axes, default=None
            None creates a figure.

        Returns
        -------
        display : InitializerDisplay

        Raises
        ------
        UnknownOptionError
            If a name or an option is unknown. It is a ValueError.
        ValueError
            If there is no initialiser, if a list has another length than `inits`, or if `n_layers`
            or `n_units` is less than 1.
        """
        style.pyplot(_CALLER)
        activations = _one_each(activation, len(inits), "activation")
        params = _one_each(init_params or {}, len(inits), "init_params")
        pairs = list(zip(inits, activations, params, strict=True))
        for name, number in (("n_layers", n_layers), ("n_units", n_units)):
            if number < 1:
                raise ValueError(f"{name}={number!r} must be at least 1.")
        for init, kind, options in pairs:
            canonical_activation(kind)
            check_options(
                options, options_of(canonical(init)), "init_params", f"init={shown(init)}"
            )
        by_name = named(pairs, names, [_label(*pair) for pair in pairs])
        rng = np.random.RandomState() if random_state is None else random_state
        rng = rng if isinstance(rng, np.random.RandomState) else np.random.RandomState(rng)
        passed = {name: _pass(*pair, n_layers, n_units, rng) for name, pair in by_name.items()}
        parts = ("weights", "activities", "flat", "gradients")
        by_part = {part: {name: passed[name][part] for name in passed} for part in parts}
        return cls(**by_part).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the plot.

        Parameters
        ----------
        ax : array-like of four matplotlib Axes, default=None
            None creates a figure.

        Returns
        -------
        self : InitializerDisplay
        """
        size = (4.4, 3.1)
        self.figure_, self.axes_ = style.panels(ax, _TITLES, _CALLER, size=size, n_columns=2)
        shades = style.colors(len(self.weights))
        colors = dict(zip(self.weights, shades, strict=True))
        first, second, third, fourth = self.axes_
        lines = _draw_weights(first, self.weights, colors)
        lines += _draw_layers(second, self.activities, colors)
        lines += _draw_layers(third, self.flat, colors)
        lines += _draw_layers(fourth, self.gradients, colors)
        _label_spread(second, self.activities, "activities")
        third.set(
            ylim=(-0.03, 1.03),
            ylabel="share of samples and units",
            title=f"on a flat slope, below {_FLAT}",
        )
        _label_spread(fourth, self.gradients, "gradients")
        self.lines_: list[Line2D] = lines
        handles = lines[-len(self.weights) :]
        style.legend(self.figure_, self.axes_, handles, own=ax is None, beside=True)
        return self


# -- computing -------------------------------------------------------------------------------------


def _one_each(value: Any, n: int, parameter: str) -> list[Any]:
    if isinstance(value, str | Mapping) or callable(value):
        return [value] * n
    if len(value) != n:
        raise ValueError(
            f"{parameter} has {len(value)} values for {n} initialisers. Pass one for each, or a"
            " single one for all."
        )
    return list(value)


def _label(init: Any, activation: Any, options: Mapping[str, Any]) -> str:
    inside = ", ".join(f"{key}={style.shorten(value)}" for key, value in options.items())
    return f"{name_of(init)}{f'({inside})' if inside else ''}, {name_of(activation)}"


def _pass(
    init: Any,
    activation: Any,
    options: Mapping[str, Any],
    n_layers: int,
    n_units: int,
    rng: Rng,
) -> dict[str, NDArray[np.float64]]:
    """Return the weights of the first layer, and one number per layer for each other panel."""
    kind = canonical_activation(activation)
    network = Network(n_units, n_units, (HiddenLayer(n_units, kind),) * n_layers)
    module = MLP(network, dtype=torch.float64)
    draw_weights(module, canonical(init), options, [kind] * (n_layers + 1), rng)
    x = torch.from_numpy(rng.standard_normal((_N_ROWS, n_units)))
    back = torch.from_numpy(rng.standard_normal((_N_ROWS, n_units)))
    activities, flat = [], []
    *hidden, last = module
    for layer in hidden:
        before, x = x, layer(x)
        if not isinstance(layer, Dense):
            activities.append(x)
            flat.append(_flat_share(before, x))
    gradients = torch.autograd.grad(last(x), activities, back, materialize_grads=True)
    return {
        "weights": module.dense_layers[0].weight.detach().numpy().ravel(),
        "activities": _spread(activities),
        "flat": np.array(flat),
        "gradients": _spread(gradients),
    }


def _flat_share(before: torch.Tensor, after: torch.Tensor) -> float:
    """Return the share of `after` whose slope with respect to `before` is close to zero."""
    if not after.requires_grad:
        return 1.0  # the step activation has no gradient
    (slope,) = torch.autograd.grad(after.sum(), before, retain_graph=True)
    by_unit = slope.unflatten(1, (-1, after.shape[1])).sum(dim=1)  # over maxout's pieces
    return float((by_unit.abs() < _FLAT).double().mean())


def _spread(layers: Sequence[torch.Tensor]) -> NDArray[np.float64]:
    return np.array([float(layer.detach().std()) for layer in layers])


# -- drawing ---------------------------------------------------------------------------------------


def _draw_weights(
    ax: "Axes", weights: Mapping[str, NDArray[np.float64]], colors: Mapping[str, Any]
) -> "list[Line2D]":
    """Draw outlines of histograms, each scaled to the same height, since scales differ a lot."""
    widest = max(np.abs(values).max() for values in weights.values()) or 1.0
    lines = []
    for name, values in weights.items():
        reach = np.abs(values).max() or widest / 100
        counts, edges = np.histogram(values, _N_BINS, (-reach, reach))
        heights = np.r_[0, counts / counts.max(), 0]
        look = {"color": colors[name], "label": name, "linewidth": style.LINE_WIDTH}
        lines += ax.plot(np.r_[-reach, edges], heights, drawstyle="steps-post", **look)
    ax.set(xlabel="weight", ylabel="frequency (peak = 1)", title="weights of a layer")
    style.tidy(ax)
    return lines


def _draw_layers(
    ax: "Axes", values_of: Mapping[str, NDArray[np.float64]], colors: Mapping[str, Any]
) -> "list[Line2D]":
    """Draw one line for each name, with one value per layer."""
    from matplotlib.ticker import MaxNLocator

    lines = []
    for name, values in values_of.items():
        layers = np.arange(1, len(values) + 1)
        look = {"color": colors[name], "label": name, "linewidth": style.LINE_WIDTH}
        lines += ax.plot(layers, values, marker="o", markersize=5, **look)
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    ax.set_xlabel("hidden layer")
    style.tidy(ax)
    return lines


def _label_spread(ax: "Axes", spreads: Mapping[str, NDArray[np.float64]], what: str) -> None:
    """Make the axis logarithmic, or symlog if there are zeros."""
    values = np.concatenate(list(spreads.values()))
    positive = values[values > 0]
    if len(positive) == 0:
        ax.set_ylim(-0.03, 1.03)
    elif len(positive) < len(values):
        ax.set_yscale("symlog", linthresh=10 ** np.floor(np.log10(positive.min())))
    else:
        ax.set_yscale("log")
    ax.set(ylabel="standard deviation", title=f"spread of the {what}")
