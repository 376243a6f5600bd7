import torch

from sknn_tips.training import predicting
from sknn_tips.training.predicting import forward_flop, raw_output


def test_chunks_change_nothing(make_net, make_data, monkeypatch):
    net, rows = make_net(), make_data(50)
    whole = raw_output(net.module_, rows.X)
    monkeypatch.setattr(predicting, "_VALUES_A_CHUNK", 8 * 7)
    torch.testing.assert_close(raw_output(net.module_, rows.X), whole, rtol=1e-12, atol=1e-14)
    assert not whole.requires_grad


def test_flop_counts_a_multiplication_and_an_addition_a_weight(make_net):
    assert forward_flop(make_net().network, rows=10) == 2 * 10 * (4 * 8 + 8 * 3)
