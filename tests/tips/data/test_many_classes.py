import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from sknn_tips import MLPClassifier, diagnose

CODE = "many-classes"


def fired(y):
    X = np.random.RandomState(0).normal(size=(len(y), 3))
    model = MLPClassifier(max_iter=2, tol=None, tips="ignore", random_state=0)
    return CODE in [tip.code for tip in model.fit(X, y).tips_]


def test_a_quantity_needs_the_regressor():
    X, y = load_diabetes(return_X_y=True)
    report = diagnose(MLPClassifier(max_iter=2, tol=None, random_state=0), X, y, X, y)
    assert report.tips[0].code == CODE
    assert report.tips[0].seen == "y has 214 different numbers in 442 samples."
    assert "use MLPRegressor" in report.tips[0].advice
    with pytest.raises(ValueError, match=r"'many-classes' needs a change by hand.*MLPRegressor"):
        report.apply()


@pytest.mark.parametrize(
    ("n_classes", "per_class", "fires"),
    [(40, 2, True), (40.0, 2, True), (40, 4, False), (20, 2, False)],
)
def test_it_takes_many_classes_with_few_samples(n_classes, per_class, fires):
    y = np.repeat(np.arange(n_classes), per_class)
    assert fired(y) == fires


def test_names_are_no_quantity():
    assert not fired(np.repeat([f"person {i}" for i in range(40)], 2))


def test_a_call_of_partial_fit_may_get_few_samples(finding):
    changed = {"class_counts": [2] * 40, "n_rows": 80, "numeric_classes": True}
    assert finding(CODE, **changed) is not None
    assert "partial_fit" in finding(CODE, **changed, incremental=True)
    assert "no classes that are numbers" in finding(CODE, class_counts=None)
