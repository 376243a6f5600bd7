"""The scores in a report: tables per class or output, confusion matrix, residuals."""

from math import isclose, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    PredictionErrorDisplay,
    accuracy_score,
    confusion_matrix,
    f1_score,
    hamming_loss,
    log_loss,
    mean_absolute_error,
    mean_pinball_loss,
    precision_recall_fscore_support,
    r2_score,
    root_mean_squared_error,
)

from sknn_tips.inspection import report_html as html
from sknn_tips.inspection.predicting import Predictions
from sknn_tips.plotting import style

# A larger confusion matrix, or table per class, is too long to read.
MOST_CLASSES = 20
_MOST_DOTS = 1000

_LOSS = "loss that was trained, without penalties"
# Scores that may be the loss that was trained.
_LOSSES = ("log loss", "pinball loss", "MAE")

Rows = list[tuple[str, float]]
"""Names and values."""


def scores(given: Predictions, further: dict[str, float]) -> tuple[Rows, str]:
    """Return the scores, and the section that shows them with their details.

    Parameters
    ----------
    given : Predictions
    further : dict of str to float
        The loss and the metrics of the estimator, as `evaluate` returns them.
    """
    if given.classes is None:
        rows, details = _of_values(given)
    elif given.y.ndim == 2:
        rows, details = _of_labels(given)
    else:
        rows, details = _of_classes(given)
    rows += _not_shown(further, rows)
    note = "" if given.weight is None else "All scores use the sample weights."
    return rows, html.section("Scores", html.table(("score", "value"), rows, note=note), details)


def _not_shown(further: dict[str, float], rows: Rows) -> Rows:
    """Return loss and metrics of the estimator, without those that are in the rows."""
    shown = {name.lower().replace(" ", "_") for name, _ in rows}
    losses = [value for name, value in rows if name.startswith(_LOSSES)]
    # not equal, since the loss is computed in float32 and without the link function
    if any(isclose(further.get("loss", nan), value, rel_tol=1e-4) for value in losses):
        shown.add("loss")
    return [
        (_LOSS if name == "loss" else name, value)
        for name, value in further.items()
        if name not in shown
    ]


# -- classifiers ---------------------------------------------------------------------------------


def _of_classes(given: Predictions) -> tuple[Rows, str]:
    y, predicted, weight, classes = given.y, given.predicted, given.weight, given.classes
    assert classes is not None
    options: dict[str, Any] = {"labels": classes, "sample_weight": weight}
    counts = confusion_matrix(y, predicted, **options)
    per_class = precision_recall_fscore_support(y, predicted, zero_division=0, **options)
    present = counts.sum(axis=1) > 0
    rows = [
        ("accuracy", accuracy_score(y, predicted, sample_weight=weight)),
        # balanced_accuracy_score warns if a class is predicted that y does not have
        ("balanced accuracy", per_class[1][present].mean()),
        ("log loss", log_loss(y, given.proba, **options)),
    ]
    details = html.heading("Classes") + _table_per_class(classes, per_class)
    return rows, details + html.heading("Confusion matrix") + _confusions(classes, counts)


def _of_labels(given: Predictions) -> tuple[Rows, str]:
    y, predicted = given.y, given.predicted
    options: dict[str, Any] = {"sample_weight": given.weight, "zero_division": 0}
    rows = [
        ("accuracy", accuracy_score(y, predicted, sample_weight=given.weight)),
        ("hamming loss", hamming_loss(y, predicted, sample_weight=given.weight)),
        ("f1 macro", f1_score(y, predicted, average="macro", **options)),
        ("f1 micro", f1_score(y, predicted, average="micro", **options)),
    ]
    per_class = precision_recall_fscore_support(y, predicted, average=None, **options)
    assert given.classes is not None
    note = html.paragraph("Accuracy counts samples with all labels right.", soft=True)
    return rows, note + html.heading("Labels") + _table_per_class(given.classes, per_class)


def _table_per_class(classes: NDArray, per_class: Any) -> str:
    """Return precision, recall, F1 and number of samples; of many classes, the worst ones."""
    rows = list(zip(map(str, classes), *(values.tolist() for values in per_class), strict=True))
    note = ""
    if len(rows) > MOST_CLASSES:
        note = f"The {MOST_CLASSES} of {len(rows)} classes with the lowest F1."
        rows = sorted(rows, key=lambda row: row[3])[:MOST_CLASSES]
    return html.table(("class", "precision", "recall", "F1", "samples"), rows, note=note)


def _confusions(classes: NDArray, counts: NDArray) -> str:
    """Return the confusion matrix; of many classes, the most frequent confusions."""
    names = [str(name) for name in classes]
    if len(names) <= MOST_CLASSES:
        return html.matrix(names, counts.tolist())
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_CLASSES]
    pairs = [
        (true, guess) for true, guess in zip(*np.unravel_index(order, wrong.shape), strict=True)
    ]
    rows = [(names[i], names[j], wrong[i, j].item()) for i, j in pairs if wrong[i, j]]
    note = f"The matrix is left out for more than {MOST_CLASSES} classes."
    confused = html.table(("true", "predicted", "samples"), rows)
    return html.paragraph(f"{note} The most frequent confusions:" if rows else note) + confused


# -- regressors ----------------------------------------------------------------------------------


def _of_values(given: Predictions) -> tuple[Rows, str]:
    y, predicted, weight = given.y, given.predicted, given.weight
    rows = _errors(y, predicted, weight)
    if given.quantile is not None:
        loss = mean_pinball_loss(y, predicted, alpha=given.quantile, sample_weight=weight)
        below = np.average((y <= predicted).reshape(len(y), -1).mean(axis=1), weights=weight)
        rows += [
            (f"pinball loss (quantile {given.quantile:g})", loss),
            ("share of targets up to the prediction", float(below)),
        ]
    if y.ndim == 2:
        each = [dict(_errors(*pair, weight)) for pair in zip(y.T, predicted.T, strict=True)]
        table = [(str(number), *errors.values()) for number, errors in enumerate(each)]
        return rows, html.heading("Outputs") + html.table(("output", *each[0]), table)
    return rows, html.heading("Residuals") + html.pictures([_residuals(y, predicted)])


def _errors(y: NDArray, predicted: NDArray, weight: NDArray | None) -> Rows:
    # R2 of a single sample is not defined, and scikit-learn warns
    r2 = r2_score(y, predicted, sample_weight=weight) if len(y) > 1 else np.nan
    return [
        ("R2", float(r2)),
        ("RMSE", root_mean_squared_error(y, predicted, sample_weight=weight)),
        ("MAE", mean_absolute_error(y, predicted, sample_weight=weight)),
    ]


def _residuals(y: NDArray, predicted: NDArray) -> str:
    """Return a picture of residuals against predictions."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.8), layout="constrained")
    axes = figure.subplots()
    PredictionErrorDisplay.from_predictions(
        y,
        predicted,
        kind="residual_vs_predicted",
        subsample=_MOST_DOTS if len(y) > _MOST_DOTS else None,
        random_state=0,
        ax=axes,
        scatter_kwargs={"color": style.PALETTE[0], "alpha": 0.5, "s": 14, "linewidths": 0},
        line_kwargs={"color": style.GREY},
    )
    axes.set(xlabel="prediction", ylabel="residual (y - prediction)")
    style.tidy(axes)
    return html.picture(figure, "Residuals against predictions")
