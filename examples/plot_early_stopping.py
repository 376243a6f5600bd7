"""
A8: keeping the best epoch
==========================

The deck "Keras Application & Tips" trains 784-10 on MNIST with ``ModelCheckpoint`` (the best
validation loss) and ``EarlyStopping`` (ten epochs of patience), then evaluates the model that it
holds, which is the one of the *last* epoch. Here ``early_stopping=True`` puts the best epoch's
weights back by itself; ``monitor`` says what "best" means.

Without the files of MNIST, scikit-learn's small digits take their place.
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
    print("No files of MNIST (SKNN_TIPS_DATA): scikit-learn's digits instead.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

# %%
# Training
# --------
# As in the deck, the test rows are the validation set. (In earnest, leave ``X_val`` out: a tenth of
# the training rows is held out then, and the test rows stay unseen.) The weights of the best epoch
# also go to a file; often the estimator's own memory of them is all that is needed.
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
with warnings.catch_warnings():  # 32 epochs are what the deck trains, converged or not
    warnings.simplefilter("ignore", ConvergenceWarning)
    net.fit(X_train, y_train, X_val=X_test, y_val=y_test)
print(net.history_[["val_loss", "val_accuracy", "loss", "accuracy"]].tail().round(4))
print(f"The checkpoint wrote epoch {checkpoint.best_epoch_}, the estimator kept {net.best_epoch_}.")
folder.cleanup()

# %%
# The best epoch, next to the last
# --------------------------------
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
# The mark is the best epoch.
display = TrainingHistoryDisplay.from_estimator(net)
display.figure_.savefig("early_stopping.png", dpi=100)
print(f"Picture: {Path('early_stopping.png').resolve()}")
