"""
Regression: scaled features, a scaled target, errors in the user's units
========================================================================

The price of a house is some hundred thousand dollars; a network starts with outputs around 0 and
learns best when its target has mean 0 and standard deviation 1. ``normalize_y=True`` scales the
target inside :class:`~sknn_tips.MLPRegressor`, so that predictions come back in dollars.

The data are the houses of California where the environment variable ``SKNN_TIPS_DATA`` names a
folder that has them, else scikit-learn's bundled diabetes data.
"""

# %%
# The data
# --------
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPRegressor
from sknn_tips.datasets import is_available, load_table

if is_available("california_housing"):
    X, y = load_table("california_housing", return_X_y=True)
    y = 100_000 * y
    name, unit = "California housing", "dollars"
else:
    X, y = load_diabetes(return_X_y=True)
    name, unit = "diabetes", "points of disease progression"

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
print(f"{name}: {len(X_train):,} training rows, {X.shape[1]} features")
print(f"target: mean {y_train.mean():,.0f}, standard deviation {y_train.std():,.0f} {unit}")

# %%
# Four models
# -----------
# The mean and a linear model say what a network has to beat. The network is fitted twice: to the
# target as it is, and to the scaled one. A tenth of the training rows is held out, and the weights
# of the best epoch are kept. (On the 331 rows of diabetes the linear model is hard to beat.)
settings = {
    "hidden_layer_sizes": "64x2",
    "batchnorm": True,
    "batch_size": 64,
    "learning_rate_init": 0.01,
    "learning_rate": "cosine",
    "max_iter": 25,
    "tol": None,
    "early_stopping": True,
    "random_state": 0,
}
models = {
    "the mean": DummyRegressor(),
    "linear model": LinearRegression(),
    "network, target as it is": make_pipeline(MinMaxScaler(), MLPRegressor(**settings)),
    "network, normalize_y=True": make_pipeline(
        MinMaxScaler(), MLPRegressor(normalize_y=True, **settings)
    ),
}
print(f"\nroot mean squared error on {len(X_test):,} test rows, in {unit}")
for label, model in models.items():
    predicted = model.fit(X_train, y_train).predict(X_test)
    print(f"{label:27} {root_mean_squared_error(y_test, predicted):9,.0f}")

# %%
# The same with scikit-learn's TransformedTargetRegressor
# -------------------------------------------------------
# It scales the target outside the estimator. With the same random state both give the same
# predictions, up to the rounding of the network's dtype.
for dtype in ("float32", "float64"):
    inside = make_pipeline(MinMaxScaler(), MLPRegressor(normalize_y=True, dtype=dtype, **settings))
    outside = TransformedTargetRegressor(
        regressor=make_pipeline(MinMaxScaler(), MLPRegressor(dtype=dtype, **settings)),
        transformer=StandardScaler(),
    )
    difference = np.abs(
        inside.fit(X_train, y_train).predict(X_test) - outside.fit(X_train, y_train).predict(X_test)
    )
    print(f"{dtype}: the largest difference is {difference.max() / y_train.std():.1e} deviations")

# %%
# Predicted and true values
# -------------------------
# On the line a prediction is right. (The prices of California were cut at 500,001 dollars.)
limits = [0.98 * min(y_test), 1.02 * max(y_test)]
dots = {"s": 6, "alpha": 0.3} if len(y_test) > 1000 else {"s": 25, "alpha": 0.7}
figure, axes = plt.subplots(1, 2, figsize=(9, 4.4), sharex=True, sharey=True, layout="constrained")
for ax, label in zip(axes, ["linear model", "network, normalize_y=True"], strict=True):
    predicted = models[label].predict(X_test)
    ax.scatter(y_test, predicted, color="#30638e", linewidths=0, **dots)
    ax.plot(limits, limits, color="#cf3f52", lw=1.5)
    error = root_mean_squared_error(y_test, predicted)
    ax.set_title(f"{label}: error {error:,.0f}", fontsize=11)
    ax.set(xlabel=f"true, {unit}", xlim=limits, ylim=limits)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter("{x:,.0f}")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel(f"predicted, {unit}")
figure.suptitle(name, fontweight="bold")
figure.savefig("regression.png", dpi=100)
print(f"Picture: {Path('regression.png').resolve()}")
