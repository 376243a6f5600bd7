import re

import numpy as np
import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, report

QUICK = {"hidden_layer_sizes": 8, "max_iter": 2, "tol": None, "random_state": 0, "tips": "ignore"}
NET = MLPClassifier(**QUICK)
SCALED = make_pipeline(StandardScaler(), NET)
PICTURE = 'alt="Scores of the candidates by rank"'


def section(model, X, y):
    """Return the HTML of the section on the search, and the rows of the ranking with its head."""
    html = report(model, X, y).html.split("<h2>Search</h2>")[1].split("</section>")[0]
    _, *rankings = html.split("<h3>")
    lines = [line for part in rankings for line in re.findall(r"<tr>(.*?)</tr>", part)]
    return html, [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line) for line in lines]


def test_the_ranking_is_that_of_the_search(digits):
    alphas = [0.1, 1.0, 300.0]
    search = GridSearchCV(SCALED, {"mlpclassifier__alpha": alphas}, cv=2).fit(*digits)
    html, (head, *rows) = section(search, *digits)
    results = search.cv_results_
    order = np.argsort(results["rank_test_score"], kind="stable")
    assert head == ["rank", "alpha", "mean test score", "std"]
    assert [row[:2] for row in rows] == [
        [str(rank), f"{alphas[i]:.3g}"] for rank, i in enumerate(order, 1)
    ]
    for row, i in zip(rows, order, strict=True):
        expected = results["mean_test_score"][i], results["std_test_score"][i]
        assert row[2:] == [f"{value:.4f}" for value in expected]
    assert "GridSearchCV tried 3 candidates." in html
    assert "Test scores: mean ± std of 2 folds." in html
    assert PICTURE in html


@pytest.mark.parametrize("place", ["outside", "inside"])
def test_a_search_around_and_within_a_pipeline(place, digits):
    grid = {"alpha": [0.1, 1.0]}
    search = GridSearchCV(NET, grid, cv=2)
    if place == "inside":
        model = make_pipeline(StandardScaler(), search)
    else:
        named = {f"mlpclassifier__{name}": values for name, values in grid.items()}
        model = GridSearchCV(SCALED, named, cv=2)
    _, (head, *rows) = section(model.fit(*digits), *digits)
    assert head[1] == "alpha"
    assert {row[1] for row in rows} == {"0.1", "1"}


def test_the_ten_best_of_many(digits):
    draws = {"alpha": np.logspace(-3, 3, 12).tolist()}
    search = RandomizedSearchCV(NET, draws, n_iter=12, cv=2, random_state=0).fit(*digits)
    html, (_, *rows) = section(search, *digits)
    assert "The best 10 of 12 candidates" in html
    best = np.sort(search.cv_results_["mean_test_score"])[::-1][:10]
    assert [row[2] for row in rows] == [f"{score:.4f}" for score in best]


def test_a_single_candidate_has_no_picture(digits):
    html, rows = section(GridSearchCV(NET, {"alpha": [1]}, cv=2).fit(*digits), *digits)
    assert "tried 1 candidate." in html
    assert [row[0] for row in rows] == ["rank", "1"]
    assert PICTURE not in html


def test_an_error_is_positive_and_lower_is_better(diabetes):
    net = MLPRegressor(**QUICK)
    scoring = "neg_mean_absolute_error"
    search = GridSearchCV(net, {"alpha": [1, 2]}, cv=2, scoring=scoring).fit(*diabetes)
    html, (head, first, _) = section(search, *diabetes)
    assert head[2] == "mean test mean_absolute_error"
    assert first[2] == f"{-search.best_score_:.4f}"
    assert "Lower is better." in html


def test_a_halving_search_has_its_resource(digits):
    search = HalvingGridSearchCV(NET, {"alpha": [0.1, 1, 10]}, cv=2, random_state=0).fit(*digits)
    html, (head, *rows) = section(search, *digits)
    assert head[:3] == ["rank", "alpha", "n_samples"]
    assert len(rows) == 3
    assert rows[0][2] == str(max(search.n_resources_))
    assert "tried 3 candidates." in html


def test_candidates_that_failed_are_counted(digits):
    search = GridSearchCV(NET, {"alpha": [1, 2, -1]}, cv=2)
    with pytest.warns(match="2 fits failed"), pytest.warns(match="scores are non-finite"):
        search.fit(*digits)
    html, rows = section(search, *digits)
    assert len(rows) == 3
    assert "Candidates without a score: 1." in html


def test_candidates_without_an_order_have_no_ranking(digits):
    several = {"a": make_scorer(accuracy_score), "b": "neg_log_loss"}
    search = GridSearchCV(NET, {"alpha": [1, 2]}, cv=2, scoring=several, refit=lambda results: 1)
    html, rows = section(search.fit(*digits), *digits)
    assert rows == []
    assert "tried 2 candidates." in html
    assert "<td" in html
