import pytest

from sknn_tips import MLPClassifier, evaluate, report
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.exceptions import DataError


@pytest.mark.parametrize("ensemble", [False, True])
def test_classes_that_the_model_does_not_have_are_an_error(digits, ensemble):
    X, y = digits
    known = y > 1
    net = MLPClassifier(8, max_iter=2, tol=None)
    model = FoldEnsembleClassifier(net, cv=2) if ensemble else net
    model.fit(X[known], y[known])
    for function in (report, evaluate) if ensemble else (report,):
        with pytest.raises(DataError, match=r"^y has classes .* not fitted with: 0, 1\. It has 2"):
            function(model, X, y)
