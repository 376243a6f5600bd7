"""At home in scikit-learn: pipelines, searches, ensembles, calibration, inspection."""

import signal
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 makes the next import work
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.fixes import parse_version

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import DivergedWarning

QUICK = {"hidden_layer_sizes": 16, "max_iter": 15, "tol": None, "random_state": 0}
QUICK |= {"learning_rate_init": 0.02}
TEMPERATURE = pytest.param(
    "temperature",
    marks=pytest.mark.skipif(
        parse_version(sklearn.__version__) < parse_version("1.8"),
        reason="CalibratedClassifierCV has this method from scikit-learn 1.8 on",
    ),
)


@pytest.fixture
def clf():
    return MLPClassifier(**QUICK)


@pytest.fixture
def reg():
    return MLPRegressor(**QUICK)


def test_grid_search_over_everything_in_two_processes(digits):
    pipe = Pipeline([("scale", StandardScaler()), ("net", MLPClassifier(**QUICK, batch_size=16))])
    grid = {
        "scale": [StandardScaler(), MinMaxScaler()],
        "net__activation": ["relu", ["sigmoid"]],
        "net__dropout": [0, 0.2],
        "net__batchnorm": [False, "after"],
        "net__optimizer": ["sgd", "adam"],
        "net__learning_rate_init": ["auto"],
    }
    search = GridSearchCV(pipe, grid, cv=2, n_jobs=2).fit(*digits)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_score_ > 0.85
    again = GridSearchCV(pipe, grid, cv=2, n_jobs=1).fit(*digits)
    for name in ("mean_test_score", "std_test_score", "rank_test_score"):
        np.testing.assert_array_equal(again.cv_results_[name], search.cv_results_[name])


def test_search_of_nested_parameters(digits, clf):
    grid = {"optimizer_params__rho": [0.8, 0.99], "hidden_layer_sizes": ["8x1", "16x2"]}
    clf.set_params(optimizer="rmsprop", optimizer_params={"rho": 0.9})
    assert GridSearchCV(clf, grid, cv=2).fit(*digits).best_score_ > 0.5


def test_halving_over_max_iter(digits, clf):
    search = HalvingGridSearchCV(
        clf,
        {"alpha": [1e-4, 1.0, 100.0]},
        resource="max_iter",
        max_resources=18,
        min_resources=2,
        cv=2,
        random_state=0,
    ).fit(*digits)
    assert search.best_params_["alpha"] < 100
    assert search.n_iterations_ >= 2


def test_a_failing_candidate_is_scored_nan(digits, clf):
    clf.set_params(optimizer="gd", loss="squared_error")
    X = digits[0] * 1e20
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(clf, {"activation": ["identity", "relu"]}, cv=2, refit=False)
        search.fit(X, digits[1])
    assert len(search.cv_results_["mean_test_score"]) == 2


def test_ensembles_of_classifiers(digits, clf):
    X, y = digits
    for model in (
        AdaBoostClassifier(clf, n_estimators=3, random_state=0),
        BaggingClassifier(clf, n_estimators=3, n_jobs=2, random_state=0),
        VotingClassifier([("a", clf), ("b", LogisticRegression(max_iter=500))], voting="soft"),
        StackingClassifier([("a", clf), ("b", LogisticRegression(max_iter=500))], cv=2),
        OneVsRestClassifier(clf),
    ):
        assert model.fit(X, y).score(X, y) > 0.9, model


def test_ensembles_of_regressors(diabetes, reg):
    X, y = diabetes
    for model in (
        AdaBoostRegressor(reg, n_estimators=3, random_state=0),
        VotingRegressor([("a", reg), ("b", Ridge())]),
        StackingRegressor([("a", reg), ("b", Ridge())], cv=2),
        TransformedTargetRegressor(reg, transformer=StandardScaler()),
        MultiOutputRegressor(reg),
    ):
        Y = np.c_[y, -y] if isinstance(model, MultiOutputRegressor) else y
        assert model.fit(X, Y).score(X, Y) > 0.4, model


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", TEMPERATURE])
def test_calibration(digits, clf, method):
    X, y = digits
    model = CalibratedClassifierCV(clf, method=method, cv=2).fit(X, y)
    assert model.score(X, y) > 0.8


def test_several_columns_of_classes(digits, clf):
    X, Y = digits[0], np.c_[digits[1] % 3, digits[1] % 4]
    model = MultiOutputClassifier(clf).fit(X, Y)
    assert model.predict(X).shape == Y.shape
    assert model.score(X, Y) > 0.7


def test_learning_curve_by_partial_fit(digits, clf):
    X, y = digits
    sizes, _, test = learning_curve(
        clf, X, y, exploit_incremental_learning=True, train_sizes=[0.3, 0.6, 1.0], cv=3
    )
    assert sizes.tolist() == [60, 120, 200]
    assert test.mean(axis=1)[-1] > test.mean(axis=1)[0]


def test_permutation_importance(diabetes, reg):
    X, y = diabetes
    found = permutation_importance(reg.fit(X, y), X, y, n_repeats=3, random_state=0)
    assert np.argmax(found.importances_mean) in (2, 3, 4, 5, 8)  # bmi, bp, s1, s2, s5


def test_several_metrics_and_weights_are_routed(digits, clf):
    X, y = digits
    names = ["accuracy", "neg_log_loss"]
    with sklearn.config_context(enable_metadata_routing=True):
        routed = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            clf.set_fit_request(sample_weight=True),
        )
        found = cross_validate(
            routed,
            X,
            y,
            scoring={
                name: get_scorer(name).set_score_request(sample_weight=True) for name in names
            },
            params={"sample_weight": np.ones(len(y))},
            cv=2,
            return_train_score=True,
        )
    assert found["train_accuracy"].min() > 0.9
    assert np.isfinite(found["test_neg_log_loss"]).all()


def test_a_validation_set_through_a_pipeline_is_scaled_too(digits):
    X, y = digits
    X = X * 1000 + 5
    with sklearn.config_context(enable_metadata_routing=True):
        net = MLPClassifier(**QUICK).set_fit_request(X_val=True, y_val=True)
        model = make_pipeline(StandardScaler(), net, transform_input=["X_val"])
        model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    recorded = model[-1].history_["val_accuracy"].iloc[-1]
    assert recorded == model.score(X[200:], y[200:]) > 0.8


def test_callbacks_survive_a_search_in_two_processes(digits):
    from skorch.callbacks import EarlyStopping

    stop = EarlyStopping(monitor="train_loss", patience=2, threshold=10.0)
    clf = MLPClassifier(**QUICK, callbacks=[stop])
    search = GridSearchCV(clf, {"alpha": [0.1, 1.0]}, cv=2, n_jobs=2).fit(*digits)
    assert search.best_estimator_.stop_reason_ == "callback"
    assert search.best_estimator_.n_iter_ < QUICK["max_iter"]


def test_ctrl_c_in_a_search_ends_the_search(digits, clf, monkeypatch, step_class):
    def interrupted(self, rows, index):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(step_class, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        GridSearchCV(clf, {"alpha": [0.1, 1.0]}, cv=2).fit(*digits)


def test_divergence_is_a_convergence_warning():
    assert issubclass(DivergedWarning, sklearn.exceptions.ConvergenceWarning)
