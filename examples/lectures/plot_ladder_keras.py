"""
Add one tip after the other, as in the Keras lecture
====================================================

The deck "Keras Application & Tips" starts with a softmax regression without hidden layers and
adds one technique after the other: hidden layers, ReLU instead of linear units, Glorot
initialisation, more layers (five layers of 256 units), dropout, and a penalty on the activations.
The deck trains each network for 20 epochs with all 60,000 images. To run in less than a minute,
this example trains for six epochs with 6,000 images, so all accuracies are lower, and the last
tips have less effect. ``make lectures`` trains in full, with five seeds; :doc:`/lectures` has the
results.

If the files of MNIST are not available, scikit-learn's small digits dataset is used instead.
"""

# %%
# The data
# --------
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available, load_mnist

if is_available("mnist"):
    X_train, y_train = load_mnist(subset="train", return_X_y=True)
    X_test, y_test = load_mnist(subset="test", return_X_y=True)
    X_train, X_test = X_train.astype("float32") / 255, X_test.astype("float32") / 255
    X_train, y_train = X_train[:6000], y_train[:6000]
    epochs = 6  # 20 in the deck
else:
    print("MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    epochs = 20

# %%
# The models
# ----------
# ``base`` contains the parameters that all models share. The last model uses our own settings for
# the network with five hidden layers: batch normalisation, He initialisation, smaller batches,
# and a cosine schedule. These settings were chosen on a part of the training samples.
base = MLPClassifier(
    activation="relu",
    init="glorot_uniform",
    optimizer="adam",
    learning_rate_init=0.001,
    alpha=0,
    batch_size=512,
    max_iter=epochs,
    tol=None,
    n_threads=1,  # with two, as large steps use, the fit is slow if other programs run
    random_state=0,
).get_params()
two = {"hidden_layer_sizes": "256x2"}
five = {"hidden_layer_sizes": "256x5"}
ours = {
    "batchnorm": "before",
    "dropout": 0.2,
    "init": "he_normal",
    "batch_size": 128,
    "learning_rate_init": 0.002,
    "learning_rate": "cosine",
}
rungs = {
    "no hidden layer": ({"hidden_layer_sizes": (), "init": "uniform"}, 0.8947),
    "two hidden layers, linear": ({**two, "init": "uniform", "activation": "identity"}, 0.9267),
    "ReLU": ({**two, "init": "uniform"}, 0.9806),
    "Glorot initialisation": (two, 0.9817),
    "five hidden layers": (five, 0.9798),
    "five, dropout 0.1": ({**five, "dropout": 0.1}, 0.9803),
    "five, dropout 0.2": ({**five, "dropout": 0.2}, 0.9840),
    "five, dropout 0.3": ({**five, "dropout": 0.3}, 0.9819),
    "five, dropout 0.2, L1 of activations": ({**five, "dropout": 0.2, "activity_l1": 1e-6}, 0.9815),
    "five, our settings": ({**five, **ours}, None),
}
accuracy = {}
print(f"{'test accuracy':38}{'deck, 20 epochs':>16}{f'here, {epochs} epochs':>16}")
for name, (tips, deck) in rungs.items():
    net = MLPClassifier(**{**base, **tips}).fit(X_train, y_train)
    accuracy[name] = net.score(X_test, y_test)
    print(f"{name:38}{f'{deck:.4f}' if deck else '':>16}{accuracy[name]:16.4f}", flush=True)

# %%
# Test errors
# -----------
figure, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
names = list(rungs)
deck_errors = [100 * (1 - deck) if deck else float("nan") for _, deck in rungs.values()]
ax.barh(names, [100 * (1 - accuracy[name]) for name in names], color="#0072B2", height=0.6)
ax.plot(deck_errors, names, "D", color="#cf3f52", label="the deck, 20 epochs")
ax.invert_yaxis()
ax.set(xlabel="wrong test predictions, %", title=f"after {epochs} epochs")
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)
figure.savefig("ladder_keras.png", dpi=100)
print("Figure: ladder_keras.png")
