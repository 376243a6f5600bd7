"""
Train a classifier and look at its errors
=========================================

This example trains a network on small images of digits, plots the loss and the accuracy of each
epoch, and shows which digits are confused. The data is part of scikit-learn.
"""

# %%
# The data and the model
# ----------------------
# The scaler is a step of a Pipeline, so that new images are scaled in the same way. With
# ``early_stopping=True``, a tenth of the training images is held out, and the weights of the epoch
# with the smallest loss on it are kept.
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.plotting import TrainingHistoryDisplay

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

net = MLPClassifier(
    hidden_layer_sizes="64x2",  # two hidden layers of 64 units
    dropout=0.2,
    max_iter=40,
    tol=None,  # exactly 40 epochs
    early_stopping=True,
    monitor="val_loss",
    metrics=["accuracy"],
    random_state=0,
)
model = make_pipeline(StandardScaler(), net).fit(X_train, y_train)
print(f"best epoch {model[-1].best_epoch_}, test accuracy {model.score(X_test, y_test):.3f}")

# %%
# The record of the training
# --------------------------
# ``history_`` is a DataFrame with one row per epoch.
print(model[-1].history_.tail(3).round(3).to_string())

# %%
# The confused digits
# -------------------
figure, ax = plt.subplots(figsize=(5, 4.2), layout="constrained")
ConfusionMatrixDisplay.from_estimator(model, X_test, y_test, cmap="Blues", colorbar=False, ax=ax)
figure.savefig("classification_errors.png", dpi=100)

# %%
# Learning curves
# ---------------
# The best epoch is marked.
display = TrainingHistoryDisplay.from_estimator(model)
display.figure_.savefig("classification.png", dpi=100)
print("Figure: classification.png")
