import re

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, report, summary, tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleClassifier

QUICK = {"max_iter": 3, "tol": None, "random_state": 0, "tips": "ignore"}


def section(page, title):
    """Return the HTML of a section, or "" if there is none."""
    found = re.search(rf"<section><h2>{title}</h2>(.*?)</section>", page.html, re.DOTALL)
    return found[1] if found else ""


def test_each_tip_is_there_with_its_remedy(digits):
    X, y = digits
    net = MLPClassifier(**QUICK).fit(X * 100, y)
    found = section(report(net, X * 100, y), "Tips")
    assert net.tips_
    assert found.count('<div class="tip') == len(net.tips_)
    for tip in net.tips_:
        assert tip.title in found
        assert f"{tip.severity}: {tip.code}<" in found


def test_without_a_tip_the_report_says_so(digits):
    net = MLPClassifier(16, **QUICK).fit(*digits)
    net.tips_ = []
    assert "No check found a problem." in section(report(net, *digits), "Tips")


def test_a_tip_of_several_members_is_there_once(digits):
    X, y = digits
    model = FoldEnsembleClassifier(MLPClassifier(16, **QUICK), cv=3, random_state=0).fit(X, y)
    members = model.estimators_["mlpclassifier"]
    codes = [tip.code for member in members for tip in member.tips_]
    found = section(report(model, X, y), "Tips")
    for code in set(codes):
        assert found.count(f"{code}, in {codes.count(code)} of 3 networks") == 1
    assert found.count('<div class="tip') == len(set(codes)) > 0


def test_names_of_features_are_escaped(digits):
    X = pd.DataFrame(digits[0][:, 20:30]).rename(columns=lambda i: f"<i>{i}</i>")
    X["<b>constant"] = 1.0
    net = MLPClassifier(8, **QUICK).fit(X, digits[1])
    page = report(net, X, digits[1])
    assert "&lt;b&gt;constant" in section(page, "Tips")
    assert "<b>" not in page.html
    assert "<i>" not in page.html


def parameters_in(page):
    found = section(page, "Parameters that differ from the defaults")
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found)
    return {cells[i]: tuple(cells[i + 1 : i + 3]) for i in range(0, len(cells), 3)}


def test_parameters_are_those_that_differ_from_their_defaults(diabetes):
    model = make_pipeline(
        PCA(3), MLPRegressor(hidden_layer_sizes=8, alpha=0.0001, dropout=0.1, **QUICK)
    )
    assert parameters_in(report(model.fit(*diabetes), *diabetes)) == {
        "pca__n_components": ("3", "None"),
        "mlpregressor__hidden_layer_sizes": ("8", "(100,)"),
        "mlpregressor__dropout": ("0.1", "0.0"),
        "mlpregressor__max_iter": ("3", "200"),
        "mlpregressor__random_state": ("0", "None"),
        "mlpregressor__tips": ("&#x27;ignore&#x27;", "&#x27;warn&#x27;"),
        "mlpregressor__tol": ("None", "0.0001"),
    }


def test_of_a_table_model_the_defaults_are_those_of_tabular_pipeline(digits):
    model = tabular_pipeline("classifier", cv=2, random_state=0)
    model.set_params(nets__net__max_iter=2, nets__encoder__numeric=StandardScaler())
    page = report(model.fit(*digits), *digits)
    assert parameters_in(page) == {
        "cv": ("2", "8"),
        "random_state": ("0", "None"),
        "nets__net__max_iter": ("2", "40"),
        "nets__encoder__numeric": ("StandardScaler()", "PiecewiseLinearEncoder()"),
    }
    model = tabular_pipeline(MLPClassifier(4, max_iter=2, tol=None)).fit(*digits)
    net = "MLPClassifier(hidden_layer_sizes=4, max_iter=2, tol=None)"
    assert parameters_in(report(model, *digits)) == {"nets__net": (net, "required")}


def test_network_and_training_are_those_of_the_fit(digits):
    net = MLPClassifier(16, metrics=["accuracy"], **QUICK).fit(*digits)
    page = report(net, *digits)
    assert f"{summary(net).n_parameters:,} parameters" in section(page, "Network")
    found = section(page, "Training")
    assert "<td>training samples</td><td>300</td>" in found
    assert "<td>epochs</td><td>3</td>" in found
    assert "training time in seconds" in found
    alts = re.findall(r'alt="(.*?)"', section(page, "Learning curves"))
    assert alts == ["Learning curves: loss", "Learning curves: accuracy"]


def test_numbers_and_words_on_training_are_aligned_alike(digits):
    net = MLPClassifier(16, **QUICK).fit(*digits)
    found = section(report(net, *digits), "Training")
    assert "<td>cpu</td>" in found or "<td>cuda" in found
    assert "class=" not in found.replace('<div class="wide">', "")


def test_there_are_at_most_six_curves(diabetes):
    names = [
        "rmse",
        "mae",
        "max_error",
        "explained_variance",
        "neg_median_absolute_error",
        "d2_absolute_error_score",
    ]
    net = MLPRegressor(hidden_layer_sizes=4, metrics=names, **QUICK).fit(*diabetes)
    found = section(report(net, *diabetes), "Learning curves")
    assert found.count("<img") == 6
    assert "Not drawn: " in found


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_an_optimizer_has_its_curve(diabetes, optimizer):
    net = MLPRegressor(hidden_layer_sizes=4, optimizer=optimizer, **QUICK).fit(*diabetes)
    page = report(net, *diabetes)
    assert "Learning curves: loss" in page.html
    assert ("training time" in page.html) == (optimizer == "adam")
    assert str(np.__version__) in section(page, "Versions")
