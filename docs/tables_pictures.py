"""Draw the figure of docs/tables.md, the encoding of a number, into docs/images.

python docs/tables_pictures.py
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from sknn_tips.preprocessing import PiecewiseLinearEncoder, SquashingScaler

FOLDER = Path(__file__).parent / "images"
STANDARD, SQUASHED, GREY = "#D55E00", "#0072B2", "#6f7680"
COMPONENTS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7"]
N_BINS = 4  # the default is 16; four are easier to distinguish
LARGEST = 12.0  # in thousands; the maximum of the sample
OUTLIER = 30.0


def main() -> None:
    rng = np.random.default_rng(0)
    income = np.append(rng.lognormal(1.3, 0.6, 499), LARGEST).clip(0, LARGEST)[:, None]
    # twice the 390 pixels of a narrow screen
    figure, (left, right) = plt.subplots(1, 2, figsize=(5.2, 3.1), layout="constrained")
    draw_scaled(left, income)
    draw_components(right, income)
    for ax in (left, right):
        ax.set_xlabel("income, thousands", fontsize=10)
        ax.tick_params(labelsize=9)
        ax.spines[["top", "right"]].set_visible(False)
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(FOLDER / "tables_encoding.png", dpi=150, facecolor="white")
    plt.close(figure)


def draw_scaled(ax: Axes, income: NDArray) -> None:
    """Draw the number scaled by two scalers, and the values of the sample below."""
    x = np.linspace(0, OUTLIER, 801)[:, None]
    standard, squashed = StandardScaler().fit(income), SquashingScaler().fit(income)
    ax.plot(x, standard.transform(x), color=STANDARD, lw=2)
    ax.plot(x, squashed.transform(x), color=SQUASHED, lw=2)
    # labels next to the lines: one above, the other below
    ax.text(0.7 * OUTLIER, 8, "StandardScaler", color=STANDARD, fontsize=10, ha="right")
    ax.text(OUTLIER, 1.2, "SquashingScaler", color=SQUASHED, fontsize=10, ha="right")
    ax.axhline(3, color=GREY, lw=1, ls=":")  # the limit of SquashingScaler
    ax.plot(income, np.full(len(income), -2.5), "|", color=GREY, ms=7, alpha=0.4)
    ax.set_title("scaled value", fontsize=11)


def draw_components(ax: Axes, income: NDArray) -> None:
    """Draw the components of the piecewise-linear encoding, and the edges of the bins."""
    x = np.linspace(0, LARGEST, 801)[:, None]
    encoder = PiecewiseLinearEncoder(n_bins=N_BINS).fit(income)
    components = encoder.transform(x)[:, 1:]
    for i, color in enumerate(COMPONENTS):
        ax.plot(x, components[:, i], color=color, lw=2)
        middle = encoder.bin_edges_[0][i : i + 2].mean()
        ax.text(middle, 1.05, str(i), color=color, fontsize=10, fontweight="bold", ha="center")
    for edge in encoder.bin_edges_[0]:
        ax.axvline(edge, color=GREY, lw=0.8, ls=":")
    ax.set_ylim(-0.05, 1.18)
    ax.set_title("components of bins 0 to 3", fontsize=11)


if __name__ == "__main__":
    main()
