import re

import numpy as np
import pytest
from scipy import sparse
from sklearn import metrics
from sklearn.datasets import make_multilabel_classification

from sknn_tips import MLPClassifier, MLPRegressor, evaluate, report
from sknn_tips.inspection.report_html import number
from sknn_tips.inspection.report_scores import MOST_CLASSES

QUICK = {"max_iter": 3, "tol": None, "random_state": 0, "tips": "ignore"}
TRAINED = "loss that was trained, without penalties"


def rows(page):
    """Return the cells of each row of the tables, by the first."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", page.html):
        first, *others = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)
        found.setdefault(first, others)
    return found


@pytest.fixture(scope="module")
def classifier(digits):
    return MLPClassifier(16, metrics=["f1_macro"], **QUICK).fit(*digits)


@pytest.fixture(scope="module")
def multilabel():
    X, y = make_multilabel_classification(80, 6, n_classes=4, random_state=0)
    return MLPClassifier(8, **QUICK).fit(X, y), X, y


@pytest.mark.parametrize("weighted", [False, True])
def test_scores_of_a_classifier_are_those_of_sklearn(classifier, digits, rng, weighted):
    X, y = digits
    weight = rng.uniform(0.1, 2, len(y)) if weighted else None
    found = rows(report(classifier, X, y, sample_weight=weight))
    options, predicted = {"sample_weight": weight}, classifier.predict(X)
    assert found["accuracy"] == [number(metrics.accuracy_score(y, predicted, **options))]
    balanced = metrics.balanced_accuracy_score(y, predicted, **options)
    assert found["balanced accuracy"] == [number(balanced)]
    loss = metrics.log_loss(y, classifier.predict_proba(X), **options)
    assert found["log loss"] == [number(loss)]
    f1 = metrics.f1_score(y, predicted, average="macro", **options)
    assert found["f1_macro"] == [number(f1)]
    per_class = metrics.precision_recall_fscore_support(y, predicted, zero_division=0, **options)
    assert found["3"] == [number(values[3].item()) for values in per_class]


def test_the_confusion_matrix_is_that_of_sklearn(classifier, digits):
    X, y = digits
    page = report(classifier, X, y).html
    body = page.split("true \\ predicted")[1].split("</table>")[0]
    cells = [int(cell) for cell in re.findall(r"<td[^>]*>(\d+)</td>", body)]
    expected = metrics.confusion_matrix(y, classifier.predict(X))
    assert cells == expected.ravel().tolist()


def test_classes_that_y_does_not_have_are_no_problem(classifier, digits):
    X, y = digits
    few = y < 2
    found = rows(report(classifier, X[few], y[few]))
    recall = [np.mean(classifier.predict(X[y == label]) == label) for label in (0, 1)]
    assert found["balanced accuracy"] == [number(np.mean(recall))]


@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning")  # scikit-learn 1.7
def test_many_classes_have_the_worst_ones_and_the_most_frequent_confusions(rng):
    n_classes = MOST_CLASSES + 5
    y = np.arange(200) % n_classes
    X = np.eye(n_classes)[y] + rng.normal(0, 0.5, (200, n_classes))
    model = MLPClassifier(8, **QUICK).fit(X, y)
    page = report(model, X, y)
    assert "true \\ predicted" not in page.html
    assert f"The {MOST_CLASSES} of {n_classes} classes with the lowest F1." in page.html
    counts = metrics.confusion_matrix(y, model.predict(X))
    np.fill_diagonal(counts, 0)
    table = page.html.split("The most frequent confusions:")[1].split("</table>")[0]
    pairs = re.findall(r"<td>(\d+)</td><td>(\d+)</td><td class=\"n\">(\d+)</td>", table)
    assert [int(n) for *_, n in pairs] == np.sort(counts.ravel())[::-1][:MOST_CLASSES].tolist()
    assert all(counts[int(i), int(j)] == int(n) for i, j, n in pairs)


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_scores_of_multilabel_targets(multilabel, make):
    model, X, y = multilabel
    page = report(model, X, make(y))
    found, predicted = rows(page), model.predict(X)
    assert found["accuracy"] == [number(metrics.accuracy_score(y, predicted))]
    assert found["hamming loss"] == [number(metrics.hamming_loss(y, predicted))]
    for average in ("macro", "micro"):
        f1 = metrics.f1_score(y, predicted, average=average, zero_division=0)
        assert found[f"f1 {average}"] == [number(f1)]
    assert "Confusion matrix" not in page.html


@pytest.mark.parametrize("weighted", [False, True])
def test_scores_of_a_regressor_are_those_of_sklearn(diabetes, rng, weighted):
    X, y = diabetes
    weight = rng.uniform(0.1, 2, len(y)) if weighted else None
    model = MLPRegressor(hidden_layer_sizes=8, metrics=["rmse"], **QUICK).fit(X, y)
    page = report(model, X, y, sample_weight=weight)
    found, predicted = rows(page), model.predict(X)
    for name, function in {
        "R2": metrics.r2_score,
        "RMSE": metrics.root_mean_squared_error,
        "MAE": metrics.mean_absolute_error,
    }.items():
        assert found[name] == [number(function(y, predicted, sample_weight=weight))]
    assert not {"r2", "rmse"} & set(found)  # they are there as R2 and RMSE
    assert 'alt="Residuals against predictions"' in page.html
    assert ("All scores use the sample weights." in page.html) == weighted


def test_several_outputs_have_a_row_each_and_no_residuals(diabetes):
    X, y = diabetes
    y = np.c_[y, X[:, 2]]
    model = MLPRegressor(hidden_layer_sizes=8, **QUICK).fit(X, y)
    page = report(model, X, y)
    found, predicted = rows(page), model.predict(X)
    assert found["R2"] == [number(metrics.r2_score(y, predicted))]
    assert found["1"][0] == number(metrics.r2_score(y[:, 1], predicted[:, 1]))
    assert "Residuals" not in page.html


def test_the_quantile_loss_is_scored_by_the_pinball_loss(diabetes):
    X, y = diabetes
    model = MLPRegressor(
        hidden_layer_sizes=8, loss="quantile", loss_params={"quantile": 0.9}, **QUICK
    ).fit(X, y)
    found, predicted = rows(report(model, X, y)), model.predict(X)
    loss = metrics.mean_pinball_loss(y, predicted, alpha=0.9)
    assert found["pinball loss (quantile 0.9)"] == [number(loss)]
    share = np.mean(y <= predicted)
    assert found["share of targets up to the prediction"] == [number(share)]


@pytest.mark.parametrize(
    ("settings", "twice"),
    [
        ({}, False),  # half the squared error is none of the scores
        ({"loss": "absolute_error"}, True),
        ({"loss": "absolute_error", "normalize_y": True}, False),  # is of the scaled target
        ({"loss": "quantile", "loss_params": {"quantile": 0.9}}, True),
    ],
)
def test_the_loss_of_a_regressor_is_shown_once(settings, twice, diabetes):
    X, y = diabetes[0], 100 * diabetes[1]
    model = MLPRegressor(hidden_layer_sizes=8, **settings, **QUICK).fit(X, y)
    found = rows(report(model, X, y))
    assert (TRAINED not in found) == twice
    if not twice:
        assert found[TRAINED] == [number(evaluate(model, X, y)["loss"])]


@pytest.mark.parametrize(
    ("settings", "twice"),
    [({}, True), ({"label_smoothing": 0.3}, False), ({"loss": "squared_error"}, False)],
)
def test_the_loss_of_a_classifier_is_shown_once(settings, twice, digits):
    model = MLPClassifier(8, **settings, **QUICK).fit(*digits)
    found = rows(report(model, *digits))
    assert (TRAINED not in found) == twice
    if not twice:
        assert found[TRAINED] == [number(evaluate(model, *digits)["loss"])]


def test_one_sample_has_no_r2(diabetes):
    X, y = diabetes
    model = MLPRegressor(hidden_layer_sizes=8, **QUICK).fit(X, y)
    with np.errstate(all="raise"):
        assert rows(report(model, X[:1], y[:1]))["R2"] == ["nan"]


def test_a_column_of_targets_is_taken_as_one_output(diabetes):
    X, y = diabetes
    model = MLPRegressor(hidden_layer_sizes=8, **QUICK).fit(X, y)
    column = rows(report(model, X, y[:, None]))
    assert column["R2"] == [number(metrics.r2_score(y, model.predict(X)))]


def test_labels_of_another_kind_are_an_error(multilabel, classifier, digits):
    model, X, y = multilabel
    with pytest.raises(ValueError, match="an indicator matrix of 4 columns in fit"):
        report(model, X, y[:, 0])
    with pytest.raises(ValueError, match="y has 2 columns"):
        report(classifier, digits[0], np.c_[digits[1], digits[1]])
