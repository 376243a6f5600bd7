import dataclasses
from inspect import signature

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from sknn_tips import MLPClassifier
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.optim.schedules import (
    RANGES,
    SCHEDULES,
    Position,
    canonical,
    check_schedule_params,
    schedule_of,
)

START = Position(max_epochs=10, max_steps=40)
NEEDED = {
    "step": {"step_size": 3},
    "exponential": {"gamma": 0.8},
    "inverse_time": {"decay": 0.1},
}
RISING = {"one_cycle", "warmup_cosine"}


def rate(name, at, **params):
    return SCHEDULES[name].function(0.1, at, **{**NEEDED.get(name, {}), **params})


@pytest.mark.parametrize("name", SCHEDULES)
def test_starts_at_the_initial_rate_unless_it_rises_to_it_and_never_goes_above(name):
    assert rate(name, START) <= 0.1
    assert (rate(name, START) == 0.1) == (name not in RISING)
    for step in range(48):
        at = dataclasses.replace(
            START, step=step, epoch=step // 4, samples_seen=8 * step, reductions=step // 16
        )
        assert 0 <= rate(name, at) <= 0.1


@pytest.mark.parametrize("name", [n for n, entry in SCHEDULES.items() if entry.has_end])
def test_what_has_an_end_ends_low(name):
    last = dataclasses.replace(START, step=39, epoch=10)
    assert rate(name, last) < 0.001


def test_closed_forms():
    at = dataclasses.replace(START, epoch=5, step=20, samples_seen=8, reductions=2)
    assert rate("constant", at) == 0.1
    assert rate("invscaling", at) == 0.1 / 9**0.5
    assert rate("adaptive", at) == 0.1 / 25
    assert rate("cosine", at) == pytest.approx(0.05)
    assert rate("cosine", at, min_rate=0.02) == pytest.approx(0.06)
    assert rate("inverse_time", at) == pytest.approx(0.1 / 3)
    assert rate("plateau", at) == pytest.approx(0.001)
    assert rate("plateau", at, min_rate=0.05) == 0.05


@pytest.mark.parametrize(
    ("name", "torchs_class"),
    [
        ("step", lr_scheduler.StepLR),
        ("one_cycle", lr_scheduler.OneCycleLR),
        ("plateau", lr_scheduler.ReduceLROnPlateau),
    ],
)
def test_defaults_are_torchs(name, torchs_class):
    theirs = {p.name: p.default for p in signature(torchs_class).parameters.values()}
    theirs["min_rate"] = theirs.get("min_lr")
    ours = SCHEDULES[name].options
    assert ours == {option: theirs[option] for option in ours}


def test_a_position_without_values_is_the_start_of_the_shortest_fit():
    assert dataclasses.astuple(Position()) == (0, 0, 1, 1, 0, 0, 0.5)


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_entry_says_what_its_function_looks_at(name):
    """Only schedules of the updates change within an epoch, only those with an end see max_iter."""
    first = rate(name, dataclasses.replace(START, epoch=3, step=12))
    later = rate(name, dataclasses.replace(START, epoch=3, step=14))
    assert (first != later) == SCHEDULES[name].per_step
    longer = Position(max_epochs=20, max_steps=80, epoch=3, step=12)
    assert (first != rate(name, longer)) == SCHEDULES[name].has_end


def test_only_what_scikit_learn_has_is_for_sgd_alone():
    """Its "invscaling" and "adaptive" have no effect on Adam."""
    of_sgd = {name for name, entry in SCHEDULES.items() if entry.sgd_only}
    assert of_sgd == {"invscaling", "adaptive"}


def torchs(make, steps):
    """Return the rates that a scheduler of torch gives at `steps` steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize(
    ("total", "pct_start"), [(3, 0.7), (5, 0.3), (40, 0.1), (40, 0.7), (1000, 0.1), (1000, 0.3)]
)
def test_one_cycle_is_torchs(total, pct_start):
    def make(optimizer):
        return lr_scheduler.OneCycleLR(
            optimizer, 0.1, total_steps=total + 1, pct_start=pct_start, cycle_momentum=False
        )

    positions = [Position(step=step, max_steps=total + 1) for step in range(total)]
    found = [rate("one_cycle", at, pct_start=pct_start) for at in positions]
    np.testing.assert_allclose(found, torchs(make, total), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "make", "params"),
    [
        ("step", lambda o: lr_scheduler.StepLR(o, 3, 0.5), {"step_size": 3, "gamma": 0.5}),
        ("exponential", lambda o: lr_scheduler.ExponentialLR(o, 0.8), {}),
        ("cosine", lambda o: lr_scheduler.CosineAnnealingLR(o, 10, 0.01), {"min_rate": 0.01}),
    ],
)
def test_schedules_of_epochs_are_torchs(name, make, params):
    found = [rate(name, dataclasses.replace(START, epoch=epoch), **params) for epoch in range(10)]
    np.testing.assert_allclose(found, torchs(make, 10), rtol=1e-12)


def test_warmup_rises_by_equal_steps_to_the_initial_rate_and_falls_by_a_cosine():
    found = [rate("warmup_cosine", dataclasses.replace(START, step=s)) for s in range(40)]
    np.testing.assert_allclose(found[:4], [0.025, 0.05, 0.075, 0.1])
    rest = torchs(lambda o: lr_scheduler.CosineAnnealingLR(o, 36), 36)
    np.testing.assert_allclose(found[4:], rest, rtol=1e-9)
    assert rate("warmup_cosine", START, warmup=0.0) == 0.1


def test_few_steps_are_no_trouble():
    for name in ("one_cycle", "warmup_cosine"):
        for total in range(1, 6):
            found = [rate(name, Position(step=s, max_steps=total)) for s in range(total)]
            assert all(0 <= value <= 0.1 for value in found)
            assert found[1:] == sorted(found[1:], reverse=True)


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("step", {}, r"learning_rate='step' needs schedule_params=\{'step_size': 10\}"),
        ("step", {"step_size": 2.5}, "step_size=2.5 must be a whole number"),
        ("step", {"step_size": True}, "step_size=True"),
        ("step", {"step_size": 2, "gamma": 0}, "gamma=0 must be above 0"),
        ("cosine", {"min_rate": "low"}, "min_rate='low' must be a finite number, 0 or more"),
        ("plateau", {"patience": -1}, "patience=-1"),
        ("warmup_cosine", {"warmup": 1}, "warmup=1"),
        ("step", {"step_size": float("inf")}, "step_size=inf must be a whole number of epochs"),
        ("inverse_time", {"decay": float("inf")}, "decay=inf must be a finite number above 0"),
        ("cosine", {"min_rate": np.float32("inf")}, "must be a finite number, 0 or more"),
        ("plateau", {"patience": float("nan")}, "patience=nan must be a whole number"),
    ],
)
def test_wrong_options(name, params, words):
    with pytest.raises(ValueError, match=words):
        check_schedule_params(name, params)


@pytest.mark.parametrize(
    ("name", "option", "lowest", "below"),
    [
        ("exponential", "gamma", 1, 1.001),
        ("inverse_time", "decay", 1e-300, 0),
        ("one_cycle", "div_factor", 1, 0.999),
        ("one_cycle", "final_div_factor", 1, 0.999),
        ("one_cycle", "pct_start", 1e-9, 0),
        ("one_cycle", "pct_start", 0.999, 1),
        ("plateau", "factor", 0.999, 1),
        ("plateau", "min_rate", 0, -1e-9),
        ("plateau", "patience", 0, -1),
        ("plateau", "threshold", 0, -1e-9),
        ("step", "step_size", 1, 0),
        ("warmup_cosine", "warmup", 0, -1e-9),
        ("warmup_cosine", "warmup", 0.999, 1),
    ],
)
def test_ends_of_the_ranges(name, option, lowest, below):
    params = {**NEEDED.get(name, {}), option: lowest}
    check_schedule_params(name, params)
    with pytest.raises(ValueError, match=f"{option}={below!r} must be"):
        check_schedule_params(name, {**params, option: below})


def test_the_error_about_a_missing_option_gives_a_usable_value():
    for name in NEEDED:
        (option,) = NEEDED[name]
        with pytest.raises(ValueError, match=f"'{option}': ") as caught:
            check_schedule_params(name, {})
        shown = str(caught.value).split(f"'{option}': ")[1].split("}")[0]
        check_schedule_params(name, {option: float(shown)})


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_option_has_a_range(name):
    assert set(SCHEDULES[name].options) <= set(RANGES)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.filterwarnings("ignore:learning_rate=:sknn_tips.exceptions.HintWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_schedule_is_its_entry_whatever_its_name(name, optimizer, digits, monkeypatch):
    def rates(schedule):
        clf = MLPClassifier(8, optimizer=optimizer, learning_rate=schedule, max_iter=12, tol=1.0)
        clf.set_params(schedule_params=NEEDED.get(name), n_iter_no_change=1, random_state=0)
        return [*clf.fit(*digits).history_["lr"], clf.stop_reason_]

    monkeypatch.setitem(SCHEDULES, "brand_new", SCHEDULES[name])
    assert rates("brand_new") == rates(name)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("value", [float("inf"), -float("inf"), float("nan"), None, "1", True])
def test_every_option_is_a_finite_number(name, value):
    for option in SCHEDULES[name].options:
        with pytest.raises(ValueError, match=f"{option}={value!r} must be"):
            check_schedule_params(name, {**NEEDED.get(name, {}), option: value})


def test_unknown_options_and_right_ones():
    with pytest.raises(UnknownOptionError, match="Did you mean 'gamma'"):
        check_schedule_params("exponential", {"gama": 0.9})
    for name in SCHEDULES:
        check_schedule_params(name, NEEDED.get(name, {}))


def test_an_own_function_sees_the_share_of_the_updates():
    schedule = schedule_of(canonical(lambda progress: 1 - progress))
    assert (schedule.per_step, schedule.has_end, schedule.options) == (True, True, {})
    assert schedule.function(0.4, Position(step=30, max_steps=40)) == pytest.approx(0.1)
    assert schedule_of(canonical("cosine")) is SCHEDULES["cosine"]


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_an_own_function_is_tried_at_start_middle_and_end(progress):
    with pytest.raises(ValueError, match=f"at progress {progress:.3g}: it returns nan"):
        canonical(lambda at: float("nan") if at == progress else 1.0)
    canonical(lambda at: 0.0)


@pytest.mark.parametrize(
    "function", [lambda: 1, lambda p: -p, lambda p: 1 / (p - 1), lambda p: "x"]
)
def test_an_own_function_must_give_a_factor(function):
    with pytest.raises(
        ValueError, match=r"learning_rate=<lambda> at progress .*factor\(progress\)"
    ):
        canonical(function)


def test_an_own_function_has_no_options():
    with pytest.raises(UnknownOptionError, match=r"learning_rate=<lambda> does not take.*partial"):
        check_schedule_params(lambda progress: 1, {"gamma": 1})
