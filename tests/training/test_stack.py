import numpy as np
import pytest
import torch

from sknn_tips.network import activations, losses
from sknn_tips.network.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.training.engine_step import EngineStep
from sknn_tips.training.net import Net
from sknn_tips.training.optimizers import OPTIMIZERS
from sknn_tips.training.rows import batch_bounds, make_rows
from sknn_tips.training.stack import Stack, largest_stack, stack_key
from sknn_tips.training.step import Pass
from sknn_tips.training.threads import torch_threads

K = 5
SIZES = [61, 61, 60, 75, 47]  # of the folds: other last batches, or one batch more
RNG = np.random.RandomState(0)
CODES, ONES, VALUES = (
    RNG.randint(0, 3, 75),
    RNG.randint(0, 2, (75, 1)),
    RNG.exponential(size=(75, 1)),
)
LOSSES = {
    "softmax": (losses.SoftmaxLogLoss(), CODES),
    "logistic": (losses.LogisticLogLoss(), ONES),
    "softmax_squared": (losses.SoftmaxSquaredError(3), CODES),
    "logistic_squared": (losses.LogisticSquaredError(), ONES),
    **{name: (entry(), VALUES) for name, entry in losses.REGRESSOR_LOSSES.items()},
}


@pytest.fixture(autouse=True)
def one_thread():
    """With more a network trains alone."""
    with torch_threads(1):
        yield


def make(
    k,
    dtype=torch.float32,
    loss=LOSSES["softmax"],
    weighted=False,
    layernorm=False,
    scaling=False,
    **layer,
):
    """Return a network and its rows, both of number `k`."""
    rng = np.random.RandomState(k)
    of_loss, y = loss
    hidden = tuple(HiddenLayer(units, **layer) for units in (13, 7))
    network = Network(5, 3 if y is CODES else 1, hidden, {}, 0.0, layernorm, scaling)
    module = MLP(network, dtype=dtype)
    draw_weights(module, "auto", {}, ["relu"] * 3, rng)
    net = Net.hold(module, of_loss, rng, torch.device("cpu"))
    net.seed_dropout()
    net.use_callbacks([])
    X, weight = rng.normal(size=(SIZES[k], 5)), rng.uniform(0.5, 2, SIZES[k]) if weighted else None
    like = torch.zeros(1, dtype=dtype)
    return net, make_rows(X, y[: SIZES[k]], weight, of_loss.encode, like)


def passes(step, rows, epochs=3, set_rate=None):
    """Yield an epoch's work after the other, in an order that the net draws."""
    bounds = batch_bounds(len(rows), 20, merge_single=step.net.network.uses_batchnorm)
    for _ in range(epochs):
        order = torch.from_numpy(step.net.random_state.permutation(len(rows)))
        batches = torch.split(order, [stop - start for start, stop in bounds])
        yield Pass(step, rows, batches, set_rate, lambda: False)


def trained(nets, plans, *, together, set_rate=lambda step: None):
    """Train every network for three epochs, alone or in one stack; return weights and losses."""
    steps = [EngineStep(net, plan) for (net, _), plan in zip(nets, plans, strict=True)]
    works = [
        passes(step, rows, set_rate=set_rate(step))
        for step, (_, rows) in zip(steps, nets, strict=True)
    ]
    epochs = list(zip(*works, strict=True))
    assert len({stack_key(work) for work in epochs[0]}) == 1
    if together:
        stack = Stack(epochs[0])
        for works in epochs:
            stack.run(works)
    else:
        for work in [work for works in epochs for work in works]:
            work.step.run(work)
    for step in steps:
        step.move_out()
    return [(*step.flat.snapshot(), step.total) for step in steps]


def assert_equal(make_plan, options=({},) * K, settings=({},) * K, **more):
    plans = [make_plan(**{"batch_size": 20, **setting}) for setting in settings]
    found = []
    for together in (True, False):
        nets = [make(k, **options[k]) for k in range(K)]
        found.append(trained(nets, plans, together=together, **more))
    for stacked, alone in zip(*found, strict=True):
        for a, b in zip(stacked, alone, strict=True):
            assert torch.equal(a, b)
            assert torch.isfinite(a).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_every_activation_to_the_last_bit(make_plan, name, dtype):
    assert_equal(make_plan, [{"activation": name, "dtype": dtype}] * K)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_to_the_last_bit(make_plan, name, weighted):
    options = [{"loss": LOSSES[name], "weighted": weighted}] * K
    assert_equal(make_plan, options, [{"rate": 0.01}] * K)


@pytest.mark.parametrize(
    "net",
    [
        {"batchnorm": "before"},
        {"batchnorm": "after", "dropout": 0.2},
        {"layernorm": True},
        {"scaling": True},
    ],
)
def test_norms_and_dropout_to_the_last_bit(make_plan, net):
    assert_equal(make_plan, [net] * K)


def test_all_that_may_differ_differs(make_plan):
    smoothed = [(losses.SoftmaxLogLoss(0.05 * k), CODES) for k in range(K)]
    options = [{"dropout": 0.1 * (k + 1), "loss": smoothed[k], "weighted": True} for k in range(K)]
    names = [name for name in OPTIMIZERS if name in ("adam", "adamw", "sgd", "rmsprop", "amsgrad")]
    settings = [
        {
            "name": names[k],
            "rate": 0.01 * (k + 1),
            "alpha": 0.1 * (k + 1),
            "l1": 0.001 * (k + 1),
            "activity_l1": 0.01 * (k + 1),
            "weight_decay": 0.1 * k,
            "clip_norm": [None, 1.0, 0.1, None, 0.5][k],
            "clip_value": [0.1, None, None, None, None][k],
        }
        for k in range(K)
    ]

    def set_rate(step):
        return lambda i: step.net.set_rate(0.01 / i, keep_velocity=False)

    assert_equal(make_plan, options, settings, set_rate=set_rate)


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ({"batchnorm": "before"}, {}),
        ({"weighted": True}, {}),
        ({"dtype": torch.float64}, {}),
        ({"activation": "tanh"}, {}),
        ({"loss": LOSSES["softmax_squared"]}, {}),
        ({"dropout": 0.5}, {}),
        ({}, {"alpha": 0.1}),
        ({}, {"l1": 0.1}),
    ],
)
def test_what_must_be_equal(make_plan, options, settings):
    steps = [
        EngineStep(make(0)[0], make_plan()),
        EngineStep(make(0, **options)[0], make_plan(**settings)),
    ]
    rows = make(0)[1], make(0, **options)[1]
    keys = [stack_key(next(passes(step, own))) for step, own in zip(steps, rows, strict=True)]
    assert None not in keys
    assert keys[0] != keys[1]


def test_a_batch_that_weighs_nothing(make_plan):
    """In one network a whole batch without weight, which makes no step there."""
    plan, found = make_plan(batch_size=20), []
    for together in (True, False):
        nets = [make(k, weighted=True) for k in range(K)]
        nets[0][1].weight[:] = 0
        nets[0][1].weight[5] = 1  # two or three of its four batches weigh nothing
        nets[1][1].weight[:40] = 0
        found.append(trained(nets, [plan] * K, together=together))
    for stacked, alone in zip(*found, strict=True):
        for a, b in zip(stacked, alone, strict=True):
            assert torch.equal(a, b)
            assert torch.isfinite(a).all()


def test_a_network_that_diverges_disturbs_nobody(make_plan):
    plans = [make_plan(rate=0.01)] * K
    wild = [make_plan(rate=1e30), *plans[1:]]
    calm, beside = (
        trained([make(k) for k in range(K)], each, together=True) for each in (plans, wild)
    )
    assert not torch.isfinite(beside[0][0]).all()
    for a, b in zip(calm[1:], beside[1:], strict=True):
        assert torch.equal(a[0], b[0])


def test_who_leaves_goes_on_alone(make_plan):
    """After a stack, a network has its own memory, and its moments."""
    nets, plan = [make(k, batchnorm="before") for k in range(2)], make_plan("adam", batch_size=20)
    steps = [EngineStep(net, plan) for net, _ in nets]
    works = [list(passes(step, rows, 4)) for step, (_, rows) in zip(steps, nets, strict=True)]
    stack = Stack([each[0] for each in works])
    stack.run([each[0] for each in works])
    stack.run([each[1] for each in works])
    for step in steps:
        step.move_out()
    memory = stack.vector.untyped_storage().data_ptr()
    for step in steps:
        assert step.flat.vector.untyped_storage().data_ptr() != memory
        assert step.flat.vector.untyped_storage().nbytes() == 4 * len(step.flat.vector)
    for work in works[0][2:]:
        work.step.run(work)
    net, rows = make(0, batchnorm="before")
    alone = EngineStep(net, plan)
    for work in passes(alone, rows, 4):
        alone.run(work)
    assert torch.equal(net.flat.vector, nets[0][0].flat.vector)
    assert torch.equal(net.flat.buffers[0], nets[0][0].flat.buffers[0])


def test_large_networks_train_alone(make_plan):
    net, rows = make(0)
    work = next(passes(EngineStep(net, make_plan()), rows))
    assert largest_stack(work) > 4
    large = Net.hold(
        MLP(Network(784, 10, (HiddenLayer(512),) * 2), dtype=torch.float32),
        losses.SoftmaxLogLoss(),
        np.random.RandomState(0),
        torch.device("cpu"),
    )
    assert largest_stack(next(passes(EngineStep(large, make_plan()), rows))) == 1


def test_one_whose_loss_is_not_finite_has_ended_there_and_disturbs_nobody(make_plan):
    nets = [make(k) for k in range(K)]
    nets[2][1].X.X[25] = torch.nan  # in the second of its batches
    works = [
        Pass(EngineStep(net, make_plan(batch_size=20)), rows, batches(rows), None, lambda: False)
        for net, rows in nets
    ]
    alone = [make(k) for k in range(K)]
    alone[2][1].X.X[25] = torch.nan
    expected = []
    for net, rows in alone:
        step = EngineStep(net, make_plan(batch_size=20))
        expected.append(step.run(Pass(step, rows, batches(rows), None, lambda: False)))
    assert Stack(works).run(works) == expected
    assert expected[2] == 2 < expected[0]
    for k in (0, 1, 3, 4):
        assert torch.equal(nets[k][0].flat.vector, alone[k][0].flat.vector)


def batches(rows):
    return [slice(*bounds) for bounds in batch_bounds(len(rows), 20, merge_single=False)]
