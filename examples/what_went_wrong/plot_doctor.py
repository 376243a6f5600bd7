"""
Improve a bad model tip by tip
==============================

This example starts from a badly configured model: five sigmoid layers, initial weights from N(0, 1)
and unscaled data. `diagnose` fits the model and reports the problems and their remedies; `apply`
returns the model with one remedy applied.
"""

# %%
# The data and the model
# ----------------------
# The data is from Friedman's function. Five of the ten features are informative, the features have
# different scales, and the target is in the hundreds.
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
    tips="ignore",  # diagnose reports the tips
)

# %%
# Applying the tips
# -----------------
# The tips are sorted: the most severe ones first, and causes before effects. R2 is computed on test
# samples that are used neither by the fit nor by the tips.
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
# At the end there are at most hints. This is the final model:
print(model)

# %%
# The learning curves of all steps, relative to the loss of the best constant prediction.
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
colours = plt.get_cmap("viridis")(np.linspace(0.9, 0.1, len(curves)))
for i, ((losses, baseline), colour) in enumerate(zip(curves, colours, strict=True)):
    share = np.array(losses) / baseline
    label = f"step {i}: R2 {steps[i]:.2f}" if i else f"initial model: R2 {steps[i]:.2f}"
    ax.semilogy(range(1, len(share) + 1), share, color=colour, label=label)
ax.axhline(1, color="0.7", lw=1, ls=":")
ax.set(xlabel="epoch", ylabel="training loss / that of a constant")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, fontsize=8)
figure.savefig("doctor.png", dpi=100)
