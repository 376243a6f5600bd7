import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sknn_tips import MLPClassifier
from sknn_tips.ensemble import FoldEnsembleClassifier

NET = MLPClassifier(8, max_iter=20, tol=None, tips="ignore", random_state=0)


def test_the_tips_of_the_networks_are_counted(digits):
    X, y = np.asarray(digits[0]) * 1000, digits[1]
    parts = {
        "plain": NET,
        "scaled": make_pipeline(StandardScaler(), NET),
        "tree": DecisionTreeClassifier(max_depth=2),
    }
    model = FoldEnsembleClassifier(list(parts.items()), cv=3, random_state=0)
    with pytest.raises(NotFittedError):
        _ = model.tips_
    assert not hasattr(model, "tips_")
    model.fit(X, y)
    nets = model.estimators_["plain"] + [each[-1] for each in model.estimators_["scaled"]]
    codes = [tip.code for net in nets for tip in net.tips_]
    assert codes.count("unscaled-input") == 3
    assert sorted(tip.code for tip in model.tips_) == sorted(set(codes))
    for tip in model.tips_:
        assert f"{tip.code}: In {codes.count(tip.code)} of 6 networks; in one: " in str(tip)
    severe = [tip.severity == "severe" for tip in model.tips_]
    assert severe == sorted(severe, reverse=True)


def test_without_networks_there_are_no_tips(digits):
    assert FoldEnsembleClassifier(DecisionTreeClassifier(), cv=2).fit(*digits).tips_ == []
