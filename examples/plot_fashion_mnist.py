"""
A1: Fashion-MNIST with batch normalisation
==========================================

The first deck ("Week3: Neural Network, Techniques, Fashion MNIST Classifier") tells ten kinds of
clothes apart by one hidden layer of 512 units: layer, batch normalisation, ReLU, softmax. Batch
normalisation lets the learning rate be ten times the usual one. The deck tests 78 batches of 128
pictures, which is 9,984 of the 10,000, and gets 87.83 % of them right.

Without the files of Fashion-MNIST (see :func:`~sknn_tips.datasets.load_fashion_mnist`),
scikit-learn's small digits take their place.
"""

# %%
# The data: pixels from 0 to 1
# ----------------------------
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier, evaluate, summary
from sknn_tips.datasets import is_available, load_fashion_mnist

if is_available("fashion_mnist"):
    train, test = load_fashion_mnist(subset="train"), load_fashion_mnist(subset="test")
    X_train, y_train = train.data.astype("float32") / 255, train.target
    X_test, y_test = test.data.astype("float32") / 255, test.target
    names = train.target_names
else:
    print("No files of Fashion-MNIST (SKNN_TIPS_DATA): scikit-learn's digits instead.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    names = [str(digit) for digit in range(10)]
X_test, y_test = X_test[:9984], y_test[:9984]

# %%
# The network
# -----------
# The deck's own table says 409,098 parameters, 408,074 trainable and 1,024 not: the running means
# and variances of batch normalisation are no parameters of the gradient.
net = MLPClassifier(
    hidden_layer_sizes=(512,),
    activation="relu",
    batchnorm="before",
    init="glorot_uniform",
    optimizer="adam",
    learning_rate_init=0.01,
    alpha=0,
    batch_size=128,
    max_iter=30,
    tol=None,  # exactly 30 epochs
    random_state=0,
)
print(summary(net, n_features=784, n_outputs=10))

# %%
# Training: the deck's 30 epochs
# ------------------------------
net.fit(X_train, y_train)
found = evaluate(net, X_test, y_test)
print(f"{'':20}{'deck':>8}{'here':>8}")
print(f"{'test accuracy':20}{0.8783:8.4f}{found['accuracy']:8.4f}")
print(f"{'test loss':20}{0.8617:8.4f}{found['loss']:8.4f}")
print(f"{'training accuracy':20}{0.967:8.4f}{net.score(X_train, y_train):8.4f}")

# %%
# Training accuracy near 1 and a test loss that has grown: the network overfits. See the example on
# regularisers for what helps.
#
# Twenty-five test pictures
# -------------------------
# Of the deck's 25, the network got 23 right. Wrong ones are red here.
predicted = net.predict(X_test[:25])
print(f"{'25 pictures, right':20}{23:8}{(predicted == y_test[:25]).sum():8}")

side = int(X_test.shape[1] ** 0.5)
figure, axes = plt.subplots(5, 5, figsize=(8, 9), layout="constrained")
for ax, picture, guess, truth in zip(axes.flat, X_test, predicted, y_test, strict=False):
    ax.imshow(picture.reshape(side, side), cmap="gray_r")
    right = guess == truth
    title = names[guess] if right else f"{names[guess]}\nnot {names[truth]}"
    ax.set_title(title, fontsize=9, color="black" if right else "#cf3f52")
    ax.set(xticks=[], yticks=[])
figure.savefig("fashion_mnist.png", dpi=100)
print(f"Picture: {Path('fashion_mnist.png').resolve()}")
