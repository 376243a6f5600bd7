"""Draw the figures of docs/tips.md: for a tip, a fit with the problem and one with the remedy.

    python docs/tips_pictures.py               draw all figures, into docs/images/tips
    python docs/tips_pictures.py dead-units    draw some figures

The two fits differ only in the remedy of the tip. There is also a figure of a learning-rate range
test.
"""

import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn import datasets
from sklearn.base import clone, is_classifier
from sklearn.metrics import balanced_accuracy_score, log_loss, r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, diagnose, learning_rate_range
from sknn_tips.exceptions import NonFiniteWeightsError
from sknn_tips.inspection import Diagnosis
from sknn_tips.tips.tip import Tip

RANGE = "learning_rate_range"
FOLDER = Path(__file__).parent / "images" / "tips"
TRAINING, VALIDATION, BAD, GOOD = "#0072B2", "#D55E00", "#cf3f52", "#2e8b57"
N01 = {"init": "normal", "init_params": {"std": 1.0}}

# For each code: dataset, whether features are standardised, and parameters with the problem.
SICK: dict[str, tuple[str, bool, dict[str, Any]]] = {
    "unscaled-input": ("wine", False, {"max_iter": 40}),
    "heavy-tailed-input": ("heavy", True, {}),
    "unscaled-target": ("diabetes", True, {"max_iter": 20}),
    "validation-differs": ("wine", True, {"max_iter": 40}),
    "diverged": ("friedman", True, {"optimizer": "sgd", "learning_rate_init": 1.0}),
    "bad-init": ("digits", True, {"hidden_layer_sizes": "64x3", **N01, "max_iter": 30}),
    "vanishing-gradient": (
        "digits",
        True,
        {"hidden_layer_sizes": "64x5", "activation": "logistic"},
    ),
    "learning-rate-too-large": ("digits", True, {"learning_rate_init": 0.5}),
    "learning-rate-too-small": ("digits", True, {"learning_rate_init": 1e-5}),
    "exploding-gradient": (
        "digits",
        True,
        {
            "hidden_layer_sizes": "64x8",
            "activation": "identity",
            "optimizer": "sgd",
            "learning_rate_init": 0.1,
        },
    ),
    "batchnorm-small-batch": (
        "friedman",
        True,
        {"batchnorm": True, "batch_size": 3, "max_iter": 10},
    ),
    "underfitting": ("digits", True, {"alpha": 300.0}),
    "dead-units": ("digits", True, {"hidden_layer_sizes": "64x2", "learning_rate_init": 0.1}),
    "saturated-units": (
        "digits",
        True,
        {
            "hidden_layer_sizes": "64x2",
            "activation": "tanh",
            "init": "normal",
            "init_params": {"std": 2.0},
        },
    ),
    "overfitting": (
        "diabetes",
        True,
        {"hidden_layer_sizes": "128x2", "max_iter": 120, "normalize_y": True},
    ),
    "overconfident": ("overlapping", True, {"hidden_layer_sizes": "128x2"}),
    "stopped-too-early": ("iris", True, {"early_stopping": True, "tol": 1e-4, "max_iter": 200}),
    "schedule-cut-off": (
        "digits",
        True,
        {"learning_rate": "cosine", "learning_rate_init": 0.01, "max_iter": 100, "tol": 1e-4},
    ),
    "not-converged": ("digits", True, {"max_iter": 10}),
    "class-imbalance": ("rare", True, {}),
    "constant-features": ("digits", True, {"max_iter": 30}),
    "batch-too-large": ("digits", True, {"batch_size": 1000, "max_iter": 30}),
    "too-many-parameters": ("diabetes", True, {"hidden_layer_sizes": "256x2", "normalize_y": True}),
    "validation-too-small": ("breast_cancer", True, {"early_stopping": True, "random_state": 3}),
}


def main() -> None:
    warnings.simplefilter("ignore")  # the tips are expected
    FOLDER.mkdir(parents=True, exist_ok=True)
    for code in sys.argv[1:] or [RANGE, *SICK]:
        if code == RANGE:
            draw_range()
        else:
            draw(code)


def draw_range() -> None:
    """Draw the figure of the learning-rate range test."""
    X, y = datasets.load_digits(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPClassifier(optimizer="sgd", random_state=0))
    figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
    learning_rate_range(model, X, y).plot(ax)
    figure.savefig(FOLDER / f"{RANGE}.png", dpi=80)
    plt.close(figure)


def draw(code: str) -> None:
    """Draw the losses of the fits without and with the remedy, and their scores."""
    data, scaled, sick = SICK[code]
    X, X_val, y, y_val = rows = load(data, scaled=scaled)
    kind = MLPRegressor if data in ("diabetes", "friedman", "heavy") else MLPClassifier
    model = kind(**{"max_iter": 60, "tol": None, "random_state": 0, **sick})
    before = diagnose(model, X, y, *watched(code, data, X_val, y_val))
    tip = before.findings[code]
    assert isinstance(tip, Tip), f"{code} did not fire"
    # without a Pipeline, the validation set is transformed in `watched`
    cured = model if tip.remedy == "transform_input" else before.apply(code)
    after = diagnose(cured, X, y, *watched(code, data, X_val, y_val, cured=True))
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.4), layout="constrained")
    panel(axes[0], before, written(sick), BAD, scored(code, model, *rows))
    panel(axes[1], after, written(tip.remedy), GOOD, scored(code, cured, *rows))
    axes[0].set_ylabel("loss", fontsize=8)
    axes[1].legend(fontsize=7, frameon=False)
    figure.savefig(FOLDER / f"{code}.png", dpi=80)
    plt.close(figure)


def load(name: str, *, scaled: bool) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return training and validation samples, with standardised features if `scaled` is True."""
    if name in ("friedman", "heavy"):
        X, y = datasets.make_friedman1(1200, noise=0.5, random_state=0)
        X = stats.t.ppf(X, 2) if name == "heavy" else X
        y = (y - y.mean()) / y.std()
    elif name == "overlapping":
        X, y = datasets.make_classification(1500, n_informative=10, flip_y=0.1, random_state=0)
    elif name == "rare":
        X, y = datasets.make_classification(2000, 6, weights=[0.97], flip_y=0.02, random_state=0)
    else:
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    X, X_val, y, y_val = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X) if scaled else None
    if scaler is not None:
        X, X_val = scaler.transform(X), scaler.transform(X_val)
    return X, X_val, y, y_val


def watched(
    code: str, data: str, X_val: NDArray, y_val: NDArray, *, cured: bool = False
) -> tuple[Any, Any]:
    """Return the validation set of the fit."""
    if code in ("validation-too-small", "stopped-too-early"):
        return None, None  # early stopping holds out a validation set
    if code == "validation-differs" and not cured:
        return load(data, scaled=False)[1], y_val
    return X_val, y_val


def scored(code: str, model: Any, X: NDArray, X_val: NDArray, y: NDArray, y_val: NDArray) -> str:
    """Return the score on the validation samples, as text."""
    try:
        fitted = clone(model).fit(X, y)
        predicted = fitted.predict(X_val)
    except NonFiniteWeightsError:
        return "no weights are left"
    if code == "overconfident":
        loss = log_loss(y_val, fitted.predict_proba(X_val))
        return f"log loss {loss:.3f}, accuracy {np.mean(predicted == y_val):.3f}"
    if is_classifier(model):
        return f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f}"
    return f"R2 {r2_score(y_val, predicted):.3f}"


def panel(ax: Any, report: Diagnosis, title: str, colour: str, score: str) -> None:
    record = report.record
    curves = {"training": record.losses, "validation": record.val_losses}
    for (name, losses), line in zip(curves.items(), (TRAINING, VALIDATION), strict=True):
        ax.plot(range(1, len(losses) + 1), losses, color=line, label=name, lw=1.4, marker=".", ms=3)
    finite = [loss for loss in (*record.losses, *record.val_losses) if np.isfinite(loss)]
    if max(finite) > 20 * min(finite):
        ax.set_yscale("log")
    if record.restores_best:
        ax.axvline(record.kept_epoch, color="0.6", lw=1, ls=":", label="kept")
    if record.non_finite is not None:
        where = f"not finite in epoch {record.non_finite.epoch}"
        ax.text(0.5, 0.5, where, transform=ax.transAxes, ha="center", fontsize=9, color=colour)
    ax.set_title(textwrap.fill(title, 50), fontsize=8, color=colour)
    ax.set_xlabel(f"epoch ({score})", fontsize=8)
    ax.tick_params(labelsize=7)
    ax.spines[["top", "right"]].set_visible(False)


def written(settings: dict[str, Any] | str) -> str:
    """Return parameters formatted as in a call."""
    if isinstance(settings, str):
        return settings
    return ", ".join(f"{name}={value!r}" for name, value in settings.items()) or "the default"


if __name__ == "__main__":
    main()
