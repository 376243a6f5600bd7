"""
Intervals with a guarantee, and probabilities that are right
============================================================

A prediction alone does not say how far off it may be. Around any regressor, `MAPIE
<https://mapie.readthedocs.io>`_ makes intervals that hold the true value as often as was asked for:
conformal prediction counts how large the errors on samples are that the model has not seen, and
assumes nothing else than that new samples come from the same source. For a classifier the question
is whether, of the cases that were given 80 %, 80 % come true: scikit-learn draws that.

Both take what :func:`~sknn_tips.tabular_pipeline` returns as they take any other estimator. MAPIE
is installed by ``pip install mapie``.
"""

# %%
# Intervals
# ---------
# The size of errors depends on the table; here on a synthetic one, of numbers and a category.
# `SplitConformalRegressor` fits once, and sets samples aside to measure errors on.
# `CrossConformalRegressor` measures them on folds instead, at the price of a fit for each, and all
# samples are used for both. Coverage is the share of test samples whose interval holds the truth.
import warnings
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from mapie.regression import CrossConformalRegressor, SplitConformalRegressor
from sklearn.base import clone
from sklearn.calibration import CalibrationDisplay
from sklearn.datasets import make_classification, make_friedman1
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from sknn_tips import tabular_pipeline

numbers, y = make_friedman1(2400, n_features=6, noise=1.0, random_state=0)
X = pd.DataFrame(numbers).rename(columns="number {}".format)
X["city"] = np.random.RandomState(0).choice(["Rome", "Oslo", "Lima"], len(X))
y += 3.0 * (X["city"] == "Oslo")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=1200, random_state=0)
X_fit, X_aside, y_fit, y_aside = train_test_split(X_train, y_train, test_size=0.3, random_state=0)

model = tabular_pipeline("regressor", cv=3, random_state=0)
split = SplitConformalRegressor(model, confidence_level=0.9, prefit=False)
cross = CrossConformalRegressor(model, confidence_level=0.9, cv=4, random_state=0)
# MAPIE tries a fitted model on an array of zeros, which has no names.
warnings.filterwarnings("ignore", "X does not have valid feature names")


def report(name, conformal, seconds):
    predicted, intervals = conformal.predict_interval(X_test)
    low, high = intervals[:, 0, 0], intervals[:, 1, 0]
    coverage = np.mean((low <= y_test) & (y_test <= high))
    print(f"{name}: coverage {coverage:.3f}, mean width {np.mean(high - low):.2f}, {seconds:.1f} s")
    return predicted, low, high, coverage


start = perf_counter()
split.fit(X_fit, y_fit).conformalize(X_aside, y_aside)
report("split", split, perf_counter() - start)
start = perf_counter()
cross.fit_conformalize(X_train, y_train)
predicted, low, high, coverage = report("cross", cross, perf_counter() - start)

# %%
# The guarantee is one on average: 90 % of all new samples, not of every group of them. The width
# is nearly the same everywhere; where errors differ much from sample to sample, give MAPIE a
# ``conformity_score``, or let :class:`~sknn_tips.MLPRegressor` learn quantiles for its
# `ConformalizedQuantileRegressor`.

# %%
# Probabilities
# -------------
# Label smoothing makes a network hesitate: its probabilities are drawn to the middle. The ensemble
# undoes that by a temperature, a factor on the log probabilities that it finds on the left-out
# folds; ``calibrate=False`` leaves it away. (A network on its own is calibrated by scikit-learn's
# CalibratedClassifierCV.)
points, classes = make_classification(
    3200, 12, n_informative=6, class_sep=0.8, flip_y=0.04, random_state=0
)
Z_train, Z_test, classes_train, classes_test = train_test_split(points, classes, random_state=0)
calibrated = tabular_pipeline("classifier", cv=4, random_state=0)
calibrated.set_params(nets__net__label_smoothing=0.3)  # more than usual, to see what it does
raw = clone(calibrated).set_params(calibrate=False)
classifiers = {"without calibration": raw, "calibrated": calibrated}
print(f"\nlog loss on {len(Z_test)} test samples")
for name, classifier in classifiers.items():
    proba = classifier.fit(Z_train, classes_train).predict_proba(Z_test)
    print(f"{name:20} {log_loss(classes_test, proba):.3f}")

# %%
# Left, the intervals of every twelfth test sample in the order of their predictions, and in red the
# true values outside. Right, a sample for which the network says 80 % should come true in 80 % of
# the cases: on the diagonal.
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
shown = np.argsort(predicted)[::12]
at, truth = np.arange(len(shown)), y_test.to_numpy()[shown]
inside = (low[shown] <= truth) & (truth <= high[shown])
left.vlines(at, low[shown], high[shown], color="#9db8cf", lw=2, label="90 % interval")
left.scatter(at[inside], truth[inside], s=12, color="#30638e", zorder=2, label="inside")
left.scatter(at[~inside], truth[~inside], s=18, color="#cf3f52", zorder=2, label="outside")
left.set(xlabel="test samples, ordered by prediction", ylabel="target", xticks=[])
left.set_title(f"{coverage:.1%} of {len(y_test)} test samples are inside", fontsize=11)
left.legend(frameon=False)
for (name, classifier), colour in zip(classifiers.items(), ["#cf3f52", "#30638e"], strict=True):
    CalibrationDisplay.from_estimator(
        classifier,
        Z_test,
        classes_test,
        n_bins=8,
        strategy="quantile",
        name=name,
        ax=right,
        color=colour,
    )
right.set(xlabel="predicted probability", ylabel="share that came true")
right.set_title("Calibration on test samples", fontsize=11)
right.legend(frameon=False, loc="upper left")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
figure.savefig("intervals.png", dpi=100)
print(f"Picture: {Path('intervals.png').resolve()}")
