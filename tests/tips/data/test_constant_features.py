import numpy as np

from sknn_tips.tips.record import Columns
from sknn_tips.tips.tip import SEVERE

CODE = "constant-features"


def test_selecting_cures_it(cure, classifier, digits):
    tip, cured = cure(CODE, classifier(), digits, drop=0.0)
    assert tip.seen.startswith("3 of 64 features have one value in all 1,347 samples")
    assert [name for name, _ in cured.steps] == ["variancethreshold", "mlpclassifier"]


def test_a_column_that_changes_once_is_fine(classifier):
    X = np.ones((4000, 8))
    X[:, :7] = np.random.RandomState(0).normal(size=(4000, 7))
    clf = classifier(max_iter=1, tips="ignore")
    for changed, fires in ((None, True), (1234, False)):
        if changed:
            X[changed, 7] = 2
        clf.fit(X, np.arange(4000) % 2)
        assert (CODE in [tip.code for tip in clf.tips_]) == fires


def test_if_all_are_constant_that_is_the_only_cause(classifier):
    """Units are dead as well then, but another activation does not help."""
    tips = classifier(max_iter=3, tips="ignore").fit(np.zeros((60, 4)), np.arange(60) % 2).tips_
    assert [tip.code for tip in tips if tip.severity == SEVERE] == [CODE]
    tip = next(tip for tip in tips if tip.code == CODE)
    assert "All features have one value in all 60 samples" in tip.seen
    assert "column 0 (always 0)" in tip.seen
    assert tip.advice.startswith("Check how X was made")


def test_not_applicable_to_a_few_rows(finding):
    assert "only 10 samples" in finding(CODE, features=Columns.of(np.ones((10, 2))))
