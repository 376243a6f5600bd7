"""docs/lectures.md: the table of experiments, then all that the decks can set."""

import platform
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import sklearn
import torch

import sknn_tips
from benchmarks.lectures.measures import MEASURES, Measure
from benchmarks.lectures.settings import GROUPS, Setting
from benchmarks.lectures.system import DECKS, System

FEW = 5  # up to so many seeds mean and deviation are shown, above them median and quantiles

Values = Mapping[str, list[dict[str, float]]]  # of each system's id, one dict a seed

HEAD = """# The lectures: every experiment and every setting

<!-- Written by `make lectures` from real runs; do not edit. -->

sknn_tips grew from five lecture decks on training neural networks. Each of their experiments is a
row of the first table: the deck's figure, ours from the deck's own net and training, and the
command that trains it. Where a recipe of ours does better, it has a row of its own. The second
part lists everything the decks set, and the parameter that sets it here.

{decks}

## The experiments

The MNIST rows are trained with five seeds: mean ± standard deviation, and in brackets the lowest
and the highest. The toys train in less than a second and get {toy_seeds} seeds: the median, and in
brackets the range of nine starts in ten. "better" compares mean or median with the deck's figure,
in the direction that is good. No test row was used to choose anything beyond what the deck did.

`make lectures` trains all of it; results are kept, so an interrupted run goes on where it was. The
scripts show one seed, with pictures.

"""

ALSO = """
### Also shown

- XOR by three units with weights set by hand, and the perceptron that is stuck at three rows of
  four: [plot_xor.py](../examples/plot_xor.py)
- descent paths at rates 0.5, 10 and 0.001:
  [plot_learning_rates.py](../examples/plot_learning_rates.py)
- the chain rule on f = wx + b, and softmax regression by hand:
  [plot_softmax_by_hand.py](../examples/plot_softmax_by_hand.py)
- grades by hours and attendance: [plot_softmax_toy.py](../examples/plot_softmax_toy.py)
- features of very different sizes: [plot_scaling.py](../examples/plot_scaling.py)
- a callback that stops training at 80 %: [plot_stop_at.py](../examples/plot_stop_at.py)
- regularisers: [plot_regularisers.py](../examples/plot_regularisers.py)
- ten houses, memorised, and the average of several networks:
  [plot_ensemble.py](../examples/plot_ensemble.py)
- what the decks claim of ReLU, depth and batch normalisation:
  [plot_claims.py](../examples/plot_claims.py)
"""

TABLE_HEAD = """| id | what | measure | deck | ours | better | seconds | command |
|---|---|---|---:|---|---:|---:|---|
"""


def write(path: Path, systems: list[System], values: Values) -> None:
    decks = "\n".join(f"- **{key}** {name}" for key, name in DECKS.items())
    toy_seeds = max(system.seeds for system in systems)
    parts = [
        HEAD.format(decks=decks, toy_seeds=toy_seeds),
        table(systems, values),
        f"\n{_machine()}\n",
        _notes(systems),
        ALSO,
        _settings(),
    ]
    path.write_text("".join(parts), encoding="utf-8")


def table(systems: list[System], values: Values) -> str:
    """Return the table in Markdown; a system has a line a figure."""
    lines = [line for system in systems for line in _lines(system, values.get(system.id, []))]
    return TABLE_HEAD + "\n".join(lines) + "\n"


def _lines(system: System, runs: list[dict[str, float]]) -> list[str]:
    lines = []
    seconds = _seconds([run["seconds"] for run in runs]) if runs else ""
    first = [f"[{system.id}](../examples/{system.example})", system.what]
    last = [seconds, f"`make lectures ARGS='--only {system.id}'`"]
    for name, deck in system.figures.items():
        measure = MEASURES[name]
        found = [run[name] for run in runs]
        cells = [measure.label, _number(deck, measure), _summary(found, measure)]
        cells.append(_comparison(found, deck, measure))
        lines.append("| " + " | ".join([*first, *cells, *last]) + " |")
        first, last = ["", ""], ["", ""]
    return lines


def _seconds(found: list[float]) -> str:
    typical = float(np.median(found))
    return f"{typical:.0f}" if typical >= 10 else f"{typical:.1g}"


def _summary(found: list[float], measure: Measure) -> str:
    if not found:
        return "not run"
    if measure.is_share or len(set(found)) == 1:
        return _number(float(np.mean(found)), measure)
    middle, spread, low, high = (_number(number, measure) for number in _statistics(found))
    if len(found) > FEW:
        return f"{middle} ({low} to {high})"
    return f"{middle} ± {spread} ({low} to {high})"


def _statistics(found: list[float]) -> tuple[float, float, float, float]:
    """Return middle, deviation, low and high: of few values the extremes, of many quantiles."""
    if len(found) > FEW:
        low, middle, high = np.quantile(found, [0.05, 0.5, 0.95])
        return float(middle), float(np.std(found)), float(low), float(high)
    return float(np.mean(found)), float(np.std(found, ddof=1)), min(found), max(found)


def _middle(found: list[float], measure: Measure) -> float:
    typical = np.median if len(found) > FEW and not measure.is_share else np.mean
    return float(typical(found))


def _comparison(found: list[float], deck: float | None, measure: Measure) -> str:
    if not found or deck is None or not measure.better:
        return ""
    gain = measure.better * (round(_middle(found, measure), measure.digits) - deck)
    return f"{gain:+.{measure.digits}f}"


def _number(number: float | None, measure: Measure) -> str:
    if number is None:
        return ""
    if abs(number) >= 1e6:
        return f"{number:.{measure.digits}g}"
    return f"{number:.{measure.digits}f}"


def _notes(systems: list[System]) -> str:
    notes = {system.id: system.note for system in systems if system.note}
    lines = [f"- **{id_}** {note}" for id_, note in notes.items()]
    return "\n### What to know when comparing\n\n" + "\n".join(lines) + "\n"


def _settings() -> str:
    parts = ["\n## Everything they can set\n"]
    for title, settings in GROUPS.items():
        parts.append(f"\n### {title}\n\n| in the lectures | here |\n|---|---|\n")
        parts += [f"| {setting.what} | {_here(setting)} |\n" for setting in settings]
    return "".join(parts)


def _here(setting: Setting) -> str:
    return f"`{setting.code}`" + (f" ({setting.note})" if setting.note else "")


def _machine() -> str:
    return (
        f"{_processor()}, one thread a run, float32; Python {platform.python_version()},"
        f" sknn_tips {sknn_tips.__version__}, torch {torch.__version__}, scikit-learn"
        f" {sklearn.__version__}, numpy {np.__version__}. Seconds are of a fit with"
        " others beside it on the machine, and no more than a hint."
    )


def _processor() -> str:
    """Return the processor's name; Linux tells it in a file of its own."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(": ", 1)[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
