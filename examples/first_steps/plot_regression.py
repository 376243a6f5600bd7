"""
Predict a price: scaled features, scaled target
===============================================

House prices are several hundred thousand dollars. The initial outputs of a network are around 0,
and it learns best if the target has mean 0 and standard deviation 1. ``normalize_y=True`` scales
the target inside :class:`~sknn_tips.MLPRegressor`, while predictions are in dollars.

The data is California housing if it is in the folder given by the environment variable
``SKNN_TIPS_DATA``, and otherwise scikit-learn's diabetes dataset.
"""

# %%
# The data
# --------
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
print(f"{name}: {len(X_train):,} training samples, {X.shape[1]} features")
print(f"target: mean {y_train.mean():,.0f}, standard deviation {y_train.std():,.0f} {unit}")

# %%
# Four models
# -----------
# The mean and a linear model are the baselines. The network is fitted twice: to the unscaled
# target and to the scaled target. A tenth of the training samples is held out, and the weights of
# the best epoch are restored. (On the 331 training samples of diabetes, it is difficult to
# improve on the linear model.)
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
    "network, unscaled target": make_pipeline(MinMaxScaler(), MLPRegressor(**settings)),
    "network, normalize_y=True": make_pipeline(
        MinMaxScaler(), MLPRegressor(normalize_y=True, **settings)
    ),
}
print(f"\nroot mean squared error on {len(X_test):,} test samples, in {unit}")
for label, model in models.items():
    predicted = model.fit(X_train, y_train).predict(X_test)
    print(f"{label:27} {root_mean_squared_error(y_test, predicted):9,.0f}")

# %%
# Comparison with scikit-learn's TransformedTargetRegressor
# ---------------------------------------------------------
# TransformedTargetRegressor scales the target outside the estimator. With the same random state,
# both return the same predictions up to rounding errors of the dtype.
for dtype in ("float32", "float64"):
    inside = make_pipeline(MinMaxScaler(), MLPRegressor(normalize_y=True, dtype=dtype, **settings))
    outside = TransformedTargetRegressor(
        regressor=make_pipeline(MinMaxScaler(), MLPRegressor(dtype=dtype, **settings)),
        transformer=StandardScaler(),
    )
    difference = np.abs(
        inside.fit(X_train, y_train).predict(X_test) - outside.fit(X_train, y_train).predict(X_test)
    )
    print(
        f"{dtype}: the largest difference is {difference.max() / y_train.std():.1e} of the std of y"
    )

# %%
# Predicted and true values
# -------------------------
# Correct predictions are on the line. (The prices in California housing are limited to 500,001
# dollars.)
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
print("Figure: regression.png")
