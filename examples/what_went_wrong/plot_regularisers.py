"""
Compare remedies against overfitting
====================================

The decks list several remedies against overfitting: L2 and L1 penalties, both together, a penalty
on the activations, weight decay, dropout, and more data. This example compares them on a small
part of MNIST, on which a large network overfits.

If the files of MNIST are not available, scikit-learn's small digits dataset is used instead.
"""

# %%
# The data: few training samples
# ------------------------------
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available, load_mnist

if is_available("mnist"):
    X, y = load_mnist(subset="train", return_X_y=True)
    X, n_train = X.astype("float32") / 255, 1000
else:
    print("MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X, n_train = X / 16, 200
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=n_train, test_size=min(1000, len(y) - n_train), stratify=y, random_state=0
)

# %%
# The regularisers
# ----------------
# ``alpha`` is scikit-learn's L2 penalty; Keras's ``l2(lam)`` is equal to
# ``alpha=2 * lam * batch_size``. ``l1`` and ``activity_l1`` are defined as in Keras.
# ``weight_decay`` reduces the weights independently of the gradient, which for Adam is not the same
# as an L2 penalty.
base = MLPClassifier(
    hidden_layer_sizes="256x2",
    alpha=0,
    batch_size=50,
    max_iter=40,
    tol=None,
    random_state=0,
).get_params()
regularisers = {
    "none": {},
    "L2": {"alpha": 2 * 3e-4 * 50},
    "L1": {"l1": 1e-4},
    "L1 + L2": {"l1": 5e-5, "alpha": 2 * 1e-4 * 50},
    "L1 of activations": {"activity_l1": 1e-3},
    "weight decay": {"optimizer": "adamw", "weight_decay": 1.0},
    "dropout": {"dropout": 0.5},
    "dropout, also input": {"dropout": 0.5, "input_dropout": 0.2},
}
nets = {}
print(f"{n_train:,} samples      {'accuracy on':>18}{'test':>8}{'test':>8}{'weights':>9}")
print(f"{'':19}{'training':>18}{'':8}{'loss':>8}{'near 0':>9}")
for name, tips in regularisers.items():
    net = MLPClassifier(**{**base, **tips}).fit(X_train, y_train, X_val=X_test, y_val=y_test)
    near_zero = np.mean(np.concatenate([np.abs(weights).ravel() < 1e-3 for weights in net.coefs_]))
    accuracy = f"{net.score(X_train, y_train):18.4f}{net.score(X_test, y_test):8.4f}"
    print(
        f"{name:19}{accuracy}{net.history_['val_loss'].iloc[-1]:8.3f}{near_zero:9.0%}", flush=True
    )
    nets[name] = net

# %%
# The loss on test samples
# ------------------------
# In the end, all networks have memorised their training samples. Without a regulariser, the test
# loss then increases, because the network becomes more and more confident in its wrong
# predictions. (This loss does not include the penalties.)
figure, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
for number, (name, net) in enumerate(nets.items()):
    color = "black" if name == "none" else plt.get_cmap("tab10")(number - 1)
    ax.plot(net.history_["val_loss"], color=color, lw=2.2 if name == "none" else 1.5, label=name)
ax.set(xlabel="epoch", ylabel="test loss", ylim=(0.3, 0.6))
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, ncols=2)
figure.savefig("regularisers.png", dpi=100)
print("Figure: regularisers.png")
