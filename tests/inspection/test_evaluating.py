import numpy as np
import pytest
from scipy import sparse
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor as SklearnMLP
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, evaluate
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 5, "tol": None, "random_state": 0}


@pytest.mark.parametrize("weighted", [False, True])
def test_a_search_over_a_pipeline(digits, weighted):
    X, y = digits
    X = X.astype(np.float32)  # both predict in float32: an AUC counts pairs, also nearly equal ones
    y = np.array([f"digit {code}" for code in y])
    weight = np.random.RandomState(0).rand(len(y)) if weighted else None
    network = MLPClassifier(**SMALL, metrics=["roc_auc_ovr", "neg_log_loss"])
    grid = {"mlpclassifier__alpha": [0.1, 1.0]}
    search = GridSearchCV(make_pipeline(StandardScaler(), network), grid, cv=2).fit(X, y)
    found = evaluate(search, X, y, weight)
    p = search.predict_proba(X)
    assert list(found) == ["loss", "accuracy", "roc_auc_ovr", "log_loss"]
    assert found["loss"] == pytest.approx(log_loss(y, p, sample_weight=weight), rel=1e-5)
    assert found["log_loss"] == pytest.approx(found["loss"], rel=1e-5)
    assert found["accuracy"] == pytest.approx(
        search.score(X, y)
        if weight is None
        else search.best_estimator_[-1].score(search.best_estimator_[0].transform(X), y, weight)
    )
    expected = roc_auc_score(y, p, multi_class="ovr", sample_weight=weight)
    assert found["roc_auc_ovr"] == pytest.approx(expected)


def test_figures_equal_those_of_the_last_epoch(digits):
    clf = MLPClassifier(**SMALL, metrics=["f1_macro"]).fit(
        *digits, X_val=digits[0], y_val=digits[1]
    )
    last = clf.history_.iloc[-1]
    found = evaluate(clf, *digits)
    assert found == {
        "loss": pytest.approx(last["val_loss"]),
        "accuracy": last["val_accuracy"],
        "f1_macro": pytest.approx(last["val_f1_macro"]),
    }


@pytest.mark.parametrize("normalize_y", [False, True])
@pytest.mark.parametrize("outputs", [1, 2])
def test_metrics_are_in_the_users_units(diabetes, outputs, normalize_y):
    X, y = diabetes[0], 1000 + 100 * diabetes[1]
    y = y if outputs == 1 else np.column_stack([y, -y])
    network = MLPRegressor(**SMALL, metrics=["rmse", "max_error"][: 3 - outputs])
    if normalize_y:
        model = network.set_params(normalize_y=True).fit(X, y)
    else:
        model = TransformedTargetRegressor(
            make_pipeline(MinMaxScaler(), network), transformer=MinMaxScaler()
        ).fit(X, y)
    found, p = evaluate(model, X, y), model.predict(X)
    assert found["rmse"] == pytest.approx(root_mean_squared_error(y, p), rel=1e-4)
    assert found["r2"] == pytest.approx(r2_score(y, p), rel=1e-3)
    if outputs == 1:
        assert found["max_error"] == pytest.approx(np.abs(y - p).max(), rel=1e-4)
    assert found["loss"] < 10


def test_assigned_weights_count(digits):
    clf = MLPClassifier(**SMALL).fit(*digits)
    clf.coefs_ = [np.zeros_like(coef) for coef in clf.coefs_]
    clf.intercepts_ = [np.zeros_like(bias) for bias in clf.intercepts_]
    assert evaluate(clf, *digits)["loss"] == pytest.approx(np.log(10))


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_multilabel_targets_as_fit_takes_them(digits, make):
    X = digits[0]
    y = (X[:, 2:5] > 0.5).astype(int)
    clf = MLPClassifier(**SMALL, metrics=["f1_macro"]).fit(make(X), make(y))
    assert evaluate(clf, make(X), make(y)) == evaluate(clf, X, y)


def test_targets_as_lists(digits, diabetes):
    clf = MLPClassifier(**SMALL).fit(*digits)
    assert evaluate(clf, digits[0], digits[1].tolist()) == evaluate(clf, *digits)
    X, y = diabetes
    model = TransformedTargetRegressor(MLPRegressor(**SMALL), transformer=MinMaxScaler()).fit(X, y)
    assert evaluate(model, X, y.tolist()) == evaluate(model, X, y)


def test_what_cannot_be_evaluated(digits):
    with pytest.raises(NotFittedError):
        evaluate(MLPClassifier(), *digits)
    with pytest.raises(TypeError, match="evaluate got MLPRegressor"):
        evaluate(SklearnMLP(), *digits)
    clf = MLPClassifier(**SMALL).fit(*digits)
    with pytest.raises(ValueError, match=r"^y has classes that y had not in fit: \[10\]"):
        evaluate(clf, digits[0], digits[1] + 1)
    with pytest.raises(ValueError, match=r"^y has 2 outputs, and y had 1 in fit"):
        evaluate(MLPRegressor(**SMALL).fit(*digits), digits[0], np.c_[digits[1], digits[1]])
    with pytest.raises(ValueError, match="features"):
        evaluate(MLPClassifier(**SMALL).fit(*digits), digits[0][:, :3], digits[1])


@pytest.mark.parametrize("weighted", [False, True])
def test_of_an_ensemble_the_combined_predictions_are_scored(digits, diabetes, weighted):
    net = MLPClassifier(**SMALL)
    model = FoldEnsembleClassifier(make_pipeline(StandardScaler(), net), cv=2, shared_steps=True)
    search = GridSearchCV(model, {"estimators__mlpclassifier__alpha": [0.1]}, cv=2)
    X, y = digits
    weight = np.random.RandomState(0).rand(len(y)) if weighted else None
    found = evaluate(search.fit(X, y), X, y, weight)
    p = search.predict_proba(X)
    assert found == {
        "log_loss": pytest.approx(log_loss(y, p, sample_weight=weight)),
        "accuracy": pytest.approx(accuracy_score(y, search.predict(X), sample_weight=weight)),
    }
    X, y = diabetes
    weight = np.random.RandomState(0).rand(len(y)) if weighted else None
    nets = FoldEnsembleRegressor(MLPRegressor(**SMALL, normalize_y=True), cv=2)
    for model in (nets, TransformedTargetRegressor(nets, transformer=MinMaxScaler())):
        predicted = model.fit(X, y).predict(X)
        assert evaluate(model, X, y, weight) == {
            "rmse": pytest.approx(root_mean_squared_error(y, predicted, sample_weight=weight)),
            "r2": pytest.approx(r2_score(y, predicted, sample_weight=weight)),
        }


def test_an_ensemble_that_is_not_fitted(digits):
    with pytest.raises(NotFittedError):
        evaluate(FoldEnsembleClassifier(MLPClassifier()), *digits)
