"""The tables of the page on parameters, made from the registries that the estimators read."""

import inspect
from pathlib import Path

from sknn_tips.network import activations, initializers
from sknn_tips.training.metrics import METRICS
from sknn_tips.training.optimizers import OPTIMIZERS
from sknn_tips.training.schedules import SCHEDULES


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (head, rows) in tables().items():
        (folder / f"{name}.txt").write_text(table(head, rows))


def tables() -> dict[str, tuple[list[str], list[list[str]]]]:
    return {
        "activations": (
            ["activation", "also called", "activation_params"],
            [
                [name, aliases(activations.ALIASES, name), options(activations.ACTIVATIONS[name])]
                for name in activations.ACTIVATIONS
            ],
        ),
        "initializers": (
            ["init", "also called", "init_params"],
            [
                [name, aliases(initializers.ALIASES, name), options(draw, keyword_only=True)]
                for name, draw in initializers.INITIALIZERS.items()
            ],
        ),
        "optimizers": (
            ["optimizer", '``"auto"`` rate', "reads", "optimizer_params"],
            [
                [name, f"{entry.usual_rate:g}", listed(entry.obeys), listed(entry.options)]
                for name, entry in OPTIMIZERS.items()
            ],
        ),
        "schedules": (
            ["learning_rate", "acts on"],
            [
                [name, "the SGD family" if entry.sgd_only else "every optimizer but lbfgs"]
                for name, entry in SCHEDULES.items()
            ],
        ),
        "metrics": (["metrics", "scikit-learn's"], [[n, ""] for n in METRICS]),
    }


def aliases(registry: dict[str, str], name: str) -> str:
    return listed([alias for alias, target in registry.items() if target == name])


def options(maker: object, *, keyword_only: bool = False) -> str:
    found = inspect.signature(maker).parameters.values()
    if keyword_only:
        found = [p for p in found if p.kind is p.KEYWORD_ONLY]
    hidden = {"args", "kwargs", "inplace"}
    return listed(f"{p.name} = {p.default!r}" for p in found if p.name not in hidden)


def listed(names: object) -> str:
    return ", ".join(f"``{name}``" for name in names)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [".. list-table::", "    :header-rows: 1", ""]
    first = [f"``{row[0]}``" for row in rows]
    cells = [head, *([name, *row[1:]] for name, row in zip(first, rows, strict=True))]
    for row in cells:
        for i, cell in enumerate(row):
            lines.append(f"    {'*' if i == 0 else ' '} - {cell}")
    return "\n".join(lines) + "\n"
