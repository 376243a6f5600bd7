import numpy as np
import pytest

from sknn_tips import MLPRegressor
from sknn_tips.metrics.monitor import Monitor
from sknn_tips.training.loop import train
from sknn_tips.training.scheduling import Scheduler

STEPS = 3  # of 10 of 30 rows


def rates(net):
    return [row["lr"] for row in net.history]


@pytest.mark.parametrize(
    ("schedule", "params"),
    [
        ("exponential", {"gamma": 0.5}),
        ("inverse_time", {"decay": 0.1}),
        ("invscaling", {}),
        ("step", {"step_size": 2}),
    ],
)
def test_a_schedule_without_end_goes_on_over_fits(make_net, make_data, make_plan, schedule, params):
    plan = {"schedule": schedule, "schedule_params": params, "rate": 0.1}
    once, twice = make_net(), make_net()
    train(once, make_plan(max_epochs=6, **plan), make_data(), None)
    for _ in range(2):
        train(twice, make_plan(max_epochs=3, **plan), make_data(), None)
    assert rates(twice) == rates(once)
    np.testing.assert_array_equal(once.flat.vector.detach(), twice.flat.vector.detach())


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle", "warmup_cosine"])
def test_a_schedule_with_an_end_runs_once_a_fit_or_over_calls(
    make_net, make_data, make_plan, schedule
):
    plan = {"schedule": schedule, "rate": 0.1}
    fit, calls = make_net(), make_net()
    train(fit, make_plan(max_epochs=4, **plan), make_data(), None)
    for _ in range(4):
        train(calls, make_plan(max_epochs=1, horizon=4, **plan), make_data(), None)
    assert rates(calls) == rates(fit)
    train(fit, make_plan(max_epochs=4, **plan), make_data(), None)
    assert rates(fit)[4:] == rates(fit)[:4]


def test_the_rate_changes_at_every_update(make_net, make_data, make_plan):
    net, plan = make_net(), make_plan(schedule="one_cycle", rate=0.1, max_epochs=5)
    train(net, plan, make_data(), None)
    scheduler = Scheduler(make_net(), plan, steps_an_epoch=STEPS)
    assert rates(net)[0] == scheduler.rate(steps=STEPS - 1)
    assert scheduler.rate(steps=0) < scheduler.rate(steps=1) < scheduler.rate(steps=2)


def test_plateau_waits_for_the_monitored_figure(make_net, make_data, make_plan):
    options = {"factor": 0.5, "patience": 1, "threshold": 100.0}
    monitor = Monitor("valid_loss", larger_is_better=False)
    plan = make_plan(
        schedule="plateau", schedule_params=options, monitor=monitor, rate=0.1, max_epochs=7
    )
    net = make_net()
    train(net, plan, make_data(), make_data(9, seed=1))
    # the first epoch is the best; then every second one without a gain of 100 halves the rate
    assert rates(net) == [0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025]


def test_a_schedule_of_sgd_alone_leaves_others_their_rate(make_net, make_data, make_plan):
    net = make_net()
    train(net, make_plan("adam", schedule="invscaling", rate=0.1), make_data(), None)
    assert rates(net) == [0.1] * 5


def test_plateau_lowers_the_rate_before_training_stops(diabetes):
    X, y = diabetes
    reg = MLPRegressor(
        hidden_layer_sizes=5,
        learning_rate="plateau",
        normalize_y=True,
        tol=10.0,
        n_iter_no_change=2,
        max_iter=99,
    )
    reg.fit(X, y)
    found = reg.history_.lr.unique()
    np.testing.assert_allclose(found[:4], [1e-3, 1e-4, 1e-5, 1e-6])
    assert 1e-8 < found[-1] < 2e-6
    assert reg.stop_reason_ == "converged"
    reg.set_params(schedule_params={"min_rate": 1e-4}).fit(X, y)
    np.testing.assert_allclose(reg.history_.lr.unique(), [1e-3, 1e-4])


def test_two_rules_that_run_out_together_lower_the_rate_once(diabetes):
    X, y = diabetes
    reg = MLPRegressor(
        hidden_layer_sizes=20,
        learning_rate="plateau",
        normalize_y=True,
        max_iter=1000,
        random_state=0,
        learning_rate_init=0.01,
    )  # both wait for 10 epochs
    rates = reg.fit(X, y).history_.lr.unique()
    assert len(rates) > 1
    np.testing.assert_allclose(rates[1:] / rates[:-1], 0.1)
