import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from sknn_tips import diagnose

CODE = "class-imbalance"


@pytest.fixture(scope="module")
def rare():
    """Two classes, of which one has every fiftieth row, and they overlap."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(1500, 6))
    y = (X[:, 0] + 0.7 * rng.normal(size=1500) > 2.4).astype(int)
    return X[:900], X[900:], y[:900], y[900:]


def test_weights_cure_it_by_balanced_accuracy(rare, classifier):
    X, X_val, y, y_val = rare
    report = diagnose(classifier(), X, y, X_val, y_val)
    tip = report.findings[CODE]
    assert tip.severity == "hint"
    assert f"has {y.sum()} samples" in tip.seen
    cured = report.apply(CODE)
    assert isinstance(diagnose(cured, X, y, X_val, y_val).findings[CODE], str)
    models = classifier(), cured
    before, after = (
        balanced_accuracy_score(y_val, model.fit(X, y).predict(X_val)) for model in models
    )
    assert after > before + 0.05


def test_classes_of_the_same_order_are_fine(finding):
    assert finding(CODE, class_counts=[100, 11, 60]) is None
    assert finding(CODE, class_counts=[100, 9]) is not None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"class_counts": None}, "no mutually exclusive classes"),
        ({"parameters": {"class_weight": "balanced"}}, "class_weight='balanced'"),
    ],
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
