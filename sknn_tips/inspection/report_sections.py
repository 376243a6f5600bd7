"""The sections of a report that do not depend on X and y: curves, tips, parameters, network."""

import platform
from collections.abc import Iterator, Mapping
from inspect import Parameter, signature
from typing import Any

import numpy as np
import sklearn
import torch
from sklearn.pipeline import Pipeline

from sknn_tips import __version__
from sknn_tips._compat.sklearn import BaseSearchCV
from sknn_tips.ensemble.base import FoldEnsemble
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.unwrapping import FOLD
from sknn_tips.inspection import report_html as html
from sknn_tips.inspection.summarising import summary
from sknn_tips.inspection.table_defaults import default_table_model, differences
from sknn_tips.plotting.history import TrainingHistoryDisplay
from sknn_tips.plotting.history_panels import choose_panels
from sknn_tips.tips.findings import by_code
from sknn_tips.tips.tip import Tip

_VERSIONS = {
    "python": platform.python_version(),
    "sknn_tips": __version__,
    "scikit-learn": sklearn.__version__,
    "torch": torch.__version__,
    "numpy": np.__version__,
}
# More pictures would make the page too large to send, and more curves too hard to tell apart.
_MOST_PANELS = 6
_MOST_CURVES = 8

NO_TIPS = "No check found a problem."

Networks = Mapping[str, BaseMLP]
"""The fitted networks of a model: one, or those of the members of an ensemble, by name."""


def described(layers: list[Any]) -> str:
    """Return the types of the estimators of a model, from the outermost to the innermost."""
    names: list[str] = []
    for layer in layers:
        if isinstance(layer, Pipeline):
            names += [type(step).__name__ for _, step in layer.steps[:-1]]
        else:
            names.append(type(layer).__name__)
    if isinstance(layers[-1], FoldEnsemble):
        members = layers[-1].estimators_.items()
        names[-1] += f" ({', '.join(f'{name}: {len(each)} members' for name, each in members)})"
    return " → ".join(names)


def training(networks: Networks, ensemble: FoldEnsemble | None) -> str:
    """Return training time, number of samples, and why training stopped."""
    if ensemble is not None:
        return _members(ensemble)
    (net,) = networks.values()
    history, record = net.history_, getattr(net, "_record", None)
    rows: list[tuple[str, Any]] = []
    if "seconds" in history:  # L-BFGS does not record them
        rows.append(("training time in seconds", float(history["seconds"].sum())))
    if record is not None:  # a model that was loaded from a file has none
        rows.append(("training samples", record.n_rows))
    rows += [
        ("epochs", len(history)),
        ("best epoch", net.best_epoch_),
        ("stopped by", net.stop_reason_),
        ("features of the network", net.n_features_in_),
        ("device", net.device_),
    ]
    return html.section("Training", html.table(("what", "value"), rows))


def _members(ensemble: FoldEnsemble) -> str:
    frame = ensemble.scores_
    rows = [
        ("training time of all members in seconds", float(frame["seconds"].sum())),
        ("out-of-fold score", float(ensemble.oof_score_)),
        *((f"weight of {name}", weight) for name, weight in ensemble.weights_.items()),
    ]
    return html.section(
        "Training",
        html.table(("what", "value"), rows),
        html.heading("Members, each scored on its left-out fold"),
        html.table(list(map(str, frame)), frame.itertuples(index=False, name=None)),
    )


def curves(networks: Networks) -> str:
    """Return a picture of the learning curves for each metric."""
    from matplotlib.figure import Figure

    drawn = dict(list(networks.items())[:_MOST_CURVES])
    if not drawn:
        return ""
    columns = choose_panels([net.history_ for net in drawn.values()], None)
    images = []
    for column in columns[:_MOST_PANELS]:
        figure = Figure(figsize=(5.2, 3.8), layout="constrained")
        TrainingHistoryDisplay.from_estimator(drawn, metrics=column, ax=figure.subplots())
        images.append(html.picture(figure, f"Learning curves: {column}"))
    notes = []
    if len(drawn) < len(networks):
        notes.append(f"The first {len(drawn)} of {len(networks)} networks are drawn.")
    if len(images) < len(columns):
        notes.append(f"Not drawn: {', '.join(columns[_MOST_PANELS:])}.")
    note = html.paragraph(" ".join(notes), soft=True) if notes else ""
    return html.section("Learning curves", html.pictures(images), note)


def tips(networks: Networks) -> str:
    """Return the tips of all networks, each once, severe ones first."""
    if not networks:
        return ""
    found = [_tip(same, len(networks)) for same in by_code(net.tips_ for net in networks.values())]
    return html.section("Tips", *(found or [html.paragraph(NO_TIPS)]))


def _tip(same: list[Tip], n_networks: int) -> str:
    tip = same[0]
    return "".join(
        (
            f'<div class="tip {tip.severity}">',
            html.heading(tip.title),
            html.paragraph(kind_of_tip(same, n_networks), soft=True),
            html.paragraph(f"{tip.seen} {tip.why}"),
            html.paragraph(f"What to do: {tip.advice}"),
            "</div>",
        )
    )


def kind_of_tip(same: list[Tip], n_networks: int) -> str:
    """Return severity and code of a tip, and in how many of several networks it was found."""
    where = f", in {len(same)} of {n_networks} networks" if n_networks > 1 else ""
    return f"{same[0].severity}: {same[0].code}{where}"


def parameters(layers: list[Any]) -> str:
    """Return the parameters that differ from their defaults; of a search, of its best estimator."""
    model = next(layer for layer in layers if not isinstance(layer, BaseSearchCV))
    table = html.table(("parameter", "value", "default"), _changed(model), code=[0, 1, 2])
    none = html.paragraph("All parameters have their default values.")
    return html.section("Parameters that differ from the defaults", table or none)


def _changed(model: Any) -> Iterator[tuple[str, str, str]]:
    table_model = default_table_model(model) if isinstance(model, FoldEnsemble) else None
    if table_model is not None:
        yield from _changed_table_model(model, table_model)
        return
    nested = {f"{k}__": v for k, v in model.get_params().items() if _is_estimator(v)}
    for prefix, part in {"": model, **nested}.items():
        defaults = signature(type(part)).parameters
        for name, value in part.get_params(deep=False).items():
            default = defaults[name].default if name in defaults else Parameter.empty
            required = default is Parameter.empty
            if _is_estimator(value) or (required and _is_named_list(value)):
                continue  # its own parameters are listed
            if required or repr(value) != repr(default):
                usual = "required" if required else html.code(default)
                yield f"{prefix}{name}", html.code(value), usual


def _changed_table_model(model: FoldEnsemble, default: Any) -> Iterator[tuple[str, str, str]]:
    """Return the changes of what `tabular_pipeline` returns by default."""
    net = model.get_params()["nets__net"]
    if default.get_params()["nets__net"] is net:
        yield "nets__net", html.code(net), "required"
    for name, (value, usual) in differences(model, default).items():
        yield name, html.code(value), html.code(usual)


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)


def _is_named_list(value: Any) -> bool:
    """Return whether this is a list of (name, estimator), such as the steps of a Pipeline."""
    return isinstance(value, list) and all(isinstance(each, tuple) for each in value)


def network(networks: Networks) -> str:
    """Return layers and optimizer of the network; members of the same kind have the same."""
    kinds: dict[str, BaseMLP] = {}
    for name, net in networks.items():
        kinds.setdefault(name.rpartition(FOLD)[0], net)
    parts = []
    for name, net in kinds.items():
        title = html.heading(f"A member of {name}") if name else ""
        parts.append(title + html.scrolled(summary(net)._repr_html_()))
    return html.section("Network", *parts)


def versions() -> str:
    """Return the versions of Python and the libraries."""
    return html.section("Versions", html.table(("library", "version"), _VERSIONS.items()))
