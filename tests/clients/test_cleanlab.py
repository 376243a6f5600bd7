"""cleanlab finds labels that were changed."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

classification = pytest.importorskip(
    "cleanlab.classification", reason="make test-clients installs it"
)
filters = pytest.importorskip("cleanlab.filter")


@pytest.fixture
def noisy(rng):
    """Digits, of which every twentieth has the label of another one."""
    X, y = load_digits(return_X_y=True)
    wrong = rng.permutation(len(y)) < len(y) // 20
    return X / 16, np.where(wrong, (y + rng.randint(1, 10, len(y))) % 10, y), wrong, y


def test_wrong_labels_are_found_and_left_out(noisy, classifier):
    X, given, wrong, right = noisy
    net = classifier(64, learning_rate_init=0.01, tol=1e-2, random_state=0)
    model = make_pipeline(StandardScaler(), net)
    cleaning = classification.CleanLearning(model, cv_n_folds=3, seed=0)
    found = cleaning.find_label_issues(X, given)["is_label_issue"].to_numpy()
    assert found[wrong].mean() > 0.65
    assert wrong[found].mean() > 0.6
    assert (cleaning.fit(X, given).predict(X[wrong]) == right[wrong]).mean() > 0.65


def test_out_of_fold_probabilities_of_tabular_pipeline(noisy, small):
    X, given, wrong, _ = noisy
    model = small("classifier").fit(X, given)
    found = filters.find_label_issues(given, model.oof_prediction_)
    assert found[wrong].mean() > 0.65
    assert wrong[found].mean() > 0.6
