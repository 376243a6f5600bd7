import numpy as np
import pytest
import torch
from scipy import sparse

from sknn_tips.data import features
from sknn_tips.data.rows import make_rows
from sknn_tips.nn.losses import classifier_loss
from sknn_tips.step.autograd_step import AutogradStep
from sknn_tips.step.engine_step import EngineStep

LOSS = classifier_loss("log_loss", 3, exclusive=True)


def trained(kind, net, plan, data, indices):
    step = kind(net, plan)
    with step.running():
        for index in indices:
            step(data, index)
    return net.flat.vector.detach().clone(), step


def test_rows_in_any_order_and_batches_of_any_size(make_net, make_data, make_plan):
    order = torch.from_numpy(np.random.RandomState(0).permutation(30))
    indices = [order[:10], order[10:17], slice(0, 10), order[17:27], slice(3, 30)]
    found = [
        trained(kind, make_net(), make_plan(), make_data(), indices)[0]
        for kind in (EngineStep, AutogradStep)
    ]
    np.testing.assert_allclose(*found, rtol=1e-10)


def test_buffers_are_made_once_for_each_size(make_net, make_data, make_plan):
    indices = [slice(start, start + 10) for start in (0, 10, 20)] * 2 + [slice(0, 5)]
    _, step = trained(EngineStep, make_net(), make_plan(), make_data(), indices)
    assert sorted(step.updates) == [5, 10]


def test_a_full_batch_is_not_copied(make_net, make_data, make_plan):
    data = make_data()
    before = data.X.X.clone()
    _, step = trained(EngineStep, make_net(), make_plan("gd"), data, [slice(0, 30)] * 3)
    assert step.updates[30].program.x is data.X.X
    assert torch.equal(data.X.X, before)


@pytest.mark.parametrize("index", [slice(5, 15), torch.tensor([3, 1, 20])])
def test_sparse_rows_are_made_dense_batch_by_batch(
    make_net, make_data, make_plan, monkeypatch, index
):
    monkeypatch.setattr(features, "DENSE_BUDGET_BYTES", 0)
    dense = make_data()
    like = torch.zeros(1, dtype=torch.float64)
    split = make_rows(sparse.csr_array(dense.X.X.numpy()), dense.y, None, LOSS.encode, like)
    found = [
        trained(EngineStep, make_net(), make_plan(), data, [index])[0] for data in (dense, split)
    ]
    assert torch.equal(*found)
