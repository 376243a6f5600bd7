from sknn_tips.estimators.registry_texts import NAMES, filled
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES


def test_every_member_and_option_is_listed():
    assert all(f'"{name}"' in NAMES["optimizers"] for name in OPTIMIZERS)
    for name, entry in SCHEDULES.items():
        for option in entry.options:
            listed = next(each for each in NAMES["schedule_options"].split("; ") if name in each)
            assert (f"{option} (needed)" in listed) == (option in entry.needed)


def test_names_are_listed_as_in_a_sentence():
    assert NAMES["with_momentum"] == '"sgd", "momentum" and "nesterov"'
    assert NAMES["line_search"] == '"lbfgs"'
    assert NAMES["schedule_options"].startswith('step_size (needed) and gamma of "step"; ')


def test_names_are_put_in_and_lines_are_broken():
    lines = filled(f"\n    Momentum of\n    $with_momentum.{30 * ' Words'}").splitlines()
    assert lines[0].startswith('Momentum of "sgd", "momentum" and "nesterov". Words')
    assert max(map(len, lines)) in range(85, 93)
