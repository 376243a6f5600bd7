from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.plotting import SearchDisplay

FAILING = [
    "ignore:\\n*.* fits failed",
    "ignore:One or more of the test scores",
]


def legend_texts(display):
    return [text.get_text() for legend in display.figure_.legends for text in legend.get_texts()]


def test_a_search_of_ours(digits):
    net = MLPClassifier((4,), max_iter=2, tol=None, random_state=0)
    model = make_pipeline(StandardScaler(), net)
    grid = {"mlpclassifier__learning_rate_init": [0.001, 0.01, 0.1]}
    search = GridSearchCV(model, grid, cv=2).fit(*digits)
    display = SearchDisplay.from_estimator(search)
    assert display.ax_.get_xlabel() == "learning_rate_init"
    assert display.ax_.get_xscale() == "log"
    assert legend_texts(display) == ["mean ± std of 2 folds", "best"]


def test_two_parameters_are_a_table(ridge_search):
    grid = {"alpha": [0.1, 1.0, 10.0], "fit_intercept": [True, False]}
    display = SearchDisplay.from_estimator(ridge_search(grid))
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("alpha", "fit_intercept")
    assert display.ax_.get_title(loc="right") == "the best is framed"
    assert not legend_texts(display)


@pytest.fixture(scope="module")
def wide(diabetes):
    """30 candidates over four parameters."""
    options = {
        "alpha": 10.0 ** np.arange(-4, 4),
        "fit_intercept": [True, False],
        "positive": [True, False],
        "tol": [1e-4, 1e-3, 1e-2],
    }
    return RandomizedSearchCV(Ridge(), options, n_iter=30, cv=2, random_state=0).fit(*diabetes)


def test_more_are_ranked(wide):
    display = SearchDisplay.from_estimator(wide, n_best=5)
    assert len(display.ax_.get_yticks()) == 5
    assert display.ax_.get_title(loc="right") == "the best 5 of 30 candidates"
    assert SearchDisplay.from_estimator(wide, n_best=99).ax_.get_title(loc="right") == ""
    with pytest.raises(ValueError, match="n_best=0 must be at least 1"):
        display.plot(n_best=0)


def test_params_choose(wide):
    display = SearchDisplay.from_estimator(wide, params="alpha")
    assert display.ax_.get_title(loc="right") == "other parameters vary too"
    assert display.plot(params=["alpha", "positive"]) is display
    assert display.ax_.get_ylabel() == "positive"
    with pytest.raises(ValueError, match=r"params='alhpa' is not known. Did you mean 'alpha'"):
        display.plot(params="alhpa")


@pytest.mark.filterwarnings(*FAILING)
def test_failures_are_named(ridge_search):
    search = ridge_search({"alpha": [-3.0, -2.0, -1.0, 1.0, 2.0]})
    display = SearchDisplay.from_estimator(search)
    assert display.ax_.get_title(loc="right") == "failed: alpha=-3; alpha=-2 and 1 more"
    assert "failed" in legend_texts(display)


def test_nothing_overlaps(wide, boxes):
    display = SearchDisplay.from_estimator(wide, n_best=10)
    figure, ax = display.figure_, display.ax_
    header, note = ax.texts[0], ax._right_title
    legend = figure.legends[0]
    header, note, legend, panel, *rows = boxes(
        figure, header, note, legend, ax, *ax.get_yticklabels()
    )
    assert not header.overlaps(note)
    assert not legend.overlaps(panel)
    assert all(a.y0 >= b.y1 for a, b in pairwise(rows))
    assert min(row.x0 for row in rows) >= 0
    assert panel.width > 300


def test_one_candidate(ridge_search):
    display = SearchDisplay.from_estimator(ridge_search({"alpha": [1.0]}))
    assert len(display.ax_.get_yticks()) == 1


def test_axes_of_the_user(ridge_search):
    figure, ax = plt.subplots()
    display = SearchDisplay.from_estimator(ridge_search({"alpha": [1.0, 2.0]}), ax=ax)
    assert (display.figure_, display.ax_) == (figure, ax)
    assert ax.get_legend() is not None


def test_what_cannot_be_drawn():
    with pytest.raises(NotFittedError):
        SearchDisplay.from_estimator(GridSearchCV(Ridge(), {"alpha": [1]}))
    with pytest.raises(TypeError, match=r"SearchDisplay.from_estimator got Ridge"):
        SearchDisplay.from_estimator(Ridge())
