import torch

from sknn_tips.training import predicting
from sknn_tips.training.predicting import forward_flop, raw_output


def test_chunks_change_nothing(make_net, make_data, monkeypatch):
    net, rows = make_net(), make_data(50)
    whole = raw_output(net.flat.memory, rows.X)
    monkeypatch.setattr(predicting, "_VALUES_A_CHUNK", 8 * 7)
    torch.testing.assert_close(raw_output(net.flat.memory, rows.X), whole, rtol=1e-12, atol=1e-14)
    assert not whole.requires_grad


def test_flop_counts_a_multiplication_and_an_addition_a_weight(make_net):
    assert forward_flop(make_net().network, rows=10) == 2 * 10 * (4 * 8 + 8 * 3)


def test_hooks_see_the_whole_and_every_chunk_and_change_nothing(make_net, make_data, monkeypatch):
    net, rows, calls = make_net(), make_data(50), []
    monkeypatch.setattr(predicting, "_VALUES_A_CHUNK", 8 * 20)
    told = raw_output(net.flat.memory, rows.X, lambda hook, **given: calls.append((hook, given)))
    assert torch.equal(told, raw_output(net.flat.memory, rows.X))
    batches = [given["batch"] for hook, given in calls if hook == "on_predict_batch_begin"]
    assert [len(batch) for batch in batches] == [20, 20, 10]
    assert torch.equal(torch.cat(batches), rows.X.X)
    assert (calls[0][0], calls[-1][0]) == ("on_predict_begin", "on_predict_end")
    assert torch.equal(calls[-1][1]["y_pred"], told)
