"""Draw the figures of the first page, docs/index.rst, each for a light and for a dark background.

    python docs/landing_pictures.py

The numbers of both comparisons are read from the tables of docs/tables.md and docs/benchmarks.md.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier, diagnose

DOCS = Path(__file__).parent
FOLDER = DOCS / "images" / "landing"


class Colours(NamedTuple):
    """The colours of a figure: text, ours, others, and the two fits of the first figure."""

    text: str
    ours: str
    others: str
    before: str
    after: str


SCHEMES = {
    "light": Colours("#22272e", "#0072B2", "#b3bac3", "#c5303f", "#20804a"),
    "dark": Colours("#ced6dd", "#56B4E9", "#59636e", "#ff7b86", "#5fd394"),
}
SHORT = {"scikit-learn's MLP": "scikit-learn", "RealMLP-TD (pytabkit)": "RealMLP-TD"}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    curves = fits()
    pictures: dict[str, Callable[[Axes, Colours], None]] = {
        "tips": lambda ax, colours: draw_fits(ax, colours, curves),
        "tables": draw_tables,
        "searches": draw_searches,
    }
    for name, draw in pictures.items():
        for scheme, colours in SCHEMES.items():
            params = dict.fromkeys(["text.color", "axes.labelcolor"], colours.text)
            params |= dict.fromkeys(["xtick.color", "ytick.color", "axes.edgecolor"], colours.text)
            with plt.rc_context({**params, "font.size": 9}):
                figure, ax = plt.subplots(figsize=(3.8, 2.15), layout="constrained")
                draw(ax, colours)
                ax.spines[["top", "right"]].set_visible(False)
                figure.savefig(FOLDER / f"{name}-{scheme}.png", dpi=200, transparent=True)
                plt.close(figure)


# -- the first figure: a bad fit and its remedy ---------------------------------------------------


def fits() -> dict[str, list[float]]:
    """Return the losses of the model of docs/first_steps.md, and of the model after its tip."""
    X, y = load_digits(return_X_y=True)
    X_train, _, y_train, _ = train_test_split(X, y, random_state=0)
    bad = MLPClassifier(
        "64x5", activation="logistic", max_iter=40, tol=None, tips="ignore", random_state=0
    )
    report = diagnose(bad, X_train / 16, y_train)
    better = diagnose(report.apply(), X_train / 16, y_train)
    return {"before": report.record.val_losses, "after": better.record.val_losses}


def draw_fits(ax: Axes, colours: Colours, curves: dict[str, list[float]]) -> None:
    for name, colour in (("before", colours.before), ("after", colours.after)):
        ax.plot(range(1, len(curves[name]) + 1), curves[name], color=colour, lw=2)
    ax.text(40, 1.62, "five sigmoid layers", color=colours.before, ha="right", va="top")
    ax.text(40, 0.34, 'after the tip: activation="relu"', color=colours.after, ha="right")
    ax.set(xlabel="epoch", ylabel="validation loss", ylim=(0, None), xlim=(0, 41))


# -- the comparisons -------------------------------------------------------------------------------


def table(page: str, head: str) -> list[list[str]]:
    """Return the cells of the table of a page whose first line begins with `head`."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^\| {re.escape(head)}.*\n\|[-:|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"docs/{page} has no table that begins with {head!r}")
    rows = found[1].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def bars(ax: Axes, colours: Colours, values: dict[str, float], label: str, form: str) -> None:
    """Draw a bar for each name, the first one in the colour of this package."""
    names = list(values)
    fill = [colours.ours if "sknn_tips" in n or "tabular" in n else colours.others for n in names]
    ax.barh(names, list(values.values()), color=fill, height=0.68)
    for row, value in enumerate(values.values()):
        ax.text(value, row, f" {value:{form}}", va="center", fontsize=8.5)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel=label, xlim=(0, 1.12 * max(values.values())), xticks=[])
    ax.spines[["bottom"]].set_visible(False)


def draw_tables(ax: Axes, colours: Colours) -> None:
    values = {}
    for name, error, *_ in table("tables.md", "model | error | classifiers"):
        name = name.replace("`", "").replace("(..., trees=True)", " + trees").replace("(...)", "")
        values[SHORT.get(name, name)] = float(error.split()[0])  # without its ±
    bars(ax, colours, values, "error relative to CatBoost, 79 tables", ".3f")


def draw_searches(ax: Axes, colours: Colours) -> None:
    rows = table("benchmarks.md", "digits | first search, s")
    names = {"stacked": "sknn_tips", "sklearn": "scikit-learn", "skorch": "skorch"}
    values = {names[name]: float(seconds) for name, seconds, *_ in rows if name in names}
    bars(ax, colours, values, "seconds for a search with 120 fits, two cores", ".1f")


if __name__ == "__main__":
    main()
