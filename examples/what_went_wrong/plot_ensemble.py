"""
Recognise memorised samples, and average several networks
=========================================================

The deck "DNN (Deep Neural Net)" predicts the price of ten houses from their size. It warns that a
model may have memorised its training samples, and must therefore be tested on other samples. The
deck also averages several networks that differ only in their initial weights. scikit-learn's
``BaggingClassifier`` and ``BaggingRegressor`` compute this average.
"""

# %%
# Evaluation on the training samples
# ----------------------------------
# Leave-one-out validation predicts each house with a network that was not trained on it. We compare
# its error with the error on the training samples.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import LeaveOneOut, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.datasets import is_available, load_house_sizes, load_mnist

houses = load_house_sizes()
X, y = houses.data, houses.target


def pricer(units, epochs):
    net = MLPRegressor(
        hidden_layer_sizes=units,
        solver="adam",
        learning_rate_init=0.01,
        alpha=0,
        normalize_y=True,
        max_iter=epochs,
        tol=None,
        random_state=0,
    )
    return make_pipeline(StandardScaler(), net)


models = {"a line": pricer((), 400), "a large network": pricer((100, 100), 400)}
print("mean error in thousands of dollars")
print(f"{'':18}{'training houses':>16}{'other houses':>20}")
for name, model in models.items():
    own = mean_absolute_error(y, model.fit(X, y).predict(X))
    unseen = mean_absolute_error(y, cross_val_predict(model, X, y, cv=LeaveOneOut()))
    print(f"{name:18}{own:16.1f}{unseen:20.1f}")

# %%
# The predictions of the network are nearly exact for the training houses, but for other houses
# they are worse than those of a linear model. Ten networks with different initial weights
# disagree where there are no training houses.
ensemble = BaggingRegressor(models["a large network"], n_estimators=10, bootstrap=False)
ensemble.set_params(random_state=0).fit(X, y)
sizes = np.linspace(1200, 3200, 200)[:, None]

figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
for number, member in enumerate(ensemble.estimators_):
    label = "ten networks" if number == 0 else None
    ax.plot(sizes, member.predict(sizes), color="#56B4E9", lw=1.2, label=label)
ax.plot(sizes, ensemble.predict(sizes), color="#0072B2", lw=2.4, label="their average")
ax.plot(sizes, models["a line"].predict(sizes), color="#6f7680", ls="--", label="a line")
ax.plot(X, y, "o", color="#cf3f52", label="the ten houses")
ax.set(xlabel="size, square feet", ylabel="price, thousands of dollars", ylim=(150, 650))
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
figure.savefig("ensemble.png", dpi=100)
print("Figure: ensemble.png")

# %%
# The average of several seeds
# ----------------------------
# With ``bootstrap=False``, every network is trained on all samples, and the networks differ only in
# their seed. Their probabilities are averaged. The decks have no result for this ensemble.
if is_available("mnist"):
    X, y = load_mnist(subset="train", return_X_y=True)
    X, n_train = X.astype("float32") / 255, 2000
else:
    print("MNIST was not found (SKNN_TIPS_DATA): using scikit-learn's digits.")
    X, y = load_digits(return_X_y=True)
    X, n_train = X / 16, 400
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=n_train, test_size=min(5000, len(y) - n_train), stratify=y, random_state=0
)
net = MLPClassifier(hidden_layer_sizes=(256,), max_iter=15, tol=None)
average = BaggingClassifier(net, n_estimators=8, bootstrap=False, random_state=0)
average.fit(X_train, y_train)

single = np.array([member.score(X_test, y_test) for member in average.estimators_])
print(f"\ntest accuracy, {n_train:,} training samples")
print(f"single networks    {single.mean():.4f} (from {single.min():.4f} to {single.max():.4f})")
print(f"average of {len(single)}       {average.score(X_test, y_test):.4f}")
