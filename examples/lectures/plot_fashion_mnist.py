"""
Classify Fashion-MNIST with batch normalisation
===============================================

The first deck ("Week3: Neural Network, Techniques, Fashion MNIST Classifier") classifies ten
kinds of clothes with one hidden layer of 512 units: dense layer, batch normalisation, ReLU,
softmax. Batch normalisation allows a learning rate of ten times the usual one. The deck reports an
accuracy of 87.83 % on 78 batches of 128 images, which are 9,984 of the 10,000 test images.

The deck trains with all 60,000 images. To run in less than a minute, this example trains with
6,000 of them, so its accuracy is lower. ``make lectures ARGS='--only A1'`` trains with all images;
:doc:`/lectures` has the results of five seeds.

If the files of Fashion-MNIST are not available (see
:func:`~sknn_tips.datasets.load_fashion_mnist`), scikit-learn's small digits dataset is used
instead.
"""

# %%
# The data: pixels scaled from 0 to 1
# -----------------------------------
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier, evaluate, summary
from sknn_tips.datasets import is_available, load_fashion_mnist

if is_available("fashion_mnist"):
    train, test = load_fashion_mnist(subset="train"), load_fashion_mnist(subset="test")
    n_train = 6000  # 60,000 in the deck
    X_train, y_train = train.data[:n_train].astype("float32") / 255, train.target[:n_train]
    X_test, y_test = test.data.astype("float32") / 255, test.target
    names = train.target_names
else:
    print("Fashion-MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    names = [str(digit) for digit in range(10)]
X_test, y_test = X_test[:9984], y_test[:9984]

# %%
# The network
# -----------
# As in the table of the deck, there are 409,098 parameters, of which 408,074 are trainable. The
# other 1,024 are the running means and variances of batch normalisation, which have no gradient.
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
# Training for 30 epochs
# ----------------------
# The results of the deck are those of 60,000 training images.
net.fit(X_train, y_train)
found = evaluate(net, X_test, y_test)
print(f"{'':20}{'deck':>8}{'here':>8}")
print(f"{'test accuracy':20}{0.8783:8.4f}{found['accuracy']:8.4f}")
print(f"{'test loss':20}{0.8617:8.4f}{found['loss']:8.4f}")
print(f"{'training accuracy':20}{0.967:8.4f}{net.score(X_train, y_train):8.4f}")

# %%
# The training accuracy is close to 1 and the test loss has increased: the network overfits. The
# example on regularisers compares remedies.
#
# Predictions for 25 test images
# ------------------------------
# In the deck, 23 of 25 predictions are correct. Here, wrong predictions are red.
predicted = net.predict(X_test[:25])
print(f"{'correct of 25 images':20}{23:8}{(predicted == y_test[:25]).sum():8}")

side = int(X_test.shape[1] ** 0.5)
figure, axes = plt.subplots(5, 5, figsize=(8, 9), layout="constrained")
for ax, picture, guess, truth in zip(axes.flat, X_test, predicted, y_test, strict=False):
    ax.imshow(picture.reshape(side, side), cmap="gray_r")
    right = guess == truth
    title = names[guess] if right else f"{names[guess]}\nnot {names[truth]}"
    ax.set_title(title, fontsize=9, color="black" if right else "#cf3f52")
    ax.set(xticks=[], yticks=[])
figure.savefig("fashion_mnist.png", dpi=100)
print("Figure: fashion_mnist.png")
