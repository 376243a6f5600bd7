import re

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.metrics import make_scorer

from sknn_tips import MLPClassifier
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.metrics.errors import (
    check_kind,
    check_takes_labels,
    duplicate_message,
    remedy,
)

X = np.random.RandomState(0).normal(size=(60, 3))
TARGETS = {
    "three classes": np.arange(60) % 3,
    "three labels": np.array(["a", "b", "c"])[np.arange(60) % 3],
    "multilabel": np.random.RandomState(1).randint(0, 2, (60, 3)),
    "two labels": np.array(["no", "yes"])[np.arange(60) % 2],
    "two objects": np.array(["no", "yes"], dtype=object)[np.arange(60) % 2],
}
AVERAGED = ["f1", "jaccard", "precision", "recall"]
SAMPLES = [f"{name}_samples" for name in AVERAGED]
CASES = [
    *(("three classes", name) for name in [*AVERAGED, *SAMPLES, "roc_auc", sk.f1_score]),
    *(("three labels", name) for name in [*AVERAGED, "roc_auc"]),
    *(("multilabel", name) for name in AVERAGED),
    *(("two labels", name) for name in [*AVERAGED, *SAMPLES, "average_precision"]),
    *(("two labels", name) for name in ["neg_brier_score", sk.f1_score]),
    ("two objects", "f1"),
    ("three classes", make_scorer(sk.fbeta_score, beta=2)),
]


def fit(metric, y):
    settings = {"hidden_layer_sizes": 4, "max_iter": 1, "tol": None, "random_state": 0}
    return MLPClassifier(**settings, metrics=[metric]).fit(X, y)


def advised(text):
    """Return the names and the scorers that a remedy says to write."""
    advice = re.search(r"(Write|Pass average=).*", text)[0]
    scorers = re.findall(r"make_scorer\(.*?\)", advice)
    names = re.findall(r"'(\w+_(?:macro|weighted|ovr|ovo))'", advice)
    values = {"make_scorer": make_scorer, **{name: getattr(sk, name) for name in sk.__all__}}
    values["fbeta_score"] = lambda y, p, average: sk.fbeta_score(y, p, beta=2, average=average)
    return [*names, *(eval(scorer, values) for scorer in scorers)]


@pytest.mark.parametrize(("target", "metric"), CASES)
def test_what_a_remedy_says_to_write_can_be_computed(target, metric):
    y = TARGETS[target]
    with pytest.raises(ValueError, match="cannot be computed here: ") as failure:
        fit(metric, y)
    found = advised(str(failure.value))
    assert found
    for each in found:
        assert fit(each, y).history_.iloc[-1].notna().all()


@pytest.mark.parametrize("name", AVERAGED)
def test_averages_of_several_classes(name):
    error = ValueError("Please choose another average setting")
    assert f"'{name}_macro' or '{name}_weighted'" in remedy(name, error, [0, 1, 2])


def test_a_class_is_named_as_the_positive_one():
    error = ValueError("pos_label=1 is not a valid label")
    found = remedy("brier_score", error, np.array(["no", "yes"]))
    assert "make_scorer(brier_score_loss, pos_label='yes', " in found
    assert "greater_is_better=False" in found


def test_no_remedy_is_better_than_a_wrong_one():
    assert remedy("f1", ZeroDivisionError("not today"), [0, 1]) == ""


def test_kinds():
    check_kind("accuracy", ["accuracy"], ["mse"], "accuracy", "metrics")
    check_kind("acc", ["accuracy"], ["mse"], "accuracy", "metrics")
    check_kind(["mse"], ["accuracy"], ["mse"], "accuracy", "metrics")
    with pytest.raises(UnknownOptionError, match=r"m='mse' is a metric of regr.*one of: 'acc'\."):
        check_kind("mse", ["acc"], ["mse"], "accuracy", "m")


@pytest.mark.parametrize("name", sk.get_scorer_names())
def test_every_function_of_probabilities_is_found(name):
    scorer = sk.get_scorer(name)
    if scorer._response_method == "predict":
        check_takes_labels(scorer._score_func)
        return
    with pytest.raises(ValueError, match=f"needs probabilities.*'{name}'"):
        check_takes_labels(scorer._score_func)


def test_functions_of_users_are_left_alone():
    check_takes_labels(lambda y_true, y_pred: 0.0)
    check_takes_labels(make_scorer(sk.log_loss, response_method="predict_proba"))


def test_two_of_a_name():
    assert duplicate_message("f1", "f1", "f1") == "metrics holds 'f1' twice. Leave one out."
    assert "'max_error' and 'neg_max_error'" in duplicate_message("max_error", "neg_max_error", "x")
    assert "lambda" in duplicate_message(lambda y, p: 0.0, lambda y, p: 0.0, "<lambda>")
