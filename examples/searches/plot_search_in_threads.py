"""
Run a grid search in threads
============================

A search trains the same small network many times. ``stacked`` trains these networks in threads,
one per core. The search itself, its scores and its selection of the best candidate are those of
scikit-learn.
"""

# %%
# The search
# ----------
# There are eighteen candidates and five folds. The candidates differ in the learning rate, the
# penalty and the number of epochs.
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
# First, the fits run one after the other; then in as many threads as there are cores.
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
# The scores are identical.
scores = [found[name].cv_results_["mean_test_score"] for name in ("one by one", "stacked")]
print("equal scores:", np.array_equal(*scores))
print("best:", found["stacked"].best_params_)

# %%
# Results of the search
# ---------------------
display = SearchDisplay.from_estimator(found["stacked"])
display.figure_.savefig("search_in_threads.png", dpi=100)
plt.show()
