from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    ShuffleSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips.plotting.candidates import (
    ABSENT,
    Candidates,
    choose_parameters,
    is_numeric,
    read_candidates,
)


@pytest.fixture(scope="module")
def halving(digits):
    grid = {"max_depth": [1, 2, 3, 4]}
    forest = RandomForestClassifier(n_estimators=3, random_state=0)
    options = {"cv": 2, "factor": 2, "random_state": 0}
    return HalvingGridSearchCV(forest, grid, **options).fit(*digits)


@pytest.mark.parametrize(
    ("n", "label"), [(1, "mean ± std of 1 fold"), (2, "mean ± std of 2 folds")]
)
def test_the_number_of_folds_is_named(n, label, diabetes):
    search = GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=ShuffleSplit(n, random_state=0))
    assert read_candidates(search.fit(*diabetes), None, "test").spread_label == label


def test_columns_of_a_grid(ridge_search):
    search = ridge_search({"alpha": [0.1, 1.0, 10.0], "fit_intercept": [True]})
    found = read_candidates(search, None, "SearchDisplay")
    assert list(found.parameters) == ["alpha"]  # the intercept did not vary
    assert found.parameters["alpha"].tolist() == [0.1, 1.0, 10.0]
    np.testing.assert_array_equal(found.scores, search.cv_results_["mean_test_score"])
    np.testing.assert_array_equal(found.spreads, search.cv_results_["std_test_score"])
    assert (found.best, found.n_folds) == (search.best_index_, 3)
    assert (found.score_name, found.lower_is_better) == ("score", False)
    assert found.ranked == np.argsort(-found.scores).tolist()


def test_an_error_is_positive_and_lower_is_better(ridge_search):
    search = ridge_search({"alpha": [0.1, 1e4]}, scoring="neg_mean_squared_error")
    found = read_candidates(search, None, "SearchDisplay")
    np.testing.assert_array_equal(found.scores, -search.cv_results_["mean_test_score"])
    assert found.score_label == "mean_squared_error\n(lower is better)"
    assert found.ranked == [0, 1]
    assert found.best == 0


def test_short_names_where_they_are_unique(diabetes):
    model = make_pipeline(StandardScaler(), MinMaxScaler(), Ridge())
    grid = {
        "ridge__alpha": [1, 2],
        "standardscaler__copy": [True, False],
        "minmaxscaler__copy": [True, False],
    }
    search = RandomizedSearchCV(model, grid, n_iter=8, cv=2, random_state=0).fit(*diabetes)
    found = read_candidates(search, None, "SearchDisplay")
    assert set(found.parameters) == {"alpha", "standardscaler__copy", "minmaxscaler__copy"}
    assert choose_parameters(found, None) == []
    assert choose_parameters(found, "ridge__alpha") == ["alpha"]
    assert choose_parameters(found, ["alpha", "minmaxscaler__copy"]) == [
        "alpha",
        "minmaxscaler__copy",
    ]


def test_what_a_candidate_does_not_have(ridge_search):
    search = ridge_search([{"alpha": [1.0]}, {"fit_intercept": [False]}])
    found = read_candidates(search, None, "SearchDisplay")
    assert found.parameters.to_numpy().tolist() == [[1.0, ABSENT], [ABSENT, False]]
    assert found.describe(1) == "alpha=-, fit_intercept=False"


@pytest.mark.filterwarnings("ignore:\\n*.* fits failed", "ignore:One or more of the test scores")
def test_failed_candidates_come_last_and_never_alone(ridge_search):
    found = read_candidates(ridge_search({"alpha": [-1.0, 1.0]}), None, "SearchDisplay")
    assert found.failed.tolist() == [True, False]
    assert (found.ranked, found.best) == ([1], 1)
    broken = SimpleNamespace(
        cv_results_={"mean_test_score": [np.nan], "std_test_score": [np.nan], "params": [{}]}
    )
    with pytest.raises(ValueError, match=r"All 1 candidates failed.*error_score='raise'"):
        read_candidates(broken, None, "SearchDisplay")


def test_several_metrics(ridge_search):
    scoring = {"r2": "r2", "neg_mae": "neg_mean_absolute_error"}
    search = ridge_search({"alpha": [1e4, 1.0]}, scoring=scoring, refit="neg_mae")
    assert read_candidates(search, None, "SearchDisplay").score_name == "mae"
    r2 = read_candidates(search, "r2", "SearchDisplay")
    assert (r2.score_name, r2.lower_is_better, r2.best) == ("r2", False, 1)
    with pytest.raises(ValueError, match=r"metric='mae' is not known. Did you mean 'neg_mae'"):
        read_candidates(search, "mae", "SearchDisplay")
    unfit = ridge_search({"alpha": [1e4, 1.0]}, scoring=scoring, refit=False)
    with pytest.raises(ValueError, match=r"metric=\.\.\. of 'r2', 'neg_mae'"):
        read_candidates(unfit, None, "SearchDisplay")
    assert read_candidates(unfit, "r2", "SearchDisplay").best == 1


def test_rounds_of_a_halving_search(halving):
    found = read_candidates(halving, None, "SearchDisplay")
    assert found.resource == "n_samples"
    assert len(found.scores) > 4
    last = found.parameters["max_depth"][found.last_rounds]
    assert sorted(last) == [1, 2, 3, 4]
    assert found.ranked[0] == halving.best_index_
    amounts = found.resources[found.ranked]
    assert (np.diff(amounts) <= 0).all()


def test_no_search():
    with pytest.raises(TypeError, match=r"SearchDisplay got Ridge. It takes a fitted GridSearchCV"):
        read_candidates(Ridge(), None, "SearchDisplay")
    with pytest.raises(NotFittedError):
        read_candidates(GridSearchCV(Ridge(), {"alpha": [1]}), None, "SearchDisplay")


def test_parameters_that_cannot_be_chosen(ridge_search):
    search = ridge_search({"alpha": [1, 2], "fit_intercept": [True, False], "positive": [False]})
    found = read_candidates(search, None, "SearchDisplay")
    assert choose_parameters(found, None) == ["alpha", "fit_intercept"]
    with pytest.raises(ValueError, match=r"params='positive' is not known.*'alpha'"):
        choose_parameters(found, "positive")
    for params in ([], ["alpha", "alpha"]):
        with pytest.raises(ValueError, match="must name one or two parameters"):
            choose_parameters(found, params)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 0.5, np.float32(2), np.int64(3)], True),
        ([True, False], False),
        ([np.True_, 1], False),
        ([1, None], False),
        ([1, "auto"], False),
        ([1, np.nan], False),
        ([(1, 2)], False),
    ],
)
def test_numbers(values, expected):
    assert is_numeric(values) is expected


def test_a_search_of_one_candidate(ridge_search):
    found = read_candidates(ridge_search({"alpha": [1.0]}), None, "SearchDisplay")
    assert isinstance(found, Candidates)
    assert found.parameters.shape == (1, 0)
    assert found.ranked == [0]
    assert choose_parameters(found, None) == []
