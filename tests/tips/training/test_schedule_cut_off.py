import pytest

CODE = "schedule-cut-off"


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle", "warmup_cosine"])
def test_all_epochs_cure_it(schedule, cure, classifier, digits):
    sick = {"learning_rate": schedule, "learning_rate_init": 0.01, "max_iter": 100, "tol": 1e-4}
    tip, cured = cure(CODE, classifier(**sick), digits, drop=0.01)
    assert "and max_iter=100, training stopped after" in tip.seen
    assert tip.remedy == {"tol": None}
    rates = cured.fit(digits[0], digits[2]).history_["lr"]
    assert rates.iloc[-1] < 0.1 * rates.max()


CUT = {"schedule_has_end": True, "parameters": {"learning_rate": "cosine", "max_iter": 50}}


@pytest.mark.parametrize(
    ("last", "reason", "fires"),
    [
        (0.6, "converged", True),
        (0.6, "early_stopping", True),
        (0.4, "converged", False),
        (0.6, "interrupted", False),
    ],
)
def test_half_of_the_largest_rate_is_the_limit(last, reason, fires, finding):
    tip = finding(CODE, **CUT, rates=[0.5, 1.0, last], stop_reason=reason)
    assert (tip is not None) == fires


def test_a_line_search_has_no_rate(finding):
    nan = float("nan")
    assert finding(CODE, **CUT, rates=[nan, nan], stop_reason="converged") is None


@pytest.mark.parametrize(
    ("changed", "why"), [({}, "has no end"), ({**CUT, "stop_reason": ""}, "not over")]
)
def test_not_applicable(changed, why, finding):
    assert why in finding(CODE, **changed)
