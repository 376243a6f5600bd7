"""
The doctor: from a sick Pipeline to a healthy one, tip by tip
=============================================================

Somebody has taken advice from everywhere: five layers of sigmoids, weights from N(0, 1), data as
they come. `diagnose` fits it, says what is wrong and what to change; `apply` changes that one
thing.
"""

# %%
# The patient
# -----------
# Friedman's function: five of ten features have a meaning, each in a unit of its own, and the
# target is in hundreds.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split

from sknn_tips import MLPRegressor, diagnose

X, y = make_friedman1(1600, noise=0.5, random_state=0)
X, y = X * np.logspace(-2, 4, 10), 100 * y
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

model = MLPRegressor(
    hidden_layer_sizes=(64, 64, 64, 64, 64),
    activation="logistic",
    init="normal",
    init_params={"std": 1.0},
    max_iter=100,
    tol=None,
    random_state=0,
    tips="ignore",  # diagnose says it all
)

# %%
# Step by step
# ------------
# The first tip is the most severe one, causes before effects. R2 is that of rows that neither the
# fit nor the tips have seen.
curves, steps = [], []
while True:
    score = model.fit(X_train, y_train).score(X_test, y_test)
    report = diagnose(model, X_train, y_train)
    record = report.record
    curves.append((record.losses, record.baseline_loss))
    steps.append(score)
    severe = [tip for tip in report.tips if tip.severity == "severe"]
    print(f"R2 {score:.3f}; {', '.join(tip.code for tip in report.tips) or 'no tips'}")
    if not severe or len(steps) > 6:
        break
    print(f"  seen: {severe[0].seen}\n  change: {severe[0].remedy}\n")
    model = report.apply(severe[0].code)

# %%
# What is left are hints, if anything. The model as it is now:
print(model)

# %%
# The same in curves: the loss as a share of that of the best constant answer, step after step.
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
colours = plt.get_cmap("viridis")(np.linspace(0.9, 0.1, len(curves)))
for i, ((losses, baseline), colour) in enumerate(zip(curves, colours, strict=True)):
    share = np.array(losses) / baseline
    label = f"step {i}: R2 {steps[i]:.2f}" if i else f"as it came: R2 {steps[i]:.2f}"
    ax.semilogy(range(1, len(share) + 1), share, color=colour, label=label)
ax.axhline(1, color="0.7", lw=1, ls=":")
ax.set(xlabel="epoch", ylabel="training loss / that of a constant")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, fontsize=8)
figure.savefig("doctor.png", dpi=100)
