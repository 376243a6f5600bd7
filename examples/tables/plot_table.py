"""
Fit a table with categories and missing values
==============================================

``tabular_pipeline`` accepts DataFrames without preprocessing: with numbers of any scale,
categories and missing values. This example compares it with scikit-learn's boosted trees and with
a linear model, by their accuracy and by the log loss of their probabilities.

The data is the list of Titanic passengers if it is in the folder given by the environment variable
``SKNN_TIPS_DATA``, and otherwise scikit-learn's diabetes dataset, with some values removed.
"""

# %%
# The data
# --------
import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import tabular_pipeline
from sknn_tips.datasets import is_available, load_table
from sknn_tips.preprocessing import TableCleaner, TableEncoder

if is_available("titanic"):
    X, y = load_table("titanic", return_X_y=True)
    y = np.where(y == "1", "survived", "died")
    name = "Titanic"
else:
    X, progression = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    y = np.where(progression > 140, "fast", "slow")
    X["sex"] = X["sex"].map({1: "a", 2: "b"})
    rng = np.random.RandomState(0)
    for column in ("bmi", "s5"):
        X[column] = X[column].mask(rng.rand(len(X)) < 0.1)
    name = "Diabetes"

X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
print(X.head().to_string())
print("\nfraction of missing values")
print(X.isna().mean()[X.isna().any()].round(3).to_string())

# %%
# Fit and predict in three lines
# ------------------------------
model = tabular_pipeline("classifier", random_state=0)
model.fit(X_train, y_train)
probabilities = model.predict_proba(X_test)

print(f"{len(y_test)} test samples: accuracy {model.score(X_test, y_test):.3f}")
for label, probability in zip(model.classes_, probabilities[0], strict=True):
    print(f"the first sample: {label} with probability {probability:.3f}")

# %%
# Attributes of the fitted model
# ------------------------------
# Each of the eight networks was trained without one fold of the training samples. From the
# predictions on these folds, the model computes a score without a test set, a score for each
# network, and the temperature that calibrates the probabilities.
print(f"accuracy on the held-out folds {model.oof_score_:.3f}")
print(f"temperature {model.temperatures_['nets']:.2f}")
print(model.scores_.round(3).to_string(index=False))

# %%
# With ``trees=True``, boosted trees are averaged with the networks. Their weights are chosen to
# minimise the loss on the held-out folds:
both = tabular_pipeline("classifier", trees=True, random_state=0).fit(X_train, y_train)
print(f"weights {both.weights_}, accuracy on the held-out folds {both.oof_score_:.3f}")

# %%
# Comparison with boosted trees and a linear model
# ------------------------------------------------
# The models are compared by 5-fold cross-validation. The preprocessing of the other models uses
# the same transformers: ``TableCleaner`` returns numbers and categories for the trees, and
# ``TableEncoder`` returns numbers only for the linear model. (On the 442 samples of diabetes, it
# is difficult to improve on the linear model.)
models = {
    "tabular_pipeline": tabular_pipeline("classifier", random_state=0),
    "boosted trees": make_pipeline(
        TableCleaner(),
        HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0),
    ),
    "linear model": make_pipeline(
        TableEncoder(StandardScaler()), LogisticRegression(max_iter=1000)
    ),
}
folds = StratifiedKFold(5, shuffle=True, random_state=0)
predicted = {
    label: cross_val_predict(each, X, y, cv=folds, method="predict_proba")
    for label, each in models.items()
}
classes = np.unique(y)
print(f"{'':18}{'accuracy':>9}{'log loss':>10}")
for label, proba in predicted.items():
    accuracy = accuracy_score(y, classes[proba.argmax(axis=1)])
    print(f"{label:18}{accuracy:9.3f}{log_loss(y, proba):10.3f}")

# %%
# Left: the log loss of each fold, and its mean. Right: the observed frequency of the label for each
# predicted probability; on the dashed line, both are equal. The trees are overconfident: their
# predictions close to 0 or 1 are wrong too often, and their log loss is the largest.
colors = ["#0072B2", "#D55E00", "#6f7680"]
tests = [test for _, test in folds.split(X, y)]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for row, (color, proba) in enumerate(zip(colors, predicted.values(), strict=True)):
    losses = [log_loss(y[test], proba[test], labels=classes) for test in tests]
    left.plot(losses, [row] * len(losses), "o", color=color, ms=8, alpha=0.5, mew=0)
    left.plot(np.mean(losses), row, "|", color=color, ms=30, mew=3)
    share, mean = calibration_curve(
        y, proba[:, 1], pos_label=classes[1], n_bins=6, strategy="quantile"
    )
    right.plot(mean, share, "o-", color=color, ms=6, lw=1.8)
left.set_yticks(range(len(models)), list(models))
left.set(xlabel="log loss of a fold (smaller is better)", ylim=(len(models) - 0.5, -0.5))
right.plot([0, 1], [0, 1], "--", color="0.6", lw=1, zorder=0)
right.set(xlabel=f"probability of: {classes[1]}", ylabel="observed frequency")
right.legend(list(models), frameon=False, loc="upper left")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
figure.suptitle(f"{name}: {len(y):,} samples", fontweight="bold")
figure.savefig("table.png", dpi=100)
print("Figure: table.png")
