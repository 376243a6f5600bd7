"""
Stop training at a given accuracy
=================================

The deck "DNN (Deep Neural Net)" defines a callback that ends training when the *training*
accuracy on Fashion-MNIST reaches 80 %. This package provides such a callback. Since all callbacks
are those of skorch, you can also write it in five lines.

If the files of Fashion-MNIST are not available, scikit-learn's small digits dataset is used
instead.
"""

# %%
# The data
# --------
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
    print("Fashion-MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    batch_size = 8

# %%
# Three ways to define the callback
# ---------------------------------
# Use the callback of the package; or, as in the deck, a class that sets ``stop_training``; or a
# function that returns True to stop training.


class StopAtEighty(Callback):
    """The callback of the deck, as a callback of skorch."""

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
# As in the deck, training has at most ten epochs. The deck does not show its network; here, a
# network with one hidden layer and plain SGD needs several epochs. (Adam needs only one.)
print("deck: training ends when the training accuracy is at least 80 %")
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
# Accuracy during training
# ------------------------
figure, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
TrainingHistoryDisplay.from_estimator(net, metrics="accuracy", ax=ax)
ax.axhline(0.8, color="#cf3f52", ls=":")
ax.annotate("80 %", (1, 0.8), xytext=(0, 4), textcoords="offset points", color="#cf3f52")
figure.savefig("stop_at.png", dpi=100)
print("Figure: stop_at.png")
