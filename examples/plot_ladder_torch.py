"""
A10: a ladder of tips on MNIST, in PyTorch's deck
=================================================

The deck "Neural networks" climbs by optimizer, depth and initialisation: from plain SGD on random
weights to three hidden layers with Xavier's weights and dropout. It names no rates, batches or
epochs; N(0, 1) as its "random" weights, batches of 100, a rate of 0.001 and 15 epochs come near its
figures. So that this page is built in a minute, it trains four epochs; ``make lectures`` trains all
of it, with five seeds, and ``docs/lectures.md`` has the figures.

Without the files of MNIST, scikit-learn's small digits take their place.
"""

# %%
# The data
# --------
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available, load_mnist
from sknn_tips.plotting import TrainingHistoryDisplay

if is_available("mnist"):
    X_train, y_train = load_mnist(subset="train", return_X_y=True)
    X_test, y_test = load_mnist(subset="test", return_X_y=True)
    X_train, X_test = X_train.astype("float32") / 255, X_test.astype("float32") / 255
    epochs = 4  # for the deck's figures: 15
else:
    print("No files of MNIST (SKNN_TIPS_DATA): scikit-learn's digits instead.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    epochs = 15

# %%
# The ladder
# ----------
# The deck runs its last rung twice, with .9776 and .9815; the second run is the one that it draws.
base = MLPClassifier(
    init="glorot_uniform",
    optimizer="adam",
    learning_rate_init=0.001,
    alpha=0,
    batch_size=100,
    max_iter=epochs,
    tol=None,
    metrics=["accuracy"],
    random_state=0,
).get_params()
random = {"init": "normal", "init_params": {"std": 1.0}}
rungs = {
    "no hidden layer, random, SGD": (
        {"hidden_layer_sizes": (), **random, "optimizer": "sgd", "momentum": 0},
        0.42,
    ),
    "no hidden layer, random, Adam": ({"hidden_layer_sizes": (), **random}, 0.77),
    "two hidden layers, random": ({"hidden_layer_sizes": "256x2", **random}, 0.94),
    "two hidden layers, Xavier": ({"hidden_layer_sizes": "256x2"}, 0.9791),
    "three hidden layers, Xavier": ({"hidden_layer_sizes": "256x3"}, 0.9824),
    "the same, dropout 0.3": ({"hidden_layer_sizes": "256x3", "dropout": 0.3}, 0.9815),
}
nets = {}
print(f"{'test accuracy':34}{'deck':>8}{f'here, {epochs} epochs':>16}")
for name, (tips, deck) in rungs.items():
    net = MLPClassifier(**{**base, **tips})
    nets[name] = net.fit(X_train, y_train, X_val=X_test, y_val=y_test)
    print(f"{name:34}{deck:8.4f}{net.score(X_test, y_test):16.4f}", flush=True)

# %%
# Training, rung by rung
# ----------------------
# Weights from N(0, 1) are some twenty times too large for 784 inputs: the losses start in the tens
# and hundreds, and Adam spends its epochs coming down. Xavier's start where learning begins.
display = TrainingHistoryDisplay.from_estimator(nets, loss_scale="log")
display.figure_.savefig("ladder_torch.png", dpi=100)
print(f"Picture: {Path('ladder_torch.png').resolve()}")
