import pytest

from sknn_tips.tips.tip import STEPS, Tip


def tip(remedy, also=""):
    return Tip("dead-units", "Units are dead", "severe", "Seen.", "Why.", remedy, also)


def test_it_reads_as_a_message_that_begins_with_the_code():
    assert str(tip({"alpha": 0.1, "init": "auto"})) == (
        "dead-units: Seen. Why. Try alpha=0.1, init='auto'."
    )
    assert tip({"alpha": 0.1}, "Or not.").advice == "Try alpha=0.1. Or not."


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_named_in_its_advice(name):
    assert name in tip(name).advice
