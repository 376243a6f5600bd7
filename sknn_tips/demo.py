"""Demo on real data: the effect of tips one after another, a tuned Pipeline, and learning curves.

Run it with ``python -m sknn_tips.demo``. It uses the digits of scikit-learn, and MNIST as well if
its files are found (see :mod:`sknn_tips.datasets`); it downloads nothing.
"""

import argparse
import importlib.util
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available, load_mnist

# -- the data --------------------------------------------------------------------------------------


class Task(NamedTuple):
    """A data set with pixels from 0 to 1, and the length of training."""

    name: str
    train: tuple[NDArray, NDArray]
    valid: tuple[NDArray, NDArray]
    test: tuple[NDArray, NDArray]
    epochs: int
    batch_size: int
    n_tune: int  # number of samples for the search


def tasks(quick: bool) -> Iterator[Task]:
    """Yield the data sets of the demo; with `quick`, only 300 of the digits."""
    X, y = load_digits(return_X_y=True)
    n_rows, epochs = (300, 2) if quick else (len(y), 50)
    rest, test = _split((X[:n_rows] / 16, y[:n_rows]), 0.2)
    train, valid = _split(rest, 0.25)
    yield Task("digits", train, valid, test, epochs, batch_size=32, n_tune=len(train[1]))
    if not quick and is_available("mnist"):
        rest, test = _mnist("train"), _mnist("test")
        train, valid = _split(rest, 0.25)
        yield Task("MNIST", train, valid, test, epochs=5, batch_size=64, n_tune=1000)


def _mnist(subset: str) -> tuple[NDArray, NDArray]:
    X, y = load_mnist(subset=subset, return_X_y=True)
    return X.astype(np.float32) / 255, y


def _split(rows: Any, share: float) -> tuple[Any, Any]:
    X, y = rows
    a, b, y_a, y_b = train_test_split(X, y, test_size=share, stratify=y, random_state=0)
    return (a, y_a), (b, y_b)


# -- (a) the ladder --------------------------------------------------------------------------------


class Rung(NamedTuple):
    """One tip: the parameters that it sets, or the scaler that it adds."""

    tip: str
    params: dict[str, Any] = {}
    scaler: Any = "passthrough"

    @property
    def setting(self) -> str:
        """Return the tip as text in the form of code."""
        pairs = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return pairs or f"{self.scaler} in front"


LADDER = [
    Rung("linear model", {"hidden_layer_sizes": ()}),
    Rung("one hidden layer", {"hidden_layer_sizes": 128, "activation": "sigmoid"}),
    Rung("ReLU", {"activation": "relu"}),
    Rung("He initialisation", {"init": "he_normal"}),
    Rung("standardised input", scaler=StandardScaler()),
    Rung("dropout", {"dropout": 0.2}),
    Rung("batch normalisation", {"batchnorm": True}),
    Rung("Adam and a schedule", {"optimizer": "adam", "learning_rate": "cosine"}),
]

# Plain stochastic gradient descent for all but the last rung; each optimizer has its usual rate.
PLAIN = {"optimizer": "sgd", "momentum": 0, "learning_rate_init": "auto"}


class Climbed(NamedTuple):
    """The result of a rung."""

    rung: Rung
    history: pd.DataFrame
    seconds: float

    @property
    def accuracy(self) -> float:
        """Return the validation accuracy after the last epoch, which may not be the best one."""
        return float(self.history["val_accuracy"].iloc[-1])


def climb(task: Task) -> Iterator[Climbed]:
    """Fit once for each rung, with the tips of this rung and all earlier ones."""
    params: dict[str, Any] = dict(PLAIN, batch_size=task.batch_size, max_iter=task.epochs, tol=None)
    scaler = "passthrough"
    for rung in LADDER:
        params |= rung.params
        scaler = scaler if rung.scaler == "passthrough" else rung.scaler
        net = MLPClassifier(**params, metrics=["accuracy"], random_state=0)
        start = time.perf_counter()
        net = fit_validated(scaler, net, task).named_steps["net"]
        if net.stop_reason_ == "interrupted":
            raise KeyboardInterrupt  # fit itself returns normally after Ctrl-C
        yield Climbed(rung, net.history_, time.perf_counter() - start)


def fit_validated(scaler: Any, net: MLPClassifier, task: Task) -> Pipeline:
    """Fit a Pipeline that transforms the validation set with the scaler of the training set."""
    with sklearn.config_context(enable_metadata_routing=True):
        net.set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline([("scale", scaler), ("net", net)], transform_input=["X_val"])
        return pipeline.fit(*task.train, X_val=task.valid[0], y_val=task.valid[1])


def show_ladder(task: Task) -> list[Climbed]:
    """Fit all rungs of the ladder, and print the change of accuracy by each."""
    climbed = list(_watched(climb(task), f"{task.name}: the ladder"))
    table = [["tip", "accuracy", "change", "epochs", "seconds", "set by"]]
    for number, step in enumerate(climbed):
        change = f"{100 * (step.accuracy - climbed[number - 1].accuracy):+.1f}" if number else ""
        counts = [str(len(step.history)), f"{step.seconds:.1f}"]
        table.append([step.rung.tip, f"{step.accuracy:.3f}", change, *counts, step.rung.setting])
    n_valid = len(task.valid[1])
    _print_table(f"{task.name}: accuracy on {n_valid:,} validation rows", table, "lrrrrl")
    chance = 100 * math.sqrt(2 * climbed[-1].accuracy * (1 - climbed[-1].accuracy) / n_valid)
    print(
        f"One fit a rung on {len(task.train[1]):,} training rows; all but the last by plain SGD.\n"
        f"Change is in percentage points, and below {chance:.1f} may be chance. A tip that does\n"
        "not help this small network may help one that is deeper or trained for longer.\n"
    )
    return climbed


# -- (b) the tuned Pipeline ------------------------------------------------------------------------

GRID: dict[str, list[Any]] = {
    "scale": [StandardScaler(), MinMaxScaler()],
    "net__activation": ["relu", "tanh"],
    "net__init": ["he_normal", "glorot_uniform"],
    "net__dropout": [0, 0.2],
    "net__batchnorm": [False, True],
    "net__optimizer": ["sgd", "rmsprop", "adam"],
}
# For a quick run: the first value of each parameter, but both scalers.
TINY_GRID = {name: values[:1] for name, values in GRID.items()} | {"scale": GRID["scale"]}


def show_tuned(task: Task, grid: dict[str, list[Any]]) -> None:
    """Tune scaler and network together; print the best parameters and the test accuracy."""
    net = MLPClassifier(
        hidden_layer_sizes=(128,),
        learning_rate_init="auto",
        learning_rate="cosine",
        batch_size=task.batch_size,
        max_iter=10,
        tol=None,
        random_state=0,
    )
    pipeline = Pipeline([("scale", StandardScaler()), ("net", net)])
    n_candidates = math.prod(map(len, grid.values()))
    title = f"{task.name}: tuning {n_candidates} candidates x 3 folds on {task.n_tune:,} rows ..."
    print(title, flush=True)
    X, y = task.train
    # For two candidates, starting two processes would take longer than it saves.
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2 if n_candidates > 2 else 1)
    start = time.perf_counter()
    search.fit(X[: task.n_tune], y[: task.n_tune])
    seconds = time.perf_counter() - start
    best = search.best_estimator_.fit(X, y)
    rows = [[name.removeprefix("net__"), str(value)] for name, value in search.best_params_.items()]
    rows.append(["cv accuracy", f"{search.best_score_:.3f}"])
    rows.append(["test accuracy", f"{best.score(*task.test):.3f}, trained on {len(y):,} rows"])
    rows.append(["seconds", f"{seconds:.1f} for the search"])
    title = f"{task.name}: best of {n_candidates} candidates"
    _print_table(title, [["parameter", "best"], *rows], "ll")
    print()


# -- (c) the curves --------------------------------------------------------------------------------

GREY, RED = "#6f7680", "#cf3f52"


def draw(curves: Sequence[tuple[str, pd.DataFrame]], path: Path) -> None:
    """Draw training and validation curves as a PNG, with one row for each data set."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    figure = Figure(figsize=(9, 3.5 * len(curves)), dpi=100, layout=layout)
    rows = figure.subfigures(len(curves), 1, squeeze=False)[:, 0]
    for (title, history), row in zip(curves, rows, strict=True):
        row.suptitle(title, fontsize=12, fontweight="bold")
        left, right = row.subplots(1, 2)
        best = int(history["val_loss"].to_numpy().argmin()) + 1
        accuracy = 100 * history["val_accuracy"][best]
        # The training loss is computed with dropout, the training accuracy without.
        _draw_column(left, history, "loss", "training (with dropout)")
        left.set(ylabel="loss (cross-entropy)", ylim=(0, None))
        _mark(left, best, history["val_loss"][best], f"lowest at epoch {best}", 9)
        _draw_column(right, history, "accuracy", "training")
        right.set(ylabel="accuracy")
        right.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.4g} %")
        _mark(right, best, accuracy / 100, f"{accuracy:.1f} %", -9)
    figure.savefig(path)


def _draw_column(ax: Any, history: pd.DataFrame, column: str, label: str) -> None:
    ax.plot(history[column], color=GREY, lw=1.5, label=label)
    ax.plot(history[f"val_{column}"], color=RED, lw=2, label="validation")
    ax.set_xlabel("epoch")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(axis="y", color="#e6e6e6", lw=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, labelcolor="linecolor", loc="best")


def _mark(ax: Any, epoch: int, value: float, text: str, rise: int) -> None:
    """Mark an epoch with a dot, and a text `rise` points above it."""
    ax.plot(epoch, value, "o", color=RED, ms=7, mec="white")
    place = {
        "xytext": (0, rise),
        "textcoords": "offset points",
        "ha": "right" if epoch > sum(ax.get_xlim()) / 2 else "left",
        "va": "bottom" if rise > 0 else "top",
    }
    ax.annotate(text, (epoch, value), color=RED, fontsize=9, **place)


def show_curves(curves: Sequence[tuple[str, pd.DataFrame]], path: Path) -> None:
    """Write the plot and print its path, or how to install matplotlib."""
    if importlib.util.find_spec("matplotlib") is None:
        print('No picture: it is drawn by matplotlib, pip install "sknn_tips[plot]".')
        return
    draw(curves, path)
    print(f"Learning curves: {path.resolve()}")


# -- printing --------------------------------------------------------------------------------------


def _is_rich() -> bool:
    return sys.stdout.isatty() and importlib.util.find_spec("rich") is not None


def _watched(steps: Iterable[Climbed], title: str) -> Iterator[Climbed]:
    """Show the progress of the ladder: a bar on a terminal, or else one line per rung."""
    if _is_rich():
        from rich.progress import track

        yield from track(steps, title, total=len(LADDER), transient=True)
        return
    for number, step in enumerate(steps, 1):
        print(f"{title}, rung {number} of {len(LADDER)}: {step.rung.tip}", flush=True)
        yield step


def _print_table(title: str, rows: Sequence[Sequence[str]], align: str) -> None:
    """Print a table, with rich on a terminal, and else as aligned text.

    `align` has one letter per column, l or r.
    """
    if _is_rich():
        _print_rich(title, rows, align)
        return
    widths = np.array([[len(cell) for cell in row] for row in rows]).max(axis=0)
    print(f"\n{title}")
    for row in rows:
        cells = zip(row, widths, align, strict=True)
        print("  ".join(f"{c:{'<' if a == 'l' else '>'}{w}}" for c, w, a in cells).rstrip())


def _print_rich(title: str, rows: Sequence[Sequence[str]], align: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.show_edge, table.padding = False, (0, 1, 0, 0)  # to fit into 80 columns
    for name, letter in zip(rows[0], align, strict=True):
        table.add_column(name, justify="left" if letter == "l" else "right", overflow="fold")
    table.columns[0].no_wrap = True
    for row in rows[1:]:
        table.add_row(*row)
    Console().print(table)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(prog="python -m sknn_tips.demo", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few rows and epochs, to try it out")
    parser.add_argument("--output", type=Path, default=Path("sknn_tips_demo.png"), metavar="PATH")
    options = parser.parse_args(arguments)
    if options.output.suffix != ".png" or not options.output.parent.is_dir():
        parser.error(f"--output {options.output}: give a file .png in a folder that exists.")
    try:
        run(options.quick, options.output)
    except KeyboardInterrupt:
        parser.exit(130, "Interrupted.\n")


def run(quick: bool, output: Path) -> None:
    """Print the ladder and the tuned Pipeline of each task, then draw the curves of all tasks."""
    warm_up = MLPClassifier(max_iter=1, tol=None, random_state=0)
    warm_up.fit([[0], [1]], [0, 1])  # the first fit takes longer, because torch loads libraries
    curves = []
    for task in tasks(quick):
        climbed = show_ladder(task)
        curves.append((f"{task.name}: every tip together", climbed[-1].history))
        show_tuned(task, TINY_GRID if quick else GRID)
    show_curves(curves, output)


if __name__ == "__main__":
    main()
