"""Exact answers: closed forms, worked examples, linear models, and scikit-learn's own MLP."""

import warnings

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

from sknn_tips import MLPClassifier, MLPRegressor

LINEAR = {"hidden_layer_sizes": (), "solver": "lbfgs", "dtype": "float64", "tol": None}


@pytest.mark.parametrize("n_classes", [2, 10])
def test_no_hidden_layer_is_logistic_regression(digits, n_classes):
    X, y = digits[0], digits[1] % n_classes
    alpha = 1.0
    theirs = LogisticRegression(C=1 / alpha, tol=1e-9, max_iter=5000).fit(X, y)
    ours = MLPClassifier(alpha=alpha, max_iter=2000, **LINEAR).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, atol=1e-4)
    if n_classes == 2:
        expected = theirs.decision_function(X)
        np.testing.assert_allclose(ours.decision_function(X), expected, atol=1e-3)


@pytest.mark.parametrize("weighted", [False, True])
def test_no_hidden_layer_is_ridge(diabetes, rng, weighted):
    X, y = diabetes
    weight = rng.rand(len(y)) if weighted else None
    theirs = Ridge(alpha=3.0).fit(X, y, sample_weight=weight)
    ours = MLPRegressor(alpha=3.0, **LINEAR).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-4)
    assert ours.intercepts_[0][0] == pytest.approx(theirs.intercept_, abs=1e-4)


def test_ridge_of_several_outputs(diabetes):
    X, y = diabetes
    Y = np.c_[y, y**2, -y]
    theirs = Ridge(alpha=3.0).fit(X, Y)
    ours = MLPRegressor(alpha=3.0, **LINEAR).fit(X, Y)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, atol=1e-4)


def test_no_hidden_layer_is_poisson_regression(diabetes, rng):
    X = diabetes[0]
    y = rng.poisson(np.exp(X[:, 2] * 0.3))
    alpha = 0.1
    theirs = PoissonRegressor(alpha=alpha, tol=1e-9, max_iter=5000).fit(X, y)
    # PoissonRegressor divides the deviance by the number of samples, and not the penalty
    ours = MLPRegressor(loss="poisson", alpha=alpha * len(y), **LINEAR).fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)


def test_one_sgd_step_equals_a_worked_example():
    """The numbers of scikit-learn's `test_fit`, computed here step by step."""
    X, y = np.array([[0.6, 0.8, 0.7]]), np.array([0])
    W1, b1 = np.array([[0.1, 0.2], [0.3, 0.1], [0.5, 0]]), np.array([0.1, 0.1])
    W2, b2 = np.array([[0.1], [0.2]]), np.array([1.0])
    alpha = rate = 0.1

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    h = sigmoid(X @ W1 + b1)
    d2 = sigmoid(h @ W2 + b2) - y
    d1 = (d2 @ W2.T) * h * (1 - h)
    expected = [W1 - rate * (X.T @ d1 + alpha * W1), W2 - rate * (h.T @ d2 + alpha * W2)]
    expected_b = [b1 - rate * d1[0], b2 - rate * d2[0]]

    clf = MLPClassifier(
        2,
        "logistic",
        solver="sgd",
        momentum=0,
        learning_rate_init=0.0001,
        alpha=alpha,
        dtype="float64",
    )
    clf.partial_fit(X, y, classes=[0, 1])
    clf.set_params(learning_rate_init=rate)
    clf.coefs_, clf.intercepts_ = [W1, W2], [b1, b2]
    clf.partial_fit(X, y)
    for found, value in zip(clf.coefs_ + clf.intercepts_, expected + expected_b, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-12)
    # ... and scikit-learn's rounded ones
    np.testing.assert_allclose(clf.coefs_[0][0], [0.098, 0.195756], atol=1e-3)
    assert clf.predict_proba(X)[0, 1] == pytest.approx(0.739, abs=1e-3)


# In float64 with the same seed we follow scikit-learn's own trainer number by number. Adam's
# epsilon is made small, because torch adds it after the bias correction and scikit-learn before.
SETTINGS = {
    "sgd": {"solver": "sgd", "max_iter": 8},
    "plain momentum": {"solver": "sgd", "nesterovs_momentum": False, "max_iter": 8},
    "no momentum": {"solver": "sgd", "momentum": 0, "max_iter": 8},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "max_iter": 12},
    "adaptive": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": 0.02,
        "tol": 0.01,
        "n_iter_no_change": 1,
    },
    "adam": {"solver": "adam", "epsilon": 1e-16, "max_iter": 8},
    "small batches": {"solver": "adam", "epsilon": 1e-16, "batch_size": 7, "max_iter": 3},
    "lbfgs": {"solver": "lbfgs", "max_iter": 15},
}


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh", "identity"])
@pytest.mark.parametrize("task", ["multiclass", "binary", "multilabel", "regression", "poisson"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_training_is_scikit_learns(digits, diabetes, setting, task, activation, weighted):
    X, y = digits if task in ("multiclass", "binary", "multilabel") else diabetes
    kind = "MLPRegressor" if task in ("regression", "poisson") else "MLPClassifier"
    y = {
        "multiclass": y,
        "binary": y % 2,
        "multilabel": np.c_[y % 2, y % 3 == 0, y > 4].astype(int),
        "regression": y,
        "poisson": np.round(y**2),
    }[task]
    parameters = {"activation": activation, "shuffle": False, "random_state": 3}
    parameters |= {"alpha": 0.01, **SETTINGS[setting]}
    if task == "poisson":
        parameters |= {"loss": "poisson", "learning_rate_init": 0.001}
    weight = np.random.RandomState(5).rand(len(y)) if weighted else None
    theirs = getattr(sklearn.neural_network, kind)(**parameters)
    ours = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}[kind]
    ours = ours(dtype="float64", **parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.fit(X, y, sample_weight=weight)
        ours.fit(X, y, sample_weight=weight)

    assert type(theirs).__module__.startswith("sklearn.")
    assert (ours.n_iter_, ours.t_, ours.out_activation_) == (
        theirs.n_iter_,
        theirs.t_,
        theirs.out_activation_,
    )
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-7)
    for found, expected in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        # a gradient of about 1e-13 still moves Adam by a part of its rate, whatever its sign
        np.testing.assert_allclose(
            found, expected, atol=1e-4 if "adam" in str(parameters) else 1e-9
        )
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-6)


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_shuffled_epoch_and_validation_split_are_scikit_learns(digits, diabetes, kind):
    """One epoch: scikit-learn composes later permutations with earlier ones, we draw afresh."""
    X, y = (digits[0], digits[1] % 2) if kind == "MLPClassifier" else diabetes
    parameters = {"solver": "sgd", "max_iter": 1, "early_stopping": True, "random_state": 1}
    theirs = getattr(sklearn.neural_network, kind)(**parameters)
    ours = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}[kind]
    ours = ours(dtype="float64", **parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.fit(X, y)
        ours.fit(X, y)
    assert ours.validation_scores_ == pytest.approx(theirs.validation_scores_, rel=1e-9)
    for found, expected in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)
