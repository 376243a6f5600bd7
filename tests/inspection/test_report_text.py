import re

from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, report
from sknn_tips.ensemble import FoldEnsembleClassifier

QUICK = {"hidden_layer_sizes": 8, "max_iter": 3, "tol": None, "random_state": 0, "tips": "ignore"}


def test_it_has_title_model_scores_and_tips(digits):
    X, y = digits
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK)).fit(X, y)
    found = report(model, X, y, title="Digits")
    head, scores, tips = str(found).split("\n\n")
    title, about, scored = head.split("\n")
    assert (title, about) == ("Digits", "Model: StandardScaler → MLPClassifier")
    assert scored.startswith("Scored on 300 samples, ")
    assert re.search(rf"^  accuracy +{accuracy_score(y, model.predict(X)):.4f}$", scores, re.M)
    expected = [f"  {tip.severity}: {tip.code}. {tip.seen}" for tip in model[-1].tips_]
    assert expected
    assert tips.split("\n") == ["Tips", *expected]
    assert found.text == str(found)


def test_scores_stand_in_columns(digits):
    net = MLPClassifier(**QUICK).fit(*digits)
    _, scores, _ = str(report(net, *digits)).split("\n\n")
    head, *lines = scores.split("\n")
    assert head == "Scores"
    assert len(lines) >= 3
    assert len({len(line) for line in lines}) == 1


def test_it_is_plain_text(digits):
    net = MLPClassifier(**QUICK).fit(*digits)
    assert str(report(net, *digits, title="a < b & c")).startswith("a < b & c\n")


def test_without_a_tip_it_says_so(digits):
    net = MLPClassifier(**QUICK).fit(*digits)
    net.tips_ = []
    assert str(report(net, *digits)).endswith("\n\nTips\n  No check found a problem.")


def test_a_tip_of_several_members_is_there_once(digits):
    model = FoldEnsembleClassifier(MLPClassifier(**QUICK), cv=3, random_state=0).fit(*digits)
    codes = [tip.code for net in model.estimators_["mlpclassifier"] for tip in net.tips_]
    lines = str(report(model, *digits)).split("Tips\n")[1].split("\n")
    assert len(lines) == len(set(codes)) > 0
    for code in set(codes):
        (line,) = [line for line in lines if f": {code}, in " in line]
        assert f"in {codes.count(code)} of 3 networks. " in line


def test_without_networks_there_are_no_tips(digits):
    model = FoldEnsembleClassifier(HistGradientBoostingClassifier(max_iter=2), cv=2).fit(*digits)
    assert "Tips" not in str(report(model, *digits))
