"""Lists of the registries' entries for the docstrings, so that new entries need no edit there."""

from collections.abc import Callable, Iterable, Mapping
from string import Template
from textwrap import wrap
from typing import Any

from sknn_tips.metrics.metrics import CLASSIFIER_METRICS, REGRESSOR_METRICS
from sknn_tips.nn import initializers
from sknn_tips.nn.activations import ACTIVATIONS, Activation
from sknn_tips.nn.initializers import INITIALIZERS
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES
from sknn_tips.optim.optimizers import OPTIMIZERS, Optimizer
from sknn_tips.optim.schedules import SCHEDULES, Schedule


def filled(text: str) -> str:
    """Fill the registries' names into a description, and wrap its lines for a class docstring."""
    words = " ".join(Template(text).substitute(NAMES).split())
    return "\n".join(wrap(words, 92, break_on_hyphens=False))


def _activation(name: str, entry: Activation) -> str:
    remarks = [f'also "{alias}"' for alias in entry.aliases] + [entry.note] * bool(entry.note)
    return f'"{name}"' + (f" ({'; '.join(remarks)})" if remarks else "")


def _with_aliases(name: str, aliases: Mapping[str, str]) -> str:
    also = [f'"{alias}"' for alias, meaning in aliases.items() if meaning == name]
    return f'"{name}"' + (f" (also {_listed(also)})" if also else "")


def _losses(registry: Mapping[str, Any]) -> str:
    return "; ".join(f'"{name}", {entry.note}' for name, entry in registry.items())


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _optimizers(holds: Callable[[Optimizer], bool]) -> str:
    return _listed(f'"{name}"' for name, entry in OPTIMIZERS.items() if holds(entry))


def _schedules(holds: Callable[[Schedule], bool]) -> str:
    return _listed(f'"{name}"' for name, entry in SCHEDULES.items() if holds(entry))


def _options(name: str, schedule: Schedule) -> str:
    needed = [option + " (needed)" * (option in schedule.needed) for option in schedule.options]
    return f'{_listed(needed)} of "{name}"'


_SKLEARN_SCHEDULES = [SCHEDULES[name] for name in ("constant", "invscaling", "adaptive")]
NAMES = {
    "activations": ", ".join(_activation(*item) for item in ACTIVATIONS.items()),
    "between_epochs": _schedules(
        lambda entry: not (entry.per_step or entry.has_end or entry in _SKLEARN_SCHEDULES)
    ),
    "classifier_losses": _losses(CLASSIFIER_LOSSES),
    "classifier_metrics": _listed(f'"{name}"' for name in CLASSIFIER_METRICS),
    "ignoring_batches": _optimizers(lambda entry: entry.full_batch and entry.in_sklearn),
    "initializers": ", ".join(_with_aliases(name, initializers.ALIASES) for name in INITIALIZERS),
    "reduces_before_stopping": _schedules(lambda entry: entry.reduces_before_stopping),
    "line_search": _optimizers(lambda entry: entry.line_search),
    "optimizers": ", ".join(
        f'"{name}"' + " (full batch)" * entry.full_batch for name, entry in OPTIMIZERS.items()
    ),
    "per_step": _schedules(lambda entry: entry.per_step),
    "regressor_losses": _losses(REGRESSOR_LOSSES),
    "regressor_metrics": _listed(f'"{name}"' for name in REGRESSOR_METRICS),
    "rejecting_batches": _optimizers(lambda entry: entry.full_batch and not entry.in_sklearn),
    "schedule_options": "; ".join(
        _options(name, entry) for name, entry in SCHEDULES.items() if entry.options
    ),
    "to_the_end": _schedules(lambda entry: entry.has_end and not entry.per_step),
    "weight_decays": _listed(
        f'{entry.weight_decay:g} for "{name}"'
        for name, entry in OPTIMIZERS.items()
        if entry.weight_decay
    ),
    "with_momentum": _optimizers(lambda entry: "momentum" in entry.estimator_parameters),
}
