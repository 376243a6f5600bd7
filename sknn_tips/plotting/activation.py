"""Plot of activation functions and their slopes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips._registry import check_options, name_of
from sknn_tips.nn.activations import ACTIVATIONS, activation_of, canonical
from sknn_tips.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_CALLER = "ActivationDisplay"
_N_POINTS = 601
# The pieces of maxout are learnt. These slopes of the first and the last piece are an example.
_SLOPES = (1.0, -0.5)


class Curve(NamedTuple):
    """Values of an activation at `x`, as arrays of shape (n_points,).

    Attributes
    ----------
    value : ndarray
    slope : ndarray
        The derivative, as used in training.
    pieces : list of ndarray
        For maxout, the linear pieces whose maximum it returns; empty for others.
    """

    value: NDArray[np.float64]
    slope: NDArray[np.float64]
    pieces: list[NDArray[np.float64]]


class ActivationDisplay:
    """Activation functions and their slopes, one panel for each.

    Create it with :meth:`from_name`.

    Parameters
    ----------
    x : ndarray of shape (n_points,)
    curves : dict of str to Curve
        For the name of each activation, its `value`, `slope` and (for maxout) `pieces` at `x`.

    Attributes
    ----------
    figure_ : matplotlib Figure
    axes_ : ndarray of matplotlib Axes, shape (n_activations,)
    lines_ : list of matplotlib Line2D
        For each panel: the activation, its slope, and the pieces of maxout.

    See Also
    --------
    InitializerDisplay : Plot of the effect of initial weights on a deep network.

    Examples
    --------
    >>> from sknn_tips.plotting import ActivationDisplay
    >>> display = ActivationDisplay.from_name("sigmoid", "relu")
    >>> float(display.curves["sigmoid"].slope.max())
    0.25
    """

    def __init__(self, *, x: NDArray[np.float64], curves: Mapping[str, Curve]) -> None:
        self.x = x
        self.curves = curves

    @classmethod
    def from_name(
        cls,
        *names: Any,
        activation_params: Mapping[str, Any] | None = None,
        x_range: tuple[float, float] = (-4.0, 4.0),
        ax: Any = None,
    ) -> Self:
        """Plot activations by name.

        Parameters
        ----------
        *names : str or callable
            Names, as for the parameter ``activation``, or classes. Without names, all are plotted.
        activation_params : dict, default=None
            Options, as in the estimator, such as ``{"negative_slope": 0.1}`` for leaky_relu. Each
            activation uses only its own options. The pieces of maxout are learnt, so the plot
            shows example lines, such as ``x`` and ``-x / 2`` for two pieces.
        x_range : (float, float), default=(-4, 4)
        ax : matplotlib Axes or array-like of them, default=None
            One per activation. None creates a figure.

        Returns
        -------
        display : ActivationDisplay

        Raises
        ------
        UnknownOptionError
            If a name or an option is unknown. It is a ValueError.
        """
        params = dict(activation_params or {})
        shown = list(dict.fromkeys(names)) or sorted(ACTIVATIONS)
        known = [key for name in shown for key in activation_of(canonical(name)).options]
        check_options(params, known, "activation_params", " or ".join(map(name_of, shown)))
        x = np.linspace(*x_range, _N_POINTS)
        return cls(x=x, curves={name_of(n): _curve(canonical(n), params, x) for n in shown}).plot(
            ax
        )

    def plot(self, ax: Any = None) -> Self:
        """Draw the plot.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of them, default=None
            One per activation. None creates a figure.

        Returns
        -------
        self : ActivationDisplay
        """
        names = list(self.curves)
        n_columns = _columns(len(names))
        self.figure_, self.axes_ = style.panels(
            ax, names, _CALLER, size=(2.6, 2.2), n_columns=n_columns, sharex=True, sharey=True
        )
        self.lines_: list[Line2D] = []
        for panel, (name, curve) in zip(self.axes_, self.curves.items(), strict=True):
            self.lines_ += _draw(panel, self.x, curve)
            panel.set_title(_title(name), fontsize="medium")
        for panel in self.axes_[-n_columns:]:  # the last row may be incomplete
            panel.tick_params(labelbottom=True)
        handles = style.one_a_label(self.lines_)
        style.legend(self.figure_, self.axes_, handles, own=ax is None)
        return self


def _curve(name: Any, params: Mapping[str, Any], x: NDArray[np.float64]) -> Curve:
    """Return an activation and its slope at x, computed by torch as in training."""
    activation = activation_of(name)
    module, n_pieces = activation.build(params).double(), activation.pieces(params)
    inputs = torch.from_numpy(x).clone().requires_grad_()
    pieces = _example_pieces(inputs, n_pieces) if n_pieces > 1 else [inputs]
    value = module(torch.stack(pieces, dim=1)).ravel()
    if value.requires_grad:
        (slope,) = torch.autograd.grad(value.sum(), inputs)
    else:  # the step activation has no gradient
        slope = torch.zeros_like(inputs)
    shown = [piece.detach().numpy() for piece in pieces] if len(pieces) > 1 else []
    return Curve(value.detach().numpy(), slope.numpy(), shown)


def _example_pieces(x: torch.Tensor, n_pieces: int) -> list[torch.Tensor]:
    """Return lines of which each is the maximum on some interval: their offsets form a parabola."""
    slopes = np.linspace(*_SLOPES, n_pieces)
    return [
        float(slope) * x + 0.5 * number * (n_pieces - 1 - number)
        for number, slope in enumerate(slopes)
    ]


def _draw(ax: "Axes", x: NDArray[np.float64], curve: Curve) -> "list[Line2D]":
    main, second = style.PALETTE[:2]
    ax.axhline(0, color=style.GREY, linewidth=0.8)
    ax.axvline(0, color=style.GREY, linewidth=0.8)
    lines = ax.plot(x, curve.value, color=main, linewidth=2.2, label="activation", zorder=3)
    lines += ax.plot(
        x, curve.slope, color=second, linewidth=1.8, linestyle=(0, (4, 1.5)), label="its slope"
    )
    for piece in curve.pieces:
        lines += ax.plot(
            x,
            piece,
            color=style.GREY,
            linewidth=1,
            linestyle=":",
            label="maxout's pieces (an example)",
        )
    ax.set(xlim=(x[0], x[-1]), ylim=(-2.1, 4.1))
    style.tidy(ax)
    return lines


def _title(name: str) -> str:
    others = ", ".join(ACTIVATIONS[name].aliases if name in ACTIVATIONS else ())
    return f"{name} ({others})" if others else name


def _columns(n: int) -> int:
    """Return the number of columns, chosen so that few places remain empty."""
    return n if n < 5 else min((3, 4, 5), key=lambda columns: (-n % columns, -columns))
