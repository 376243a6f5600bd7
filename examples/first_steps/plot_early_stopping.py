"""
Keep the weights of the best epoch
==================================

The deck "Keras Application & Tips" trains a 784-10 network on MNIST with ``ModelCheckpoint`` (for
the best validation loss) and ``EarlyStopping`` (with a patience of ten epochs). It then evaluates
the model in memory, which is that of the *last* epoch. In this package, ``early_stopping=True``
restores the weights of the best epoch; ``monitor`` defines which epoch is the best.

If the files of MNIST are not available, scikit-learn's small digits dataset is used instead.
"""

# %%
# The data
# --------
import tempfile
import warnings
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier, evaluate
from sknn_tips.callbacks import ModelCheckpoint
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
# As in the deck, the test samples are the validation set. (In practice, do not pass ``X_val``: a
# tenth of the training samples is then held out, and the test samples are not used.) The
# checkpoint also writes the weights of the best epoch to a file. This is often not necessary,
# since the estimator restores them.
folder = tempfile.TemporaryDirectory()
checkpoint = ModelCheckpoint(Path(folder.name) / "best.safetensors", monitor="val_loss")
net = MLPClassifier(
    hidden_layer_sizes=(),
    init="glorot_uniform",
    optimizer="adam",
    learning_rate_init=0.001,
    alpha=0,
    batch_size=200,
    max_iter=32,
    early_stopping=True,
    monitor="val_loss",
    n_iter_no_change=10,
    tol=0,
    metrics=["accuracy"],
    callbacks=[checkpoint],
    random_state=0,
)
with warnings.catch_warnings():  # the deck trains for 32 epochs, converged or not
    warnings.simplefilter("ignore", ConvergenceWarning)
    net.fit(X_train, y_train, X_val=X_test, y_val=y_test)
print(net.history_[["val_loss", "val_accuracy", "loss", "accuracy"]].tail().round(4))
print(f"The checkpoint wrote epoch {checkpoint.best_epoch_}, the estimator kept {net.best_epoch_}.")
folder.cleanup()

# %%
# Comparison of the best and the last epoch
# -----------------------------------------
restored = evaluate(net, X_test, y_test)
last = net.history_.iloc[-1]
print(f"{'':32}{'deck':>9}{'here':>9}")
print(f"{'best epoch':32}{25:9}{net.best_epoch_:9}")
print(f"{'  validation loss, restored':32}{0.2612:9.4f}{restored['loss']:9.4f}")
print(f"{'  validation accuracy, restored':32}{0.9279:9.4f}{restored['accuracy']:9.4f}")
print(f"{'last epoch':32}{32:9}{net.n_iter_:9}")
print(f"{'  validation loss':32}{0.26375:9.5f}{last['val_loss']:9.5f}")
print(f"{'  validation accuracy':32}{0.9266:9.4f}{last['val_accuracy']:9.4f}")

# %%
# The best epoch is marked.
display = TrainingHistoryDisplay.from_estimator(net)
display.figure_.savefig("early_stopping.png", dpi=100)
print("Figure: early_stopping.png")
