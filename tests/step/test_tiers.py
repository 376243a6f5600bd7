import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from sknn_tips.ops import native
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.step import tiers
from sknn_tips.step.tiers import choose_tier
from sknn_tips.training.loop import train

STOCHASTIC = [name for name, entry in OPTIMIZERS.items() if not entry.line_search]
PLANS = {
    "plain": {},
    "penalties": {"alpha": 0.3, "l1": 0.01, "activity_l1": 0.02, "weight_decay": 0.1},
    "clip_norm": {"clip_norm": 0.1, "schedule": "one_cycle"},
    "clip_value": {"clip_value": 0.01, "schedule": "invscaling"},
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", [name for name in STOCHASTIC if name != "adadelta"])
def test_engine_and_autograd_agree(make_net, make_data, make_plan, monkeypatch, name, plan):
    weight = np.random.RandomState(0).rand(30)
    vectors = []
    for tier in ("T0", "T1"):
        monkeypatch.setattr(tiers, "FASTEST", tier)
        # "before" leaves a bias without gradient but rounding, which Adam would blow up
        net = make_net(dropout=0.3, batchnorm="after")
        outcome = train(net, make_plan(name, **PLANS[plan]), make_data(weight=weight), None)
        vectors.append(np.r_[net.flat.vector.detach(), *net.flat.buffers, outcome.losses])
    np.testing.assert_allclose(*vectors, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in STOCHASTIC if name != "adadelta"])
def test_they_agree_where_parameters_have_rates_of_their_own(
    make_net, make_data, make_plan, monkeypatch, name
):
    vectors = []
    for tier in ("T0", "T1"):
        monkeypatch.setattr(tiers, "FASTEST", tier)
        net = make_net(input_scaling=True)
        train(net, make_plan(name, rate=0.005, weight_decay=0.1), make_data(), None)
        vectors.append(net.flat.vector.detach().numpy())
    np.testing.assert_allclose(*vectors, rtol=1e-9, atol=1e-12)
    scales = vectors[0][net.flat.memory.rate_groups[-1].part]
    assert len(scales) == 4
    assert (scales != 1).all()


@pytest.mark.usefixtures("engine")
def test_the_engine_is_chosen_where_it_can(make_net, make_plan):
    assert choose_tier(make_net(), make_plan("adam"))[0] == "T0"


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_reason_says_which_executor_runs(make_net, make_plan, n_threads):
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        _, reason = choose_tier(make_net(), make_plan("adam"))
    finally:
        torch.set_num_threads(before)
    if native.module() is None:
        expected = "calls from Python: "
    else:
        expected = "the compiled executor" if n_threads == 1 else "calls from Python: a step takes"
    assert f"the engine covers it, by {expected}" in reason


@pytest.mark.usefixtures("engine")
def test_autograd_has_what_the_engine_has_not(make_net, make_plan):
    tier, reason = choose_tier(make_net(), make_plan("nadam"))
    assert (tier, "no rule for nadam" in reason) == ("T1", True)
    net = make_net()
    net.module_[1] = torch.nn.Softsign()
    assert choose_tier(net, make_plan()) == (
        "T1",
        "the engine does not know every layer, or the loss",
    )


def test_callbacks_of_batches_come_first(make_net, make_plan):
    class Each(Callback):
        def on_batch_end(self, net, **kwargs):
            pass

    net = make_net()
    net.use_callbacks([("each", Each())])
    assert choose_tier(net, make_plan()) == ("T2", "the callback each is called for every batch")


@pytest.mark.usefixtures("engine")
def test_a_net_says_what_trained_it(make_net, make_data, make_plan):
    net = make_net()
    train(net, make_plan("adagrad"), make_data(), None)
    assert (net.tier_, net.tier_reason_[:10]) == ("T1", "the engine")
