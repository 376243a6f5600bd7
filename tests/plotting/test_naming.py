import pytest

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.plotting.naming import distinct, named, names_by_parameters


def test_names_of_the_user_go_before_the_default():
    assert named([1, 2], ["a", "b"], ["c", "d"]) == {"a": 1, "b": 2}
    assert named([1, 2], None, ["c", 0.5]) == {"c": 1, "0.5": 2}
    assert named([1], "a", ["c"]) == {"a": 1}


@pytest.mark.parametrize(
    ("items", "names", "message"),
    [
        ([], None, "nothing to draw"),
        ([1, 2], ["a"], r"names=\['a'\] has 1 names for 2 curves"),
        ([1, 2], ["a", "a"], "not distinct"),
    ],
)
def test_names_that_do_not_fit(items, names, message):
    with pytest.raises(ValueError, match=message):
        named(items, names, [])


def test_the_parameters_that_differ():
    nets = [MLPClassifier(alpha=alpha, optimizer="sgd") for alpha in (0.1, 0.01)]
    assert names_by_parameters(nets) == ["alpha=0.1", "alpha=0.01"]


def test_estimators_of_two_kinds_are_numbered():
    names = names_by_parameters([MLPClassifier(alpha=1), MLPRegressor(alpha=1)])
    assert names == ["MLPClassifier 1", "MLPRegressor 2"]


def test_one_estimator_has_its_class_as_name():
    assert names_by_parameters([MLPRegressor()]) == ["MLPRegressor"]


@pytest.mark.parametrize("params", [{}, {"alpha": 1, "max_iter": 7, "tol": 1, "init": "he_normal"}])
def test_numbers_where_nothing_or_too_much_differs(params):
    nets = [MLPClassifier(), MLPClassifier(**params)]
    assert names_by_parameters(nets) == ["MLPClassifier 1", "MLPClassifier 2"]


def test_names_that_are_taken_get_a_number():
    assert distinct(["a", "b"], []) == ["a", "b"]
    assert distinct(["a", "b"], ["a", "a 2", "c"]) == ["a 3", "b"]
    assert distinct(["a", "a 2", "a"], ["a"]) == ["a 2", "a 2 2", "a 3"]
