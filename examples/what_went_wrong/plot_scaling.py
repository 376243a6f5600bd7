"""
Find out why the loss is nan: unscaled features
===============================================

Two decks predict the closing price of a share from other values of the same day: prices of about
800 and a volume of about a million. With unscaled data, plain gradient descent ends at nan after
a few epochs. With data that is scaled to the range from 0 to 1, the same regression with the same
learning rate works.
"""

# %%
# Unscaled data
# -------------
# The rate in the deck is 0.01. The loss of the estimator is *half* the squared error, so the same
# steps need a rate of 0.02.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.datasets import load_stock_prices
from sknn_tips.exceptions import NonFiniteWeightsError

stocks = load_stock_prices(as_frame=True)
X, y = stocks.data, stocks.target
print(stocks.frame.head(3).to_string())


def regression(seed=0):
    return MLPRegressor(
        hidden_layer_sizes=(),
        init="normal",
        init_params={"std": 1.0, "draw_biases": True},
        optimizer="sgd",
        momentum=0,
        learning_rate_init=0.02,
        alpha=0,
        max_iter=10,
        tol=None,
        random_state=seed,
    )


losses = []
try:
    regression().fit(X, y)
except NonFiniteWeightsError as error:
    losses = [2 * loss for loss in error.loss_curve]
    print("\nsquared error per epoch, unscaled data")
    print("deck: 4.9e+11, 5.4e+32, inf, nan")
    print(f"here: {', '.join(f'{loss:.1e}' for loss in losses)}, and training stops:")
    print(f"{type(error).__name__}: {error}")

# %%
# The estimator stops before the loss is nan, and the error states the reason. In numpy we can
# continue, as in the deck. Because of the volume, the gradient is a million times too large for
# the learning rate, so every step overshoots by more than the one before. Finally, infinity minus
# infinity is nan.
rows, prices = X.to_numpy("float32"), y.to_numpy("float32")
rng = np.random.default_rng(0)
W, b = rng.normal(size=4).astype("float32"), np.float32(rng.normal())
by_hand = []
with np.errstate(over="ignore", invalid="ignore"):
    for _ in range(6):
        error = rows @ W + b - prices
        by_hand.append((error**2).mean())
        W -= 0.02 * rows.T @ error / len(rows)
        b -= 0.02 * error.mean()
print(f"\nin numpy: {', '.join(f'{loss:.1e}' for loss in by_hand)}")

# %%
# Scaled data
# -----------
# The features are scaled by a step of a Pipeline, and the target by scikit-learn's
# TransformedTargetRegressor. Both determine the range on the training samples. Predictions are in
# the original units.


def scaled(seed=0):
    model = TransformedTargetRegressor(
        regressor=make_pipeline(MinMaxScaler(), regression(seed)), transformer=MinMaxScaler()
    )
    return model.fit(X, y)


curves = 2 * np.array([scaled(seed).regressor_[-1].loss_curve_ for seed in range(100)])
near = curves[np.argmin(np.abs(curves[:, 0] - 1.5456))]
ratio = np.median(curves[:, -1] / curves[:, 0])
print(f"\n{'squared error, scaled':24}{'deck':>8}{'here: the closest of 100 seeds':>40}")
print(f"{'epoch 1':24}{1.5456:8.4f}{near[0]:40.4f}")
print(f"{'epoch 10':24}{0.8204:8.4f}{near[-1]:40.4f}")
print(
    f"{'last / first':24}{0.53:8.2f}{near[-1] / near[0]:40.2f}   median of all seeds: {ratio:.2f}"
)

# %%
# Learning curves
# ---------------
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
finite = [loss for loss in losses if np.isfinite(loss)]
axes[0].semilogy(range(1, len(finite) + 1), finite, "o-", color="#cf3f52")
axes[0].text(2.4, finite[-1], "inf in epoch 3", va="center")
axes[0].set(title="unscaled", ylabel="squared error", xlim=(0.5, 10.5))
axes[1].plot(range(1, 11), near, "o-", color="#0072B2")
axes[1].set(title="scaled from 0 to 1", ylim=(0, None), xlim=(0.5, 10.5))
for ax in axes:
    ax.set(xlabel="epoch", xticks=range(1, 11))
    ax.spines[["top", "right"]].set_visible(False)
figure.savefig("scaling.png", dpi=100)
print("Figure: scaling.png")

# %%
# Classification
# --------------
# Another deck has five samples with one feature from 1 to 9 and one from -5000 to 9000. Without
# scaling, the large feature dominates. With standardised features, the network classifies all
# samples correctly.
X = np.array([[1, 9000], [2, -5000], [4, -2000], [6, 8000], [9, 9000]])
y = np.array(["A", "A", "B", "B", "C"])
network = MLPClassifier(
    hidden_layer_sizes=(8,), learning_rate_init=0.01, max_iter=300, tol=None, random_state=0
)
print(f"\naccuracy on five unscaled samples: {network.fit(X, y).score(X, y):.1f}")
print(f"standardised: {make_pipeline(StandardScaler(), network).fit(X, y).score(X, y):.1f}")
