import builtins
import importlib
from numbers import Real

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import config_context, metrics
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 makes the next import work
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.metrics import check_scoring, get_scorer
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import estimator_html_repr

from sknn_tips._compat import sklearn as compat

X, Y = np.arange(8.0)[:, None], np.arange(8.0)


class Fits(BaseEstimator):
    """An estimator with a parameter that may be anything between 0 and 1."""

    _parameter_constraints = {"share": [compat.Interval(Real, 0, 1, closed="left")]}

    def __init__(self, share=0.5):
        self.share = share

    @compat.fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        return self


def error_of(constraint, value):
    """Return what a value is told that does not meet a constraint, None for one that does."""
    try:
        compat.validate_parameter_constraints({"given": [constraint]}, {"given": value}, "Owner")
    except ValueError as error:
        return str(error)
    return None


def test_fit_context_checks_parameters():
    assert Fits().fit(X).share == 0.5
    with pytest.raises(ValueError, match=r"'share' parameter of Fits must be a float in the range"):
        Fits(share=1.0).fit(X)
    with config_context(skip_parameter_validation=True):
        Fits(share=1.0).fit(X)


def test_available_if_hides_a_method_where_the_check_fails():
    class Steps:
        def __init__(self, can):
            self.can = can

        @compat.available_if(lambda estimator: estimator.can)
        def step(self):
            return "stepped"

    assert Steps(True).step() == "stepped"
    assert not hasattr(Steps(False), "step")
    with pytest.raises(AttributeError, match=r"^This 'Steps' has no attribute 'step'$"):
        _ = Steps(False).step


def test_available_if_says_why_a_method_is_missing():
    class Steps:
        @compat.available_if(lambda estimator: {}["why"])
        def step(self):
            """Do nothing."""

    with pytest.raises(AttributeError, match=r"has no attribute 'step': 'why'$") as error:
        _ = Steps().step
    assert isinstance(error.value.__cause__, KeyError)


@pytest.mark.parametrize(
    ("constraint", "good", "bad", "said"),
    [
        (compat.HasMethods("fit"), Fits(), 3, "implementing 'fit'"),
        (compat.Interval(Real, 0, None, closed="neither"), 0.5, 0.0, r"in the range (0.0, inf)"),
        (compat.Options(Real, {1, 2}), 2, 3, "among"),
        (compat.StrOptions({"auto"}), "auto", "none", "a str among {'auto'}"),
    ],
)
def test_constraints_of_parameters_say_what_they_take(constraint, good, bad, said):
    assert error_of(constraint, good) is None
    assert said in error_of(constraint, bad)


def test_weights_are_an_array_as_long_as_X():
    assert compat.check_sample_weight([1] * 8, X, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="sample_weight"):
        compat.check_sample_weight([1, 2], X)


@pytest.mark.parametrize("make", [list, np.array, sparse.csr_matrix, pd.DataFrame])
def test_rows_of_anything_that_fit_takes(make):
    rows = make([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert compat.num_samples(rows) == 3
    some = compat.safe_indexing(rows, np.array([2, 0]))
    assert type(some) is type(rows)
    some = some.toarray() if sparse.issparse(some) else np.asarray(some)
    assert some.tolist() == [[5.0, 6.0], [1.0, 2.0]]


def test_arguments_of_fit_with_a_value_a_row_are_taken_by_row():
    found = compat.check_method_params(X, {"sample_weight": Y, "other": "kept"}, [1, 7])
    assert found["sample_weight"].tolist() == [1.0, 7.0]
    assert found["other"] == "kept"


def test_the_first_call_of_partial_fit_learns_the_classes():
    estimator = SGDClassifier()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        compat.check_partial_fit_first_call(estimator, None)
    assert compat.check_partial_fit_first_call(estimator, [2, 1])
    assert estimator.classes_.tolist() == [1, 2]
    assert not compat.check_partial_fit_first_call(estimator, None)
    with pytest.raises(ValueError, match="not the same as on last call"):
        compat.check_partial_fit_first_call(estimator, [1, 3])


def test_a_composition_has_the_parameters_of_its_named_estimators():
    class Named(compat.BaseComposition):
        def __init__(self, estimators):
            self.estimators = estimators

        def get_params(self, deep=True):
            return self._get_params("estimators", deep=deep)

    named = Named([("a", Fits())])
    assert named.get_params()["a__share"] == 0.5
    named._set_params("estimators", a__share=0.25)
    assert named.estimators[0][1].share == 0.25
    with pytest.raises(ValueError, match="not unique"):
        named._validate_names(["a", "a"])


@pytest.mark.parametrize("search", [GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV])
def test_all_searches_have_one_base(search):
    assert issubclass(search, compat.BaseSearchCV)


def test_a_target_transformer_is_fitted_alone():
    regressor = TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler())
    compat.fit_target_transformer(regressor, Y[:, None])
    assert regressor.transformer_.mean_ == [3.5]
    assert not hasattr(regressor, "regressor_")


def test_a_block_is_shown_as_the_estimator_that_it_is_of():
    class Shown(Fits):
        def _sk_visual_block_(self):
            return compat.html_block(VotingClassifier([("linear", LogisticRegression())]))

    assert "linear" in estimator_html_repr(Shown())


@pytest.mark.parametrize(
    ("name", "function", "is_score", "takes_labels"),
    [
        ("accuracy", metrics.accuracy_score, True, True),
        ("neg_log_loss", metrics.log_loss, False, False),
        ("neg_mean_squared_error", metrics.mean_squared_error, False, True),
        ("roc_auc", metrics.roc_auc_score, True, False),
    ],
)
def test_what_a_scorer_is_made_of(name, function, is_score, takes_labels):
    scorer = metrics.get_scorer(name)
    assert compat.is_scorer(scorer)
    assert compat.function_of_scorer(scorer) is function
    assert compat.is_score(scorer) is is_score
    assert compat.takes_labels(scorer) is takes_labels
    assert not compat.is_scorer(function)


def test_modules_tell_metrics_of_classifiers_from_those_of_regressors():
    for function in (metrics.accuracy_score, metrics.log_loss, metrics.roc_auc_score):
        assert function.__module__ in compat.CLASSIFICATION_MODULES
    for function in (metrics.r2_score, metrics.mean_pinball_loss):
        assert function.__module__ in compat.REGRESSION_MODULES
    assert metrics.adjusted_rand_score.__module__ not in (
        *compat.CLASSIFICATION_MODULES,
        *compat.REGRESSION_MODULES,
    )


class Notes:
    """A callback of scikit-learn's kind that notes what it is called for."""

    def __init__(self):
        self.calls = []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"begin {context.task_name} of {context.max_subtasks}")

    def on_fit_task_end(self, estimator, context):
        self.calls.append(f"end {context.task_name}")


def test_callbacks_are_set_up_in_a_fit_and_ended_with_it():
    pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9")

    class Followed(compat.CallbackSupport, Fits):
        @compat.fit_context(prefer_skip_nested_validation=True)
        def fit(self, X, y=None):
            context = compat.begin_callbacks(self, 3)
            context.call_on_fit_task_begin(estimator=self)
            return self

    estimator, notes = Followed(), Notes()
    assert not compat.has_callbacks(estimator)
    estimator.set_callbacks(notes)
    assert compat.has_callbacks(clone(estimator))
    assert vars(estimator)[compat.CALLBACKS] == [notes]
    estimator.fit(X)
    assert notes.calls == ["setup", "begin fit of 3", "teardown"]


def test_before_scikit_learn_1_9_there_is_simply_no_set_callbacks(monkeypatch):
    original = builtins.__import__

    def older(name, *args, **kwargs):
        if name == "sklearn.callback":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", older)
    try:
        found = importlib.reload(compat)
        assert not hasattr(found.CallbackSupport, "set_callbacks")
        assert not found.has_callbacks(found.CallbackSupport())
    finally:
        monkeypatch.undo()
        importlib.reload(compat)


def test_requests_of_metadata_are_kept_under_their_name():
    with config_context(enable_metadata_routing=True):
        asked = LogisticRegression().set_fit_request(sample_weight=True)
    assert compat.REQUESTS in vars(asked)
    assert compat.REQUESTS not in vars(LogisticRegression())


@pytest.mark.parametrize("name", compat.SAVED_CLASSES)
def test_saved_classes_are_where_they_say(name):
    module, _, kind = name.rpartition(".")
    found = getattr(importlib.import_module(module), kind, None)
    if found is None and kind == "_TemperatureScaling":
        pytest.skip("scikit-learn before 1.8")
    assert f"{found.__module__}.{found.__qualname__}" == name


def requested(estimator, routed):
    with config_context(enable_metadata_routing=True):
        return estimator.set_score_request(sample_weight=routed)


def test_requests_of_a_scorer_are_those_of_its_estimator_only():
    estimator = requested(LinearRegression(), True)
    scorer = check_scoring(estimator)
    assert compat.requests_of_scorer(scorer) is vars(scorer).get(compat.REQUESTS)
    if hasattr(scorer, "set_score_request"):  # before scikit-learn 1.8
        assert compat.requests_of_scorer(requested(scorer, False)) is None
    assert compat.requests_of_scorer(requested(get_scorer("r2"), True)) is None
    assert compat.requests_of_scorer(estimator) is None


def test_a_scorer_that_is_made_anew_has_the_attributes_of_this_version():
    estimator = requested(LinearRegression(), True).fit(X, Y)
    scorer = check_scoring(estimator)
    expected = set(vars(scorer))
    vars(scorer).clear()
    vars(scorer).update({"_estimator": estimator, compat.REQUESTS: None})
    compat.make_scorer_anew(scorer)
    assert set(vars(scorer)) == expected
    assert scorer.get_metadata_routing().score.requests == {"sample_weight": True}
    assert scorer(estimator, X, Y) == pytest.approx(1)


def test_the_tree_of_a_decision_tree():
    tree = DecisionTreeRegressor(max_depth=1).fit(X, Y)
    assert compat.is_tree(tree.tree_)
    assert not compat.is_tree(tree)


def test_trees_and_bins_of_boosting():
    boosting = HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=1)
    assert not compat.is_boosting(boosting)
    boosting.fit(X, Y)
    assert compat.is_boosting(boosting)
    assert compat.bins_of_boosting(boosting).is_categorical_.tolist() == [0]
    trees = compat.trees_of_boosting(boosting)
    assert [len(each) for each in trees] == [1, 1, 1]
    assert {"is_leaf", "left", "right", "feature_idx"} <= set(trees[0][0].nodes.dtype.names)


def test_baseline_and_categories_of_boosting():
    boosting = HistGradientBoostingRegressor(max_iter=1).fit(X, Y)
    assert compat.baseline_of_boosting(boosting).tolist() == [[Y.mean()]]
    assert compat.categories_of_boosting(boosting) == []
    frame = pd.DataFrame({"x": X[:, 0], "c": pd.Categorical(["b", "a"] * 4)})
    boosting = HistGradientBoostingRegressor(categorical_features="from_dtype").fit(frame, Y)
    assert [list(each) for each in compat.categories_of_boosting(boosting)] == [["a", "b"]]
