"""
Tune parameters with Optuna, in threads
=======================================

A tuner such as `Optuna <https://optuna.org>`_ chooses each candidate by the results of the previous
ones. If it is asked for several candidates at a time, it still uses the results of the previous
batches, and the fits of each batch can run in threads, one per core.
"""

# %%
# The search space
# ----------------
# Tuners can store numbers and strings, but no tuples. Therefore ``hidden_layer_sizes`` also accepts
# strings such as ``"64x2"``, which means two layers of 64 units.
import matplotlib.pyplot as plt
import numpy as np
import optuna
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, stacked

X, y = load_breast_cancer(return_X_y=True)
pipe = make_pipeline(
    StandardScaler(), MLPClassifier(max_iter=15, tol=None, batch_size=64, random_state=0)
)


def candidate(trial):
    """Return the parameters of a trial."""
    chosen = {
        "hidden_layer_sizes": trial.suggest_categorical("hidden", ["16x1", "64x1", "32x2", "64x2"]),
        "learning_rate_init": trial.suggest_float("rate", 1e-4, 0.1, log=True),
        "alpha": trial.suggest_float("alpha", 1e-5, 1.0, log=True),
        "dropout": trial.suggest_float("dropout", 0.1, 0.5),
    }
    return {f"mlpclassifier__{name}": value for name, value in chosen.items()}


# %%
# Batches of candidates
# ---------------------
# ``GridSearchCV`` receives a list of grids with one candidate each, and evaluates exactly these
# candidates.
optuna.logging.set_verbosity(optuna.logging.WARNING)
study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
batches = []
with stacked():
    for _ in range(5):
        trials = [study.ask() for _ in range(8)]
        grids = [{k: [v] for k, v in candidate(trial).items()} for trial in trials]
        search = GridSearchCV(pipe, grids, cv=3, scoring="neg_log_loss", refit=False).fit(X, y)
        batches.append(search.cv_results_["mean_test_score"])
        for trial, score in zip(trials, batches[-1], strict=True):
            study.tell(trial, score)

print(f"log loss {-study.best_value:.4f} by {study.best_params}")

# %%
# Scores of each batch
# --------------------
fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for number, scores in enumerate(batches, start=1):
    ax.plot([number] * len(scores), -scores, "o", color="C0", alpha=0.5)
ax.plot(range(1, 6), [np.median(-scores) for scores in batches], color="C1", label="median")
ax.set(xlabel="batch", ylabel="log loss, 3 folds", yscale="log", xticks=range(1, 6))
ax.set_yticks([0.1, 0.2, 0.5], ["0.1", "0.2", "0.5"])
ax.minorticks_off()
ax.legend()
fig.savefig("search_with_optuna.png", dpi=100)
plt.show()
