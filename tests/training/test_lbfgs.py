import numpy as np
import pytest
import scipy.optimize
import torch
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from sknn_tips import MLPRegressor
from sknn_tips.data import features
from sknn_tips.data.rows import make_rows
from sknn_tips.nn.losses import classifier_loss
from sknn_tips.training import lbfgs
from sknn_tips.training.lbfgs import Objective, minimise


@pytest.mark.parametrize("batchnorm", [None, "before"])
def test_gradient_of_the_objective(make_net, make_data, make_plan, batchnorm):
    weight = np.random.RandomState(2).rand(30)
    net = make_net(batchnorm=batchnorm)
    net.module_.train()
    objective = Objective(net, make_plan("lbfgs", alpha=0.5), make_data(weight=weight))
    start = net.flat.vector.detach().numpy().copy()
    error = scipy.optimize.check_grad(lambda v: objective(v)[0], lambda v: objective(v)[1], start)
    assert error < 1e-5


def test_sparse_rows_are_summed_block_by_block(make_net, make_data, make_plan, monkeypatch):
    monkeypatch.setattr(features, "DENSE_BUDGET_BYTES", 0)
    monkeypatch.setattr(lbfgs, "BLOCK_BYTES", 7 * 4 * 8)
    dense = make_data()
    loss = classifier_loss("log_loss", 3, exclusive=True)
    X = sparse.csr_array(dense.X.X.numpy())
    split = make_rows(X, dense.y, None, loss.encode, torch.zeros(1, dtype=torch.float64))
    vector = make_net().flat.vector.detach().numpy().copy()
    values = [
        Objective(make_net(), make_plan("lbfgs", alpha=1.0), r)(vector) for r in (dense, split)
    ]
    assert values[0][0] == pytest.approx(values[1][0], rel=1e-12)
    np.testing.assert_allclose(values[0][1], values[1][1], rtol=1e-9)


def test_records_an_iteration_a_row_and_goes_down(make_net, make_data, make_plan):
    net = make_net()
    found = minimise(net, make_plan("lbfgs", tol=None, max_epochs=20), make_data(), None)
    losses = [row["train_loss"] for row in net.history]
    assert (found.stop_reason, found.n_iter) == ("max_iter", len(losses))
    assert losses == sorted(losses, reverse=True) == found.record.losses
    assert found.loss == pytest.approx(losses[-1])
    assert (net.tier_, net.tier_reason_[:6]) == ("T1", "L-BFGS")


def test_ctrl_c_keeps_the_last_iteration(make_net, make_data, make_plan, monkeypatch):
    original, calls = Objective.__call__, []

    def interrupted(self, vector):
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return original(self, vector)

    monkeypatch.setattr(Objective, "__call__", interrupted)
    net = make_net()
    found = minimise(net, make_plan("lbfgs", max_epochs=50), make_data(), None)
    assert (found.stop_reason, found.n_iter) == ("interrupted", len(net.history))
    assert found.loss == pytest.approx(net.history[-1]["train_loss"])
    monkeypatch.setattr(lbfgs, "called_directly", lambda: False)
    calls.clear()
    with pytest.raises(KeyboardInterrupt):
        minimise(make_net(), make_plan("lbfgs", max_epochs=50), make_data(), None)


def test_a_validation_set_is_recorded_at_every_iteration(make_net, make_data, make_plan):
    plan, valid = make_plan("lbfgs", max_epochs=6, tol=None), make_data(12, seed=1)
    net, alone = make_net(batchnorm="before"), make_net(batchnorm="before")
    minimise(net, plan, make_data(), valid)
    assert len([row["valid_loss"] for row in net.history]) == 6
    assert net.history[-1]["valid_accuracy"] <= 1
    minimise(alone, plan, make_data(), None)
    assert torch.equal(net.flat.vector, alone.flat.vector)


def test_history_shows_the_mean_over_outputs():
    X = np.random.RandomState(0).randn(50, 4)
    Y = np.random.RandomState(1).randn(50, 3)
    reg = MLPRegressor(
        hidden_layer_sizes=5, solver="lbfgs", max_iter=4, tol=None, alpha=0.5, random_state=0
    )
    reg.fit(X, Y)
    assert reg.history_.loss.iloc[-1] == pytest.approx(reg.loss_, rel=1e-6)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"max_iter": 2}, r"after 2 iteration\(s\) .*increase max_iter \(now 2\)"),
        ({"max_fun": 3}, r"increase max_fun \(now 3\)"),
    ],
)
def test_not_converging_is_told_at_the_line_of_the_user(diabetes, limit, words):
    reg = MLPRegressor(hidden_layer_sizes=5, solver="lbfgs", random_state=0, **limit)
    with pytest.warns(ConvergenceWarning, match=f"lbfgs failed to converge.*{words}") as caught:
        reg.fit(*diabetes)
    assert [warning.filename for warning in caught] == [__file__]
    assert reg.stop_reason_ == "max_iter"
