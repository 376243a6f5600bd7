"""What a notebook shows of a fitted estimator."""

import pickle
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.ensemble import FoldEnsembleClassifier

OURS = "sknn-tips-fit"
VOID = {"path", "circle"}


class Balanced(HTMLParser):
    """Asserts that every tag is closed in its order, and collects the text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text = [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def unscaled(digits):
    X, y = digits
    return X * 1000, y


def test_an_unfitted_estimator_is_scikit_learns_diagram():
    assert OURS not in MLPClassifier()._repr_html_()
    assert OURS not in clone(FoldEnsembleClassifier(MLPClassifier()))._repr_html_()


@pytest.mark.parametrize("early_stopping", [False, True])
def test_curve_and_tips_are_below_the_diagram(unscaled, early_stopping):
    clf = MLPClassifier(8, max_iter=5, tol=None, early_stopping=early_stopping, tips="ignore")
    html = clf.fit(*unscaled)._repr_html_()
    diagram, ours = html.split(f'<div class="{OURS}"')
    assert "MLPClassifier" in diagram
    page = Balanced(f"<div{ours}")
    assert "5 epochs; stop_reason_: max_iter" in page.text
    assert ("validation" in page.text) == early_stopping
    assert ours.count("<svg") == 1
    for tip in clf.tips_:
        assert f"{tip.code}: {tip.seen} {tip.advice}" in page.text
    copied = pickle.loads(pickle.dumps(clf))
    assert copied._repr_html_().split(OURS)[1] == html.split(OURS)[1]


def test_the_bundle_of_a_notebook(digits):
    clf = MLPClassifier(8, max_iter=3, tol=None, tips="ignore").fit(*digits)
    assert OURS in clf._repr_mimebundle_()["text/html"]
    with config_context(display="text"):
        assert set(clf._repr_mimebundle_()) == {"text/plain"}
        assert not hasattr(clf, "_repr_html_")


@pytest.mark.parametrize("solver", ["lbfgs", "sgd"])
def test_other_ways_to_train(diabetes, solver):
    reg = MLPRegressor(hidden_layer_sizes=4, solver=solver, max_iter=3, tips="ignore", tol=None)
    assert "3 epochs" in reg.fit(*diabetes)._repr_html_()
    assert "1 epochs" in MLPRegressor(tips="ignore").partial_fit(*diabetes)._repr_html_()


def test_losses_that_are_not_finite(digits):
    X, y = digits
    reg = MLPRegressor(hidden_layer_sizes=4, max_iter=2, tol=None, tips="ignore").fit(X, y)
    for row, loss in zip(reg.net_.history, (np.nan, np.inf), strict=True):
        row["train_loss"] = loss
    assert "<svg" not in reg._repr_html_().split(OURS)[1]


def test_names_of_the_user_are_escaped():
    X = np.random.RandomState(0).randn(40, 2) * 1e4
    frame = pd.DataFrame(X, columns=["<script>", "b & c"])
    clf = MLPClassifier(4, max_iter=3, tol=None, tips="ignore").fit(frame, X[:, 0] > 0)
    ours = clf._repr_html_().split(OURS)[1]
    assert "<script>" not in ours
    assert "&lt;script&gt;" in ours


def test_the_members_of_an_ensemble(unscaled):
    net = MLPClassifier(8, max_iter=5, tol=None, tips="ignore")
    ensemble = FoldEnsembleClassifier(
        [("net", net), ("scaled", make_pipeline(StandardScaler(), net))], cv=2
    ).fit(*unscaled)
    page = Balanced("<div" + ensemble._repr_html_().split(f'<div class="{OURS}"')[1])
    assert "4 networks, 5 epochs each" in page.text
    assert "unscaled-input (in 2 of 4 networks)" in page.text
