"""Write the tables of the pages on parameters, from the registries that the estimators use.

``python docs/registry_tables.py`` updates the tables in place. A test checks that they are up to
date.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sknn_tips import parameters
from sknn_tips._argument_names import OTHER_NAMES
from sknn_tips.metrics import metrics
from sknn_tips.nn import activations, initializers, losses
from sknn_tips.optim import optimizers, schedules

PAGES = [Path(__file__).parent / name for name in ("choosing_parameters.md", "coming_from.md")]
# A table is enclosed by two comments; the first contains its name.
PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

# Names of an optimizer's parameters in the constructor of the estimators.
PARAMETERS = {"betas": ("beta_1", "beta_2")}
TORCH_NAMES = {"nesterovs_momentum": "nesterov", "epsilon": "eps"}
# The attribute of its position that a schedule uses, in words.
COUNTED = {
    "epoch": "epochs",
    "step": "updates",
    "samples_seen": "samples",
    "reductions": "epochs without improvement",
}
SAYS_TARGET = {(0.0, True): "0 or more", (0.0, False): "above 0"}


def tables() -> dict[str, str]:
    """Return a dict of the tables, as Markdown, by name."""
    return {
        "activations": table(
            ["`activation`", "also called", "`activation_params`"],
            [
                [code(name), listed(entry.aliases), options(entry.module)]
                for name, entry in sorted(activations.ACTIVATIONS.items())
            ],
        ),
        "initializers": table(
            ["`init`", "also called", "`init_params`"],
            [
                [code(name), aliases(initializers.ALIASES, name), options(draw, only_keywords=True)]
                for name, draw in initializers.INITIALIZERS.items()
            ],
        ),
        "losses": table(
            ["`loss`", "description", "`loss_params`", "y", "`out_activation_`"],
            [
                [code(name), says(loss), options(loss), target(loss), code(loss.out_activation)]
                for name, loss in losses.REGRESSOR_LOSSES.items()
            ],
        ),
        "metrics": table(
            ["`metrics`", "estimator", "better if"],
            [
                *(metric_row(*item, "classifier") for item in metrics.CLASSIFIER_METRICS.items()),
                *(metric_row(*item, "regressor") for item in metrics.REGRESSOR_METRICS.items()),
            ],
        ),
        "names": table(
            ["other names", "sknn_tips"],
            [[listed(others), code(meant)] for meant, others in OTHER_NAMES.items()],
        ),
        "optimizers": table(
            [
                "`optimizer`",
                "usual rate",
                "`weight_decay=None` is",
                "parameters used",
                "`optimizer_params`",
            ],
            [optimizer_row(name, entry) for name, entry in sorted(optimizers.OPTIMIZERS.items())],
        ),
        "parameters": table(
            ["group", "parameters"],
            [[group, members] for group, members in grouped().items()],
        ),
        "schedules": table(
            [
                "`learning_rate`",
                "`schedule_params`",
                "changes",
                "depends on",
                "in a warm start",
                "optimizers",
            ],
            [schedule_row(name, entry) for name, entry in sorted(schedules.SCHEDULES.items())],
        ),
    }


def filled(text: str) -> str:
    """Return the text of a page with its tables updated."""
    made = tables()
    return PLACE.sub(lambda found: f"{found[1]}{made[found[2]]}{found[3]}", text)


def grouped() -> dict[str, str]:
    """Return the parameters and their defaults by group, those of one estimator at the end."""
    shared, *own = (
        parameters.table(kind)
        for kind in (
            parameters.Parameters,
            parameters.ClassifierParameters,
            parameters.RegressorParameters,
        )
    )
    found: dict[str, list[str]] = {}
    for entry in shared.values():
        found.setdefault(entry.group, []).append(defaulted(entry))
    for rows, owner in zip(own, ("classifier", "regressor"), strict=True):
        for name in rows.keys() - shared.keys():
            found.setdefault(rows[name].group, []).append(f"{defaulted(rows[name])} ({owner})")
    return {group: ", ".join(sorted(members)) for group, members in found.items()}


def defaulted(entry: parameters.Entry) -> str:
    return code(f"{entry.name}={entry.default!r}")


def optimizer_row(name: str, entry: optimizers.Optimizer) -> list[str]:
    obeyed = [
        each for given in entry.estimator_parameters for each in PARAMETERS.get(given, (given,))
    ]
    set_elsewhere = {TORCH_NAMES.get(each, each) for each in entry.estimator_parameters}
    known = inspect.signature(entry.torch_class).parameters if entry.torch_class else {}
    own = {
        each: known[entry.aliases.get(each, each)].default
        for each in entry.options
        if each not in set_elsewhere
    }
    decay = f"{entry.weight_decay:g}" if entry.torch_class else ""
    return [code(name), f"{entry.usual_rate:g}", decay, listed(obeyed), assigned(own)]


def schedule_row(name: str, entry: schedules.Schedule) -> list[str]:
    read = entry.function.__code__.co_names  # attributes of the position that it uses
    counted = next((field for field in COUNTED if field in read), None)
    if counted is None:
        return [code(name), "", "never", "", "", ""]
    without_rate = listed(n for n, each in optimizers.OPTIMIZERS.items() if each.line_search)
    given = {each: d for each, d in entry.options.items() if each not in entry.needed}
    needed = [f"{code(each)} (required)" for each in entry.needed]
    return [
        code(name),
        ", ".join([*needed, *([assigned(given)] if given else [])]),
        "at every update" if entry.per_step else "between epochs",
        COUNTED[counted] + (" until the end" if entry.has_end else ""),
        "restarts" if entry.has_end or entry.reduces_before_stopping else "continues",
        "the SGD family" if entry.sgd_only else f"all but {without_rate}",
    ]


def metric_row(name: str, metric: metrics.Metric, estimator: str) -> list[str]:
    return [code(name), estimator, "larger" if metric.larger_is_better else "smaller"]


def target(loss: type[losses.Loss]) -> str:
    return SAYS_TARGET.get((loss.lowest_target, loss.lowest_is_allowed), "any")


def says(documented: object) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(documented) or "").splitlines()[0].rstrip(".")


def aliases(registry: Mapping[str, str], name: str) -> str:
    return listed(alias for alias, meaning in registry.items() if meaning == name)


def options(maker: Callable[..., Any], *, only_keywords: bool = False) -> str:
    hidden = {"args", "kwargs", "inplace"}
    found = [p for p in inspect.signature(maker).parameters.values() if p.name not in hidden]
    if only_keywords:
        found = [p for p in found if p.kind is p.KEYWORD_ONLY]
    return assigned({p.name: p.default for p in found})


def assigned(defaults: Mapping[str, Any]) -> str:
    return listed(f"{name}={default!r}" for name, default in defaults.items())


def listed(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)


def code(name: str) -> str:
    return f"`{name}`"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
