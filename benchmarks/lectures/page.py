"""Write docs/lectures.md: the table of experiments and the settings of the decks."""

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

FEW = 5  # up to this number of seeds, mean and deviation are shown; above, median and quantiles

Values = Mapping[str, list[dict[str, float]]]  # system id -> one dict per seed

HEAD = """# The lectures: experiments and settings

<!-- Written by `make lectures` from real runs; do not edit. -->

sknn_tips is based on five lecture slide decks on training neural networks. This page shows how
to reproduce them. The first part compares the results of every experiment in the decks with our
results for the same network and training, and with improved settings where we found better
ones. The second part lists every setting in the decks and the equivalent parameter of this
package.

{decks}

## The experiments

The experiments on MNIST and Fashion-MNIST are trained with five seeds; the table shows the mean
± the standard deviation, and in brackets the minimum and the maximum. The experiments on toy
data take less than a second and are trained with {toy_seeds} seeds; the table shows the median,
and in brackets the 5 % and 95 % quantiles. "gain" is the difference between the mean or median
and the result of the deck; positive values are better. Test samples were not used to choose any
setting, except where the deck does so.

`make lectures` trains all models. The results are stored, so that an interrupted run can be
continued. The example scripts train one seed, some with a part of the data, and plot the results.

"""

ALSO = """
### Further examples

These scripts show parts of the decks that have no results to compare with:

- XOR with three units whose weights are set by hand, and a perceptron that classifies at most
  three of the four samples correctly: [plot_xor.py](../examples/lectures/plot_xor.py)
- paths of gradient descent with rates 0.5, 10 and 0.001:
  [plot_learning_rates.py](../examples/first_steps/plot_learning_rates.py)
- the chain rule for f = wx + b, and softmax regression in numpy:
  [plot_softmax_by_hand.py](../examples/lectures/plot_softmax_by_hand.py)
- predicting grades from hours and attendance:
  [plot_softmax_toy.py](../examples/lectures/plot_softmax_toy.py)
- features with very different scales:
  [plot_scaling.py](../examples/what_went_wrong/plot_scaling.py)
- a callback that stops training at an accuracy of 80 %:
  [plot_stop_at.py](../examples/first_steps/plot_stop_at.py)
- a comparison of regularisers:
  [plot_regularisers.py](../examples/what_went_wrong/plot_regularisers.py)
- a network that memorises ten houses, and the average of several networks:
  [plot_ensemble.py](../examples/what_went_wrong/plot_ensemble.py)
- the claims of the decks about ReLU, depth and batch normalisation:
  [plot_claims.py](../examples/lectures/plot_claims.py)
"""

TABLE_HEAD = """| id | experiment | measure | deck | sknn_tips | gain | seconds | command |
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
    """Return the table in Markdown, with one line for each measure of a system."""
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
    """Return centre, deviation, low and high: the extremes of few values, else quantiles."""
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
    return "\n### Notes on the comparison\n\n" + "\n".join(lines) + "\n"


def _settings() -> str:
    parts = ["\n## Settings\n"]
    for title, settings in GROUPS.items():
        parts.append(f"\n### {title}\n\n| in the decks | in sknn_tips |\n|---|---|\n")
        parts += [f"| {setting.what} | {_here(setting)} |\n" for setting in settings]
    return "".join(parts)


def _here(setting: Setting) -> str:
    return f"`{setting.code}`" + (f" ({setting.note})" if setting.note else "")


def _machine() -> str:
    return (
        f"{_processor()}, one thread a run, float32; Python {platform.python_version()},"
        f" sknn_tips {sknn_tips.__version__}, torch {torch.__version__}, scikit-learn"
        f" {sklearn.__version__}, numpy {np.__version__}. The seconds are approximate: other"
        " fits ran at the same time."
    )


def _processor() -> str:
    """Return the name of the processor, on Linux from /proc/cpuinfo."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(": ", 1)[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
