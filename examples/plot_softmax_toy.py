"""
A2: softmax on eight rows
=========================

The deck "12. Softmax Classification" starts with eight rows of four whole numbers and three
classes, weights and biases drawn from N(0, 1), and 2,000 steps of plain gradient descent. A network
without a hidden layer is exactly this softmax regression.
"""

# %%
# The deck's training
# -------------------
# ``"gd"`` sees all rows at every step. The biases are drawn too, as in the deck.
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sknn_tips import MLPClassifier
from sknn_tips.datasets import load_grades, load_softmax_toy

X, y = load_softmax_toy(return_X_y=True)


def deck(seed):
    return MLPClassifier(
        hidden_layer_sizes=(),
        init="normal",
        init_params={"std": 1.0, "draw_biases": True},
        optimizer="gd",
        momentum=0,
        learning_rate_init=0.1,
        alpha=0,
        max_iter=2000,
        tol=None,
        random_state=seed,
    )


net = deck(0).fit(X, y)
print(f"{'':16}{'deck':>16}{'here':>16}")
print(f"{'loss':16}{0.1387:16.4f}{net.loss_:16.4f}")
print(f"{'accuracy':16}{1.0:16.4f}{net.score(X, y):16.4f}")
print(f"{'predictions':16}{'2 2 2 1 1 1 0 0':>16}{' '.join(map(str, net.predict(X))):>16}")

# %%
# The start decides where 2,000 steps end
# ---------------------------------------
# The deck's 0.1387 is a lucky start: below the loss of nearly all others.
losses = np.array([deck(seed).fit(X, y).loss_ for seed in range(10)])
print(f"10 starts: from {losses.min():.4f} to {losses.max():.4f}, median {np.median(losses):.4f}")

# %%
# A better recipe
# ---------------
# Momentum takes the same number of steps ten times as far.
momentum = MLPClassifier(
    hidden_layer_sizes=(),
    init="normal",
    init_params={"std": 1.0, "draw_biases": True},
    optimizer="momentum",
    learning_rate_init=0.1,
    alpha=0,
    max_iter=2000,
    tol=None,
    random_state=0,
).fit(X, y)
print(f"with momentum: {momentum.loss_:.4f}")

figure, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
ax.loglog(net.history_["loss"], color="#6f7680", label="plain gradient descent")
ax.loglog(momentum.history_["loss"], color="#0072B2", label="momentum 0.9")
ax.axhline(0.1387, color="#cf3f52", ls=":", label="the deck after 2,000 steps")
ax.set(xlabel="step", ylabel="loss")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
figure.savefig("softmax_toy.png", dpi=100)
print(f"Picture: {Path('softmax_toy.png').resolve()}")

# %%
# Classes may have names
# ----------------------
# Another deck grades students by hours of study and attendance. Its classes are letters.
grades = load_grades()
student = deck(0).fit(grades.data, grades.target)
for hours, attendance in [(9, 4), (2, 3), (11, 2)]:
    shares = student.predict_proba([[hours, attendance]])[0]
    chances = ", ".join(f"{c} {p:.0%}" for c, p in zip(student.classes_, shares, strict=True))
    print(f"{hours:2} hours, attendance {attendance}: {chances}")
