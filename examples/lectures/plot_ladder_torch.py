"""
Add one tip after the other, as in the PyTorch lecture
======================================================

The deck "Neural networks" improves a network step by step, by the optimizer, the depth and the
initialisation: from plain SGD with random initial weights to three hidden layers with Xavier
initialisation and dropout. It does not state the learning rates, the batch size and the number of
epochs. With N(0, 1) for its "random" weights, batches of 100, a rate of 0.001 and 15 epochs, the
results are close to those of the deck. To run in less than a minute, this example trains for six
epochs with 6,000 of the 60,000 images, so all accuracies are lower. ``make lectures`` trains in
full, with five seeds; :doc:`/lectures` has the results.

If the files of MNIST are not available, scikit-learn's small digits dataset is used instead.
"""

# %%
# The data
# --------
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available, load_mnist
from sknn_tips.plotting import TrainingHistoryDisplay

if is_available("mnist"):
    X_train, y_train = load_mnist(subset="train", return_X_y=True)
    X_test, y_test = load_mnist(subset="test", return_X_y=True)
    X_train, X_test = X_train.astype("float32") / 255, X_test.astype("float32") / 255
    X_train, y_train = X_train[:6000], y_train[:6000]
    epochs = 6  # 15 for the results of the deck
else:
    print("MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    epochs = 15

# %%
# The models
# ----------
# The deck trains the last model twice, with accuracies of .9776 and .9815; it plots the second run.
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
# Learning curves
# ---------------
# Weights from N(0, 1) are about twenty times too large for 784 inputs. The initial losses are in
# the tens and hundreds, and Adam needs many epochs to reduce them. With Xavier initialisation,
# the loss is small from the start.
display = TrainingHistoryDisplay.from_estimator(nets, loss_scale="log")
display.figure_.savefig("ladder_torch.png", dpi=100)
print("Figure: ladder_torch.png")
