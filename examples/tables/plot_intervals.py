"""
Predict intervals and calibrated probabilities
==============================================

A prediction alone does not show how large its error may be. For any regressor, `MAPIE
<https://mapie.readthedocs.io>`_ computes prediction intervals that contain the true value with a
given frequency. It uses conformal prediction: the errors on samples that were not used for
training determine the width of the intervals. The only assumption is that new samples come from
the same distribution. For a classifier, the question is whether the probabilities are calibrated:
of the samples with a predicted probability of 80 %, 80 % should belong to the class. scikit-learn
plots this.

Both work with the models of :func:`~sknn_tips.tabular_pipeline` as with any other estimator.
Install MAPIE with ``pip install mapie``.
"""

# %%
# Prediction intervals
# --------------------
# The data is a synthetic table with numbers and a category. `SplitConformalRegressor` fits the
# model once, and holds out samples to measure the errors. `CrossConformalRegressor` measures the
# errors on folds instead. It uses all samples for both purposes, but needs one fit per fold. The
# coverage is the fraction of test samples whose interval contains the true value.
import warnings
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
# MAPIE tests a fitted model with an array of zeros, which has no feature names.
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
# The coverage is guaranteed on average over all new samples, but not for every group of samples.
# The width of the intervals is almost constant. If the size of the errors varies much between
# samples, pass a ``conformity_score`` to MAPIE, or use MAPIE's `ConformalizedQuantileRegressor`
# with quantiles predicted by :class:`~sknn_tips.MLPRegressor`.

# %%
# Calibrated probabilities
# ------------------------
# With label smoothing, the probabilities of a network are closer to 1/2 than the true
# frequencies. The ensemble corrects this with temperature scaling: the log probabilities are
# divided by a number that is fitted on the held-out folds. ``calibrate=False`` disables it. (To
# calibrate a single network, use scikit-learn's CalibratedClassifierCV.)
points, classes = make_classification(
    3200, 12, n_informative=6, class_sep=0.8, flip_y=0.04, random_state=0
)
Z_train, Z_test, classes_train, classes_test = train_test_split(points, classes, random_state=0)
calibrated = tabular_pipeline("classifier", cv=4, random_state=0)
calibrated.set_params(nets__net__label_smoothing=0.3)  # more than usual, to show the effect
raw = clone(calibrated).set_params(calibrate=False)
classifiers = {"without calibration": raw, "calibrated": calibrated}
print(f"\nlog loss on {len(Z_test)} test samples")
for name, classifier in classifiers.items():
    proba = classifier.fit(Z_train, classes_train).predict_proba(Z_test)
    print(f"{name:20} {log_loss(classes_test, proba):.3f}")

# %%
# Left: the intervals of every twelfth test sample, ordered by prediction; true values outside of
# their interval are red. Right: the observed frequency of the class for each predicted
# probability. On the diagonal, both are equal.
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
right.set(xlabel="predicted probability", ylabel="observed frequency")
right.set_title("Calibration on test samples", fontsize=11)
right.legend(frameon=False, loc="upper left")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
figure.savefig("intervals.png", dpi=100)
print("Figure: intervals.png")
