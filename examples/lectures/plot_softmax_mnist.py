"""
Classify MNIST without a hidden layer
=====================================

The deck "12. Softmax Classification" ends with a model in Keras: 784 inputs, ten softmax outputs,
7,850 parameters, Adam, batches of 100, 15 epochs, validated on the test samples. It plots the
loss and the accuracy over the epochs, and reaches a test accuracy of 92.78 %.

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
else:
    print("MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

# %%
# Training
# --------
# Without early stopping, ``X_val`` and ``y_val`` do not affect training; their scores are only
# recorded.
net = MLPClassifier(
    hidden_layer_sizes=(),
    init="glorot_uniform",
    optimizer="adam",
    learning_rate_init=0.001,
    alpha=0,
    batch_size=100,
    max_iter=15,
    tol=None,
    metrics=["accuracy"],
    random_state=0,
).fit(X_train, y_train, X_val=X_test, y_val=y_test)

n_parameters = net.coefs_[0].size + net.intercepts_[0].size
print(f"{'':16}{'deck':>10}{'here':>10}")
print(f"{'parameters':16}{7850:10,}{n_parameters:10,}")
print(f"{'test accuracy':16}{0.9278:10.4f}{net.score(X_test, y_test):10.4f}")

# %%
# Loss and accuracy
# -----------------
display = TrainingHistoryDisplay.from_estimator(net)
display.figure_.savefig("softmax_mnist.png", dpi=100)
print("Figure: softmax_mnist.png")
