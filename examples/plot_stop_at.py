"""
D1: a callback that stops training at 80 %
==========================================

The deck "DNN (Deep Neural Net)" writes a callback that ends training once 80 % of the *training*
pictures of Fashion-MNIST are told apart. Here it is one of the package's own, and, since callbacks
are skorch's, five lines by hand.

Without the files of Fashion-MNIST, scikit-learn's small digits take their place.
"""

# %%
# The data
# --------
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from skorch.callbacks import Callback

from sknn_tips import MLPClassifier
from sknn_tips.callbacks import LambdaCallback, StopAt
from sknn_tips.datasets import is_available, load_fashion_mnist
from sknn_tips.plotting import TrainingHistoryDisplay

if is_available("fashion_mnist"):
    X_train, y_train = load_fashion_mnist(subset="train", return_X_y=True)
    X_test, y_test = load_fashion_mnist(subset="test", return_X_y=True)
    X_train, X_test = X_train.astype("float32") / 255, X_test.astype("float32") / 255
    batch_size = 128
else:
    print("No files of Fashion-MNIST (SKNN_TIPS_DATA): scikit-learn's digits instead.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    batch_size = 8

# %%
# Three ways to write it
# ----------------------
# The package's own; the deck's, a class that sets ``stop_training``; and a function, whose return
# value stops training.


class StopAtEighty(Callback):
    """What the deck writes, with skorch's hooks."""

    def on_epoch_end(self, net, **kwargs):
        if net.history[-1]["train_accuracy"] >= 0.8:
            net.stop_training = True


stops = {
    "StopAt": StopAt("accuracy", 0.8),
    "a class": StopAtEighty(),
    "a function": LambdaCallback(
        on_epoch_end=lambda net, **kwargs: net.history[-1]["train_accuracy"] >= 0.8
    ),
}

# %%
# Training
# --------
# At most ten epochs, as in the deck. Its net is not given; plain SGD on one hidden layer takes some
# epochs to get there. (Adam is there after the first.)
print("deck: training ends once 80 % of the training rows are right")
for name, callback in stops.items():
    net = MLPClassifier(
        hidden_layer_sizes=(128,),
        optimizer="sgd",
        learning_rate_init=0.005,
        batch_size=batch_size,
        momentum=0,
        max_iter=10,
        tol=None,
        metrics=["accuracy"],
        callbacks=[callback],
        random_state=0,
    ).fit(X_train, y_train, X_val=X_test, y_val=y_test)
    reached = net.history_["accuracy"].iloc[-1]
    print(
        f"here, {name:10}: {net.n_iter_} epochs, {reached:.4f}, stop_reason_={net.stop_reason_!r}"
    )

# %%
# The accuracy on the way
# -----------------------
figure, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
TrainingHistoryDisplay.from_estimator(net, metrics="accuracy", ax=ax)
ax.axhline(0.8, color="#cf3f52", ls=":")
ax.annotate("80 %", (1, 0.8), xytext=(0, 4), textcoords="offset points", color="#cf3f52")
figure.savefig("stop_at.png", dpi=100)
print(f"Picture: {Path('stop_at.png').resolve()}")
