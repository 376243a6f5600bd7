import pickle
import re
import sys
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, report, tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.inspection import Report

QUICK = {"hidden_layer_sizes": 8, "max_iter": 3, "tol": None, "random_state": 0, "tips": "ignore"}
NET, REGRESSOR = MLPClassifier(**QUICK), MLPRegressor(**QUICK)
SCALED = make_pipeline(StandardScaler(), NET)
GRID = {"mlpclassifier__alpha": [0.1, 0.2]}
FEW = {"nets__net__max_iter": 3}
CLASSIFIERS = {
    "net": NET,
    "Pipeline": SCALED,
    "GridSearchCV": GridSearchCV(SCALED, GRID, cv=2),
    "RandomizedSearchCV": RandomizedSearchCV(SCALED, GRID, n_iter=2, cv=2, random_state=0),
    "search in a Pipeline": make_pipeline(
        StandardScaler(), GridSearchCV(NET, {"alpha": [1]}, cv=2)
    ),
    "ensemble": FoldEnsembleClassifier(NET, cv=2, random_state=0),
    "ensemble of Pipelines": FoldEnsembleClassifier(SCALED, cv=2, random_state=0),
    "ensemble without networks": FoldEnsembleClassifier(HistGradientBoostingClassifier(), cv=2),
    "ensemble in a Pipeline": make_pipeline(StandardScaler(), FoldEnsembleClassifier(NET, cv=2)),
    "tabular_pipeline": tabular_pipeline("classifier", cv=2, trees=True).set_params(**FEW),
}
REGRESSORS = {
    "net": REGRESSOR,
    "target": TransformedTargetRegressor(REGRESSOR, transformer=StandardScaler()),
    "ensemble": FoldEnsembleRegressor(REGRESSOR, cv=2, random_state=0),
    "tabular_pipeline": tabular_pipeline("regressor", cv=2).set_params(**FEW),
}


class Page(HTMLParser):
    """Reads a page, and fails if an element is not closed where it should be."""

    VOID = ("meta", "img", "br")

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.links, self.text = [], [], [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def check(found):
    page = Page(found.html)
    assert page.links
    assert all(link.startswith("data:image/png;base64,") for link in page.links)
    assert page.tags.count("style") == 1
    assert not {"script", "link", "iframe"} & set(page.tags)
    assert "url(" not in found.html
    assert "@import" not in found.html
    assert len(found.html.encode()) < 300_000
    return page


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_every_kind_of_classifier_has_a_page(kind, digits):
    if kind == "ensemble without networks":
        found = report(CLASSIFIERS[kind].fit(*digits), *digits)
        page = Page(found.html)  # there are no curves
        assert page.links == []
    else:
        page = check(report(CLASSIFIERS[kind].fit(*digits), *digits))
        assert "Tips" in page.text
        assert "Network" in page.text
    assert "Confusion matrix" in page.text
    assert ("out-of-fold score" in page.text) == ("ensemble" in kind or kind == "tabular_pipeline")
    assert (" candidate" in page.text) == ("search" in kind.lower())


@pytest.mark.parametrize("kind", REGRESSORS)
def test_every_kind_of_regressor_has_a_page(kind, diabetes):
    X, y = diabetes
    model = REGRESSORS[kind].fit(X, y)
    page = check(report(model, X, y))
    assert "Residuals" in page.text
    assert f"R2{model.score(X, y):.4f}" in page.text


def test_a_search_has_its_best_parameters(digits):
    search = CLASSIFIERS["GridSearchCV"].fit(*digits)
    text = Page(report(search, *digits).html).text
    best = search.best_params_["mlpclassifier__alpha"]
    assert f"best valuemlpclassifier__alpha{best}" in text
    assert "Model: GridSearchCV → StandardScaler → MLPClassifier" in text


def test_an_ensemble_has_the_scores_of_its_members(digits):
    model = CLASSIFIERS["ensemble"].fit(*digits)
    text = Page(report(model, *digits).html).text
    for row in model.scores_.itertuples():
        assert f"{row.name}{row.fold}{row.score:.4f}{row.n_train}" in text


def test_everything_from_the_user_is_escaped(digits):
    X, y = digits
    y = np.array(["<b>", "</table>", '"&amp;', "plain"])[y % 4]
    names = pd.DataFrame(X).rename(columns=lambda i: f"<script>{i}</script>")
    found = report(NET.fit(names, y), names, y, title="<i>title</i>")
    page = check(found)
    assert not {"b", "i"} & set(page.tags)
    assert "&lt;/table&gt;" in found.html
    assert "&quot;&amp;amp;" in found.html
    assert page.text.count("<i>title</i>") == 2


def test_a_report_is_saved_and_shown(digits, tmp_path):
    found = report(NET.fit(*digits), *digits)
    assert isinstance(found, Report)
    assert repr(found) == "Report(title='Report: MLPClassifier')"
    found.save(tmp_path / "ä.html")
    assert (tmp_path / "ä.html").read_text(encoding="utf-8") == found.html
    shown = found._repr_html_()
    frame = re.fullmatch(r'<iframe title="[^"]*" srcdoc="([^"]*)"[^>]*></iframe>', shown)
    assert unescape(frame[1]) == found.html
    with pytest.raises(AttributeError):
        found.html = ""


def test_the_page_is_readable_on_a_phone_and_in_the_dark(digits):
    html = report(NET.fit(*digits), *digits).html
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "prefers-color-scheme:dark" in html


def test_a_model_from_a_pickle_has_a_page(digits):
    model = pickle.loads(pickle.dumps(NET.fit(*digits)))
    page = check(report(model, *digits))
    assert "training time" in page.text


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_a_model_that_is_not_fitted_is_an_error(kind, digits):
    with pytest.raises(NotFittedError):
        report(clone(CLASSIFIERS[kind]), *digits)


def test_a_model_of_another_library_is_an_error(digits):
    with pytest.raises(
        TypeError, match=r"report got LogisticRegression\. It takes a fold ensemble, an MLP"
    ):
        report(LogisticRegression(max_iter=1000).fit(*digits), *digits)


def test_data_that_do_not_match_are_an_error(digits):
    X, y = digits
    NET.fit(X, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        report(NET, X, y[:-1])
    with pytest.raises(ValueError, match="sample_weight holds negative weights"):
        report(NET, X, y, sample_weight=-np.ones(len(y)))


def test_without_matplotlib_the_error_names_the_extra(digits, monkeypatch):
    NET.fit(*digits)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"report draws with matplotlib: .*sknn_tips\[plot\]"):
        report(NET, *digits)
