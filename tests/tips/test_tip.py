import pytest

from sknn_tips.tips.tip import STEPS, Tip


def tip(remedy, also=""):
    return Tip("dead-units", "Units are dead", "severe", "Seen.", "Why.", remedy, also)


def test_it_reads_as_a_message_that_begins_with_the_code():
    assert str(tip({"alpha": 0.1, "init": "auto"})) == (
        "dead-units: Seen. Why. Try alpha=0.1, init='auto'."
    )
    assert tip({"alpha": 0.1}, "Or not.").advice == "Try alpha=0.1. Or not."


def test_in_a_list_it_is_one_short_line():
    assert repr([tip({"alpha": 0.1}, "Or not.")]) == (
        "[Tip(code='dead-units', severity='severe', remedy={'alpha': 0.1})]"
    )


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_named_in_its_advice(name):
    assert name in tip(name).advice
