"""
Choose a learning rate
======================

The learning rate is the most important parameter. If it is too small, training is slow; if it is
too large, training overshoots the minimum. ``learning_rate_range`` suggests a rate, and two small
experiments of the lectures show why it matters.
"""

# %%
# Let the package suggest a rate
# ------------------------------
# ``learning_rate_range`` trains a copy of the model, increases the rate in every step, and suggests
# a rate below the one at which the loss is smallest. It takes about a second.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, learning_rate_range
from sknn_tips.datasets import load_learning_rate_toy
from sknn_tips.plotting import TrainingHistoryDisplay

model = make_pipeline(StandardScaler(), MLPClassifier(optimizer="sgd", random_state=0))
found = learning_rate_range(model, *load_digits(return_X_y=True))
print(f"suggested rate: {found.suggested_rate:g}")
figure, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
found.plot(ax)
figure.savefig("learning_rate_range.png", dpi=100)

# %%
# An experiment of the lectures
# -----------------------------
# The deck "Keras Application & Tips" trains a softmax regression on eight samples, with plain SGD
# and a rate of 0.1 for 200 epochs, and evaluates it on three samples. The scores on these are only
# recorded.
X, y = load_learning_rate_toy(return_X_y=True)
X_val, y_val = load_learning_rate_toy(subset="test", return_X_y=True)


def trained(rate, seed=0):
    net = MLPClassifier(
        hidden_layer_sizes=(),
        init="normal",
        init_params={"std": 1.0},
        optimizer="sgd",
        momentum=0,
        learning_rate_init=rate,
        alpha=0,
        max_iter=200,
        tol=None,
        metrics=["accuracy"],
        random_state=seed,
    )
    return net.fit(X, y, X_val=X_val, y_val=y_val)


# The deck does not state its initial weights. With N(0, 1), about six seeds of ten reach both of
# its accuracies.
figures = {"loss": 0.6094, "accuracy": 0.75, "val_loss": 0.0289, "val_accuracy": 1.0}
starts = pd.DataFrame([trained(0.1, seed).history_.iloc[-1] for seed in range(20)])
print(f"{'':14}{'deck':>8}{'here: median of 20 seeds':>28}{'lowest':>9}{'highest':>9}")
for column, figure in figures.items():
    found = starts[column]
    shown = f"{found.median():28.4f}{found.min():9.4f}{found.max():9.4f}"
    print(f"{column:14}{figure:8.4f}{shown}")

# %%
# With momentum, the results are better for the same rate and number of epochs.
momentum = MLPClassifier(
    hidden_layer_sizes=(),
    init="normal",
    init_params={"std": 1.0},
    optimizer="momentum",
    learning_rate_init=0.1,
    alpha=0,
    max_iter=200,
    tol=None,
    metrics=["accuracy"],
    random_state=0,
).fit(X, y, X_val=X_val, y_val=y_val)
print("\nwith momentum 0.9:")
print(momentum.history_[list(figures)].tail(1).round(4).to_string(index=False))

# %%
# Several learning rates
# ----------------------
# With 0.001 the loss decreases very slowly; with 0.01 it still decreases at the end. With 1 and 10
# every step overshoots the minimum, and the loss oscillates.
rates = [0.001, 0.01, 0.1, 1.0, 10.0]
histories = {f"rate {rate:g}": trained(rate).history_[["loss"]] for rate in rates}

figure, (valley, curves) = plt.subplots(
    1, 2, figsize=(11, 4.3), width_ratios=[0.8, 1], layout="constrained"
)
TrainingHistoryDisplay.from_history(
    histories, loss_scale="log", curve_kwargs={"linewidth": 1.3}, ax=curves
)
curves.set(title="toy data, several rates", ylim=(0.4, 3000))

# %%
# Explanation with one weight
# ---------------------------
# Another deck plots gradient descent with rates of 0.5, 10 and 0.001. Here the loss is a parabola
# whose derivative at w is 0.21 w, so a step multiplies the weight by 1 - 0.21 * rate. With 0.5
# the factor is 0.895. With 0.001 it is almost 1, so twenty steps have almost no effect. With 10
# it is -1.1: every step moves to the other side of the minimum, and further away from it.
w = np.linspace(-10, 10, 200)
valley.plot(w, 0.105 * w**2, color="#6f7680")
for rate, start, n_steps, color in [
    (10, 4, 8, "#E69F00"),
    (0.5, -8, 20, "#009E73"),
    (0.001, 8, 20, "#0072B2"),
]:
    path = start * (1 - 0.21 * rate) ** np.arange(n_steps + 1)
    line = {"markersize": 5, "linewidth": 1, "label": f"rate {rate:g}, {n_steps} steps"}
    valley.plot(path, 0.105 * path**2, "o-", color=color, **line)
valley.set(title="one weight", xlabel="w", ylabel="loss")
valley.spines[["top", "right"]].set_visible(False)
valley.legend(frameon=False, loc="upper center")
figure.savefig("learning_rates.png", dpi=100)
print("Figure: learning_rates.png")
