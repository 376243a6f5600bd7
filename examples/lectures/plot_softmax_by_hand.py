"""
Write softmax regression in numpy, and compare
==============================================

The deck "12. Softmax Classification" implements softmax regression on MNIST without a library of
networks: weights from N(0, 1), batches of 100 in the order of the file, plain gradient descent.
This example does the same in numpy, and with the estimator and the equivalent parameters.

The deck trains with all 60,000 images. To run in some seconds, this example trains with 15,000 of
them, so its accuracy is lower. ``make lectures ARGS='--only A3'`` trains with all images;
:doc:`/lectures` has the results of five seeds.

If the files of MNIST are not available, scikit-learn's small digits dataset is used instead.
"""

# %%
# The data
# --------
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available, load_mnist

if is_available("mnist"):
    X_train, y_train = load_mnist(subset="train", return_X_y=True)
    X_test, y_test = load_mnist(subset="test", return_X_y=True)
    X_train, y_train = X_train[:15_000], y_train[:15_000]
    X_train, X_test = X_train.astype("float32") / 255, X_test.astype("float32") / 255
else:
    print("MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

# %%
# The chain rule
# --------------
# Another deck starts with f = wx + b at w = -2, x = 5, b = 3, and computes the derivatives of f.
# torch, on which the estimator is based, computes derivatives for any network.
w, x, b = (torch.tensor(value, requires_grad=True) for value in (-2.0, 5.0, 3.0))
f = w * x + b
f.backward()
print(f"f = {f:g}: df/dw = x = {w.grad:g}, df/dx = w = {x.grad:g}, df/db = {b.grad:g}\n")

# %%
# Softmax regression in numpy
# ---------------------------
# Softmax converts the ten outputs to probabilities. The gradient of the cross-entropy with
# respect to the outputs is equal to the probabilities minus the one-hot labels.
rng = np.random.default_rng(0)
W = rng.normal(size=(X_train.shape[1], 10)).astype("float32")
b = rng.normal(size=10).astype("float32")
one_hot = np.eye(10, dtype="float32")[y_train]

for _ in range(50):
    losses = []
    for start in range(0, len(X_train), 100):
        batch, truth = X_train[start : start + 100], one_hot[start : start + 100]
        outputs = batch @ W + b
        outputs -= outputs.max(axis=1, keepdims=True)  # so that exp does not overflow
        probabilities = np.exp(outputs)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        losses.append(-np.log((probabilities * truth).sum(axis=1) + 1e-12).mean())
        gradient = (probabilities - truth) / len(batch)
        W -= 0.15 * batch.T @ gradient
        b -= 0.15 * gradient.sum(axis=0)
by_hand = ((X_test @ W + b).argmax(axis=1) == y_test).mean()

# %%
# Softmax regression with the estimator
# -------------------------------------
net = MLPClassifier(
    hidden_layer_sizes=(),
    init="normal",
    init_params={"std": 1.0, "draw_biases": True},
    optimizer="sgd",
    momentum=0,
    learning_rate_init=0.15,
    alpha=0,
    batch_size=100,
    shuffle=False,  # in the order of the file
    max_iter=50,
    tol=None,
    random_state=0,
).fit(X_train, y_train)

print(f"{'':16}{'deck':>10}{'numpy':>10}{'here':>10}")
print(f"{'loss':16}{0.2926:10.4f}{np.mean(losses):10.4f}{net.loss_:10.4f}")
print(f"{'test accuracy':16}{0.9113:10.4f}{by_hand:10.4f}{net.score(X_test, y_test):10.4f}")

# %%
# Some test images
# ----------------
# The first five test images and the first one with a wrong prediction, with the probabilities of
# the ten digits.
wrong = np.flatnonzero(net.predict(X_test) != y_test)[0]
shown = [0, 1, 2, 3, 4, wrong]
side = int(X_test.shape[1] ** 0.5)
figure, axes = plt.subplots(
    2, 6, figsize=(10, 3.6), height_ratios=[1, 0.7], sharey="row", layout="constrained"
)
for (top, bottom), row in zip(axes.T, shown, strict=True):
    top.imshow(X_test[row].reshape(side, side), cmap="gray_r")
    top.set(title=f"image {row}: a {y_test[row]}", xticks=[], yticks=[])
    colors = ["#0072B2" if digit == y_test[row] else "#cf3f52" for digit in range(10)]
    bottom.bar(range(10), net.predict_proba(X_test[row : row + 1])[0], color=colors)
    bottom.set(ylim=(0, 1), xticks=range(10))
    bottom.tick_params(labelsize=8)
    bottom.spines[["top", "right"]].set_visible(False)
axes[1, 0].set_ylabel("probability")
figure.savefig("softmax_by_hand.png", dpi=100)
print("Figure: softmax_by_hand.png")
