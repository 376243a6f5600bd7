import numpy as np
import pytest
import torch

from sknn_tips.engine.memory import Memory
from sknn_tips.engine.program import Penalties, Program
from sknn_tips.network.losses import SoftmaxLogLoss, SquaredError
from sknn_tips.network.module import MLP, HiddenLayer, Network
from sknn_tips.training.filling import Filling
from sknn_tips.training.rows import make_rows

RNG = np.random.RandomState(0)
FIRST, SECOND = RNG.normal(size=(2, 30, 4)).astype(np.float32)
K, N_ROWS = 3, 8


def program_and_rows(Xs, loss, y, weighted):
    network = Network(4, 3 if y.ndim == 1 else 2, (HiddenLayer(5),))
    vector = torch.zeros(K, sum(p.numel() for p in MLP(network, dtype=torch.float32).parameters()))
    memory = Memory(MLP(network, dtype=torch.float32), vector, vector.clone(), [])
    total = torch.zeros(K, 1, 1)
    program = Program(memory, loss, Penalties(), N_ROWS, weighted=weighted, total=total)
    weights = [RNG.uniform(size=len(X)) if weighted else None for X in Xs]
    rows = [
        make_rows(X, np.roll(y[: len(X)], k), weight, loss.encode, torch.zeros(1))
        for k, (X, weight) in enumerate(zip(Xs, weights, strict=True))
    ]
    return program, rows


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (SoftmaxLogLoss(), RNG.randint(0, 3, 30)),
        (SquaredError(), RNG.normal(size=(30, 2))),
    ],
)
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize(
    "Xs", [(FIRST, FIRST, SECOND), (FIRST, SECOND[:25], SECOND[:20]), (FIRST,) * K]
)
def test_every_network_gets_its_rows(Xs, ordered, loss, y, weighted):
    program, rows = program_and_rows(Xs, loss, y, weighted)
    fill = Filling(program, rows)
    for _ in range(2):  # the second batch is not disturbed by the first
        if ordered:
            batches = [slice(k, k + N_ROWS) for k in range(K)]
        else:
            batches = [torch.from_numpy(RNG.permutation(len(X))[:N_ROWS]) for X in Xs]
        fill(batches)
        for k, (mine, batch) in enumerate(zip(rows, batches, strict=True)):
            expected = mine[batch]
            torch.testing.assert_close(program.x[k], expected.X, rtol=0, atol=0)
            given = program.given_target[k].reshape(expected.target.shape)
            torch.testing.assert_close(given, expected.target, rtol=0, atol=0)
            if weighted:
                torch.testing.assert_close(program.weight[k, :, 0], expected.weight)


def test_the_same_features_are_taken_by_one_call():
    loss = SoftmaxLogLoss()
    program, rows = program_and_rows((FIRST, FIRST, SECOND), loss, RNG.randint(0, 3, 30), False)
    assert len(Filling(program, rows).features) == 2
