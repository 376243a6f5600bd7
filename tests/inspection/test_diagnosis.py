import pytest
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, diagnose
from sknn_tips.tips.checks import CHECKS


@pytest.fixture(scope="module")
def report():
    net = MLPClassifier(max_iter=5, tol=None, random_state=0)
    return diagnose(net, *load_wine(return_X_y=True))


def test_it_prints_what_was_seen_why_it_matters_and_what_to_do(report):
    text = str(report)
    assert text.startswith(
        "MLPClassifier, trained on 142 samples and validated on 36: 1 severe, 1 hint. training 0."
    )
    tip = report.tips[0]
    assert f"severe: unscaled-input\n    {tip.seen}\n    {tip.why}\n    {tip.advice}" in text
    assert "    unscaled-target: the targets of a classifier have no scale" in text
    assert "no problem found by: many-classes, " in text
    assert repr(report) == text


def test_the_frame_has_a_row_a_check(report):
    frame = report.to_frame()
    assert list(frame.index) == list(CHECKS)
    assert frame.status["unscaled-input"] == "severe"
    assert frame.remedy["unscaled-input"] == "StandardScaler"
    assert (frame.status["diverged"], frame.seen["diverged"]) == ("no problem", "")
    assert frame.status["unscaled-target"] == "not applicable"
    assert set(frame.status) == {"severe", "hint", "no problem", "not applicable"}


def test_a_notebook_gets_a_table(report):
    html = report._repr_html_()
    assert html.count("<tr>") == 1 + len(report.tips)
    assert "<b>unscaled-input</b>" in html
    assert "there are fewer than two hidden layers" in html


def test_what_users_named_is_no_html():
    import pandas as pd

    X, y = load_wine(return_X_y=True)
    frame = pd.DataFrame(X).rename(columns={12: "<script>"}).rename(columns=str)
    html = diagnose(MLPClassifier(max_iter=1, tol=None), frame, y)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_first_remedy_or_one_of_choice_is_applied(report):
    assert [name for name, _ in report.apply().steps] == ["standardscaler", "mlpclassifier"]
    assert report.apply("not-converged").max_iter == 20


def test_what_did_not_fire_cannot_be_applied(report):
    with pytest.raises(ValueError, match=r"'dead-units' did not fire\. These did: unscaled-input"):
        report.apply("dead-units")
    net = MLPClassifier(max_iter=300, random_state=0, tol=None)
    healthy = diagnose(make_pipeline(StandardScaler(), net), *load_wine(return_X_y=True))
    with pytest.raises(ValueError, match="no tip fired"):
        healthy.apply()
