from functools import partial

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.metrics import accuracy_score, make_scorer, r2_score

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.metrics.metrics import (
    METRICS,
    REGRESSOR_METRICS,
    Predicted,
    accuracy,
    compute,
    known_metrics,
    r2,
    resolve_metrics,
)

RNG = np.random.RandomState(0)
WEIGHT = RNG.rand(20)


def predicted(y, p, weight=None, finite=True):
    return Predicted(y, p, weight, finite, lambda codes: codes, lambda: None)


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("shape", [(20,), (20, 1), (20, 3)])
def test_accuracy_is_sklearns(weight, shape):
    y, decided = RNG.randint(0, 2, shape), RNG.randint(0, 2, shape)
    expected = accuracy_score(y, decided, sample_weight=weight)
    assert accuracy(y, decided, weight) == pytest.approx(expected)


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_r2_is_sklearns_and_nan_for_nan(weight):
    y, decided = RNG.rand(20, 2), RNG.rand(20, 2)
    assert r2(y, decided, weight) == pytest.approx(r2_score(y, decided, sample_weight=weight))
    decided[3, 1] = np.inf
    assert np.isnan(r2(y, decided, weight))


def test_names_and_callables():
    def largest_error(y_true, y_pred):
        return np.abs(y_true - y_pred).max()

    found = resolve_metrics(["rmse", largest_error], "r2")
    assert list(found) == ["rmse", "largest_error"]
    y, p = np.array([1.0, 2.0]), np.array([1.0, 5.0])
    values = compute(found, predicted(y, p, np.array([1.0, 0.0])))
    assert values == {"rmse": 0.0, "largest_error": 3.0}
    assert np.isnan(list(compute(found, predicted(y, p, finite=False)).values())).all()


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("mae", sk.mean_absolute_error),
        ("mape", sk.mean_absolute_percentage_error),
        ("mse", sk.mean_squared_error),
        ("msle", sk.mean_squared_log_error),
        ("r2", sk.r2_score),
        ("rmse", sk.root_mean_squared_error),
        ("mspe", lambda y, p, sample_weight: np.average((1 - p / y) ** 2, weights=sample_weight)),
    ],
)
def test_short_names(name, oracle, weight):
    y, p = 1 + RNG.rand(20), 1 + RNG.rand(20)
    value = REGRESSOR_METRICS[name].value(predicted(y, p, weight))
    assert value == pytest.approx(oracle(y, p, sample_weight=weight))
    assert REGRESSOR_METRICS[name].larger_is_better == (name == "r2")


FITTED = {
    "binary": (MLPClassifier, RNG.randint(0, 2, 60)),
    "labels": (MLPClassifier, np.array(["a", "b", "c"])[np.arange(60) % 3]),
    "multilabel": (MLPClassifier, np.c_[RNG.randint(0, 2, (60, 3))]),
    "regression": (MLPRegressor, 1 + RNG.rand(60)),
    "two outputs": (MLPRegressor, 1 + RNG.rand(60, 2)),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", FITTED)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one:UserWarning")
def test_every_scorer_gives_what_sklearn_gives(kind, weighted):
    """The column of the last epoch is the scorer's value on the fitted model, or both fail."""
    maker, y = FITTED[kind]
    X = np.random.RandomState(1).normal(size=(60, 3))
    weight = np.random.RandomState(2).rand(60) if weighted else None
    settings = {"hidden_layer_sizes": (5,), "max_iter": 2, "tol": None, "random_state": 0}
    if kind != "multilabel":  # positive predictions, which some metrics need
        settings |= {} if maker is MLPClassifier else {"loss": "gamma"}
    settings |= {"dtype": "float64", "shuffle": False}
    plain = maker(**settings).fit(X, y)
    checked = 0
    for name in sk.get_scorer_names():
        if name not in known_metrics(maker._score_name):
            continue
        column = name.removeprefix("neg_")
        scorer = sk.get_scorer(name)
        options = {"sample_weight": weight} if weighted and not name.endswith("max_error") else {}
        try:
            expected = abs_of(name, scorer(plain, X, y, **options))
        except (ValueError, TypeError):
            with pytest.raises(ValueError, match=f"'{column}' cannot be computed here"):
                maker(**settings, metrics=[name]).fit(X, y, weight)
            continue
        model = maker(**settings, metrics=[name])
        model.fit(X, y, X_val=X, y_val=y, sample_weight_val=weight)
        found = model.history_[f"val_{column}"].iloc[-1]
        assert found == pytest.approx(expected, rel=1e-9, nan_ok=True), name
        checked += 1
    assert checked >= 8


def abs_of(name, value):
    return -value if name.startswith("neg_") else value


def test_scorer_objects_and_their_direction():
    metric = make_scorer(sk.fbeta_score, beta=2, average="macro")
    found = resolve_metrics([metric], "accuracy")
    assert found["fbeta_score"].larger_is_better is True
    found = resolve_metrics([make_scorer(sk.mean_pinball_loss, greater_is_better=False)], "r2")
    assert found["mean_pinball_loss"].larger_is_better is False


def test_names_must_differ_and_not_be_columns_of_the_history():
    def loss(y_true, y_pred):
        return 0.0

    with pytest.raises(ValueError, match=r"named 'loss'.*Rename"):
        resolve_metrics([loss], "r2")
    with pytest.raises(ValueError, match="two with the name '<lambda>'"):
        resolve_metrics([lambda y, p: 0.0, lambda y, p: 1.0], "r2")
    with pytest.raises(ValueError, match="'log_loss' and 'neg_log_loss', which are one metric"):
        resolve_metrics(["log_loss", "neg_log_loss"], "accuracy")


@pytest.mark.parametrize("given", ["accuracy", r2_score])
def test_a_metric_that_is_there_twice(given):
    with pytest.raises(ValueError, match=r"^metrics holds '\w+' twice. Leave one out.$"):
        resolve_metrics([given, given], "accuracy")


def test_one_metric_needs_no_list():
    assert list(resolve_metrics("rmse", "r2")) == ["rmse"]
    assert list(resolve_metrics(r2_score, "r2")) == ["r2_score"]


def test_unknown_metric():
    with pytest.raises(UnknownOptionError, match="Did you mean 'accuracy'"):
        resolve_metrics(["acuracy"], "accuracy")
    assert set(METRICS) <= {*known_metrics("accuracy"), *known_metrics("r2")}


def test_scorers_of_partials_have_the_functions_name():
    twice = partial(sk.fbeta_score, beta=2, average="macro")
    assert list(resolve_metrics([make_scorer(twice)], "accuracy")) == ["fbeta_score"]
    assert list(resolve_metrics([twice], "accuracy")) == ["fbeta_score"]


@pytest.mark.parametrize("wrap", [make_scorer, lambda function: function])
def test_partials_of_one_function_are_told_apart_by_names_of_their_own(wrap):
    half, twice = (partial(sk.fbeta_score, beta=beta, average="macro") for beta in (0.5, 2))
    with pytest.raises(ValueError, match=r"functools.partial.* setting its __name__"):
        resolve_metrics([wrap(half), wrap(twice)], "accuracy")
    half.__name__, twice.__name__ = "half_score", "twice_score"
    found = resolve_metrics([wrap(half), wrap(twice)], "accuracy")
    assert list(found) == ["half_score", "twice_score"]
    assert all(metric.larger_is_better for metric in found.values())


@pytest.mark.parametrize(
    ("name", "score", "words"),
    [
        ("mse", "accuracy", r"metrics='mse' is a metric of regressors, and this is a classifier"),
        ("neg_max_error", "accuracy", r"of regressors.*'accuracy', 'average_precision'"),
        ("accuracy", "r2", r"metrics='accuracy' is a metric of classifiers.*'rmse'"),
    ],
)
def test_a_metric_of_the_other_kind_of_estimator(name, score, words):
    with pytest.raises(UnknownOptionError, match=words):
        resolve_metrics([name], score)


def test_functions_that_need_probabilities_are_an_error_before_training(digits):
    for given in (sk.roc_auc_score, partial(sk.roc_auc_score, multi_class="ovr")):
        with pytest.raises(ValueError, match=r"function roc_auc_score, which needs.*'roc_auc' or"):
            resolve_metrics([given], "accuracy")
    with pytest.raises(ValueError, match="name of its scorer instead: 'neg_log_loss'"):
        MLPClassifier(4, metrics=[sk.log_loss]).fit(*digits)
    assert list(resolve_metrics([sk.roc_auc_score], "r2")) == ["roc_auc_score"]  # gets values


@pytest.mark.parametrize("score", ["accuracy", "r2"])
def test_a_function_may_not_take_the_scores_column(score):
    def function(y_true, y_pred):
        return 0.0

    function.__name__ = score
    with pytest.raises(ValueError, match=f"function named '{score}'"):
        resolve_metrics([function], score)


def test_r2_is_recorded_as_it_is_scored(diabetes):
    X, y = diabetes
    reg = MLPRegressor(
        hidden_layer_sizes=5,
        normalize_y=True,
        metrics="r2",
        early_stopping=True,
        max_iter=5,
        tol=None,
    ).fit(X, y)
    assert reg.history_.val_r2.tolist() == reg.validation_scores_
