"""
Test three claims: ReLU, depth and batch normalisation
======================================================

The lecture decks claim that training with ReLU is about six times faster than with the sigmoid,
that networks with three or more hidden sigmoid layers fail to learn, and that batch normalisation
allows larger learning rates. This example tests each claim on a part of MNIST.

If the files of MNIST are not available, scikit-learn's small digits dataset is used instead.
"""

# %%
# The data
# --------
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available, load_mnist

if is_available("mnist"):
    X, y = load_mnist(subset="train", return_X_y=True)
    X, n_train = X.astype("float32") / 255, 3000
else:
    print("MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X, n_train = X / 16, 1000
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=n_train, test_size=min(2000, len(y) - n_train), stratify=y, random_state=0
)


def fitted(**tips):
    """Fit a network with SGD, the usual optimizer when these claims were made."""
    settings = {"hidden_layer_sizes": "64x2", "learning_rate_init": 0.1, "max_iter": 20, **tips}
    net = MLPClassifier(
        **settings,
        init="glorot_uniform",
        optimizer="sgd",
        momentum=0,
        batch_size=50,
        tol=None,
        random_state=0,
    )
    return net.fit(X_train, y_train)


def epochs_to(loss, net):
    reached = np.flatnonzero(np.array(net.loss_curve_) <= loss)
    return f"{reached[0] + 1}" if len(reached) else f"more than {net.n_iter_}"


# %%
# ReLU is faster than the sigmoid
# -------------------------------
# The number of epochs until the training loss is below 0.5, with two hidden layers.
for name in ("relu", "tanh", "sigmoid"):
    net = fitted(activation=name, max_iter=60)
    print(f"{name:8} {epochs_to(0.5, net):>3} epochs to a training loss of 0.5")

# %%
# The sigmoid fails in deep networks
# ----------------------------------
# The derivative of the sigmoid is at most a quarter, so five sigmoid layers reduce the gradient
# to a thousandth. With He initialisation and ReLU it does not vanish.
depths = range(1, 6)
by_depth = {
    name: [
        fitted(activation=name, hidden_layer_sizes=f"64x{depth}").score(X_test, y_test)
        for depth in depths
    ]
    for name in ("relu", "sigmoid")
}
print(f"\n{'hidden layers':14}" + "".join(f"{depth:8}" for depth in depths))
for name, scores in by_depth.items():
    print(f"{name:14}" + "".join(f"{score:8.3f}" for score in scores))

# %%
# Batch normalisation allows larger learning rates
# ------------------------------------------------
rates = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
by_rate = {
    "without": [
        fitted(learning_rate_init=rate, max_iter=5).score(X_test, y_test) for rate in rates
    ],
    "batch normalisation": [
        fitted(learning_rate_init=rate, max_iter=5, batchnorm=True).score(X_test, y_test)
        for rate in rates
    ],
}
print(f"\n{'rate':20}" + "".join(f"{rate:8g}" for rate in rates))
for name, scores in by_rate.items():
    print(f"{name:20}" + "".join(f"{score:8.3f}" for score in scores))

# %%
# Figure
# ------
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), sharey=True, layout="constrained")
for name, scores in by_depth.items():
    axes[0].plot(depths, scores, "o-", label=name)
axes[0].set(xlabel="hidden layers", ylabel="test accuracy", xticks=depths, ylim=(0, 1))
for name, scores in by_rate.items():
    axes[1].semilogx(rates, scores, "o-", label=name)
axes[1].set(xlabel="learning rate")
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="lower left")
figure.savefig("claims.png", dpi=100)
print("Figure: claims.png")
