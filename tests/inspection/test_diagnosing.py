import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from sknn_tips import MLPClassifier, MLPRegressor, diagnose
from sknn_tips.inspection.diagnosing import HELD_OUT

X, Y = load_wine(return_X_y=True)


def net(**changed):
    return MLPClassifier(**{"max_iter": 30, "tol": None, "random_state": 0, **changed})


def test_a_fifth_is_held_out_by_class():
    report = diagnose(net(), X, Y)
    X_train, X_val, y, y_val = train_test_split(
        X, Y, test_size=HELD_OUT, random_state=0, stratify=Y
    )
    fitted = net(tips="ignore").fit(X_train, y, X_val=X_val, y_val=y_val)
    assert report.tips == fitted.tips_
    assert report.scores == {
        "training": fitted.score(X_train, y),
        "validation": fitted.score(X_val, y_val),
    }


def test_the_model_is_not_changed():
    model = net()
    diagnose(model, X, Y)
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    assert model.tips == "warn"


def test_a_pipeline_transforms_the_validation_set_as_well():
    halves = X[::2], Y[::2], X[1::2], Y[1::2]
    report = diagnose(make_pipeline(MinMaxScaler(), net()), *halves)
    scaler = MinMaxScaler().fit(X[::2])
    by_hand = diagnose(net(), scaler.transform(X[::2]), Y[::2], scaler.transform(X[1::2]), Y[1::2])
    assert report.scores == by_hand.scores
    assert "unscaled-input" not in [tip.code for tip in report.tips]


def test_targets_pass_what_stands_around_them():
    X, y = load_diabetes(return_X_y=True)
    inner = make_pipeline(StandardScaler(), MLPRegressor(max_iter=5, tol=None, random_state=0))
    report = diagnose(TransformedTargetRegressor(inner, transformer=StandardScaler()), X, y)
    assert report.findings["unscaled-target"] is None
    assert report.record.target.deviation == pytest.approx([1.0])
    assert diagnose(inner, X, y).findings["unscaled-target"] is not None


@pytest.mark.parametrize("fitted", [False, True])
def test_a_search_gives_what_it_found_or_searches_over(fitted):
    search = GridSearchCV(net(max_iter=2), {"alpha": [1e-4, 1.0]}, cv=2)
    if fitted:
        search.fit(X, Y)
    report = diagnose(search, X, Y)
    assert report.model.alpha == (search.best_params_["alpha"] if fitted else 1e-4)


def test_one_that_stops_early_holds_rows_out_itself():
    report = diagnose(make_pipeline(StandardScaler(), net(early_stopping=True)), X, Y)
    assert list(report.scores) == ["training"]
    assert report.record.n_rows + report.record.n_rows_val == len(X)


def test_one_that_diverges_is_diagnosed_too():
    report = diagnose(net(optimizer="sgd", learning_rate_init=1e6), X, Y)
    assert report.scores == {}
    assert "diverged" in [tip.code for tip in report.tips]
    assert "no weights are left" in str(report)


def test_rare_classes_and_sparse_rows():
    y = np.where(np.arange(len(Y)) < 2, 5, Y)
    report = diagnose(net(max_iter=2), sparse.csr_array(X), y)
    assert report.sparse
    better = report.apply("unscaled-input")
    assert not better[0].with_mean
    diagnose(better, sparse.csr_array(X), y)


def table():
    """One column that scalers leave large, one that is constant."""
    rng = np.random.RandomState(0)
    columns = {"age": rng.normal(size=90), "income": 1e4 * rng.rand(90), "kind": np.full(90, "a")}
    return pd.DataFrame(columns), rng.randint(0, 2, 90)


def test_columns_keep_their_names_behind_the_steps():
    X, y = table()
    steps = ColumnTransformer(
        [
            ("scaled", StandardScaler(), ["age"]),
            ("as_is", "passthrough", ["income"]),
            ("onehot", OneHotEncoder(sparse_output=False), ["kind"]),
        ]
    )
    report = diagnose(make_pipeline(steps, MinMaxScaler((0, 1e4)), MLPClassifier(max_iter=2)), X, y)
    seen = {tip.code: tip.seen for tip in report.tips}
    assert "'as_is__income'" in seen["unscaled-input"]
    assert "'onehot__kind_a'" in seen["constant-features"]


def test_a_step_that_does_not_know_names_is_no_obstacle():
    X, y = table()
    steps = FunctionTransformer(np.asarray)
    report = diagnose(make_pipeline(steps, MLPClassifier(max_iter=2)), X[["age", "income"]], y)
    assert "column 1 " in report.tips[0].seen


def test_half_a_validation_set_is_an_error():
    with pytest.raises(ValueError, match="X_val and y_val together"):
        diagnose(net(), X, Y, X_val=X)


def test_another_estimator_is_an_error():
    with pytest.raises(TypeError, match="diagnose got StandardScaler"):
        diagnose(StandardScaler(), X, Y)


def test_lbfgs_is_diagnosed_and_gets_remedies_that_it_has():
    report = diagnose(net(solver="lbfgs"), X, Y)
    assert report.record.optimizer == "lbfgs"
    assert "learning_rate_init" not in str(report)


def test_rows_of_a_rare_class_are_trained_on():
    y = Y.copy()
    y[:2] = 7
    assert diagnose(net(), X, y).record.class_counts[-1] == 2
    assert list(diagnose(net(), X[::60], Y[::60]).scores) == ["training"]  # three rows


def test_sparse_indicators():
    report = diagnose(net(), X, sparse.csr_array(np.eye(3, dtype=int)[Y]))
    assert report.record.class_counts is None


class Encoder(StandardScaler):
    """Makes other numbers of the rows that it is fitted on, as TargetEncoder does."""

    def fit_transform(self, X, y=None):
        return super().fit_transform(X, y) + 7


def test_what_the_network_is_trained_on_is_what_fit_makes():
    report = diagnose(make_pipeline(Encoder(), net()), X, Y)
    assert report.record.features.mean == pytest.approx(7)
    assert np.abs(report.record.features_val.mean).max() < 1


def test_scores_are_in_the_units_of_y():
    X, y = load_diabetes(return_X_y=True)
    model = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), MLPRegressor(max_iter=20, tol=None, random_state=0)),
        func=np.log,
        inverse_func=np.exp,
    )
    report = diagnose(model, X, y)
    rows, held_out = train_test_split(np.arange(len(y)), test_size=HELD_OUT, random_state=0)
    fitted = model.fit(X[rows], y[rows])
    for what, some in (("training", rows), ("validation", held_out)):
        assert report.scores[what] == pytest.approx(fitted.score(X[some], y[some]), abs=1e-5)
