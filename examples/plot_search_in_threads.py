"""
A grid search in threads
========================

A search trains the same small network many times over. ``stacked`` trains those networks in
threads, one for each core; the search, its scores and its choice are scikit-learn's own.
"""

# %%
# A search like any other
# -----------------------
# Eighteen candidates on five folds: learning rate, penalty, and how long to train.
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, stacked
from sknn_tips.plotting import SearchDisplay

X, y = load_digits(return_X_y=True)
net = MLPClassifier(40, tol=None, batch_size=100, random_state=0)
grid = {
    "mlpclassifier__learning_rate_init": [0.0003, 0.003, 0.03],
    "mlpclassifier__alpha": [0.0001, 0.01, 1.0],
    "mlpclassifier__max_iter": [5, 15],
}


def search():
    return GridSearchCV(make_pipeline(StandardScaler(), net), grid, cv=5).fit(X, y)


# %%
# One fit after the other; then as many at a time as there are cores.
seconds, found = {}, {}
start = perf_counter()
found["one by one"] = search()
seconds["one by one"] = perf_counter() - start
with stacked():
    start = perf_counter()
    found["stacked"] = search()
    seconds["stacked"] = perf_counter() - start
for name in seconds:
    print(f"{name:12}{seconds[name]:6.1f} s   best {found[name].best_score_:.4f}")

# %%
# The scores are the same, to the last bit.
scores = [found[name].cv_results_["mean_test_score"] for name in ("one by one", "stacked")]
print("equal scores:", np.array_equal(*scores))
print("best:", found["stacked"].best_params_)

# %%
# What it found
# -------------
display = SearchDisplay.from_estimator(found["stacked"])
display.figure_.savefig(Path("search_in_threads.png"), dpi=100)
plt.show()
