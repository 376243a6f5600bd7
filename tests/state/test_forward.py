import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from sknn_tips import MLPClassifier
from sknn_tips.state import forward as predicting
from sknn_tips.state.forward import forward_flop, raw_output


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


def test_kept_forward_passes_see_the_weights_of_now_and_are_each_threads_own(digits):
    X, y = digits
    clf = MLPClassifier(16, max_iter=2, tol=None, random_state=0, tips="ignore").fit(X, y)
    before = clf.predict_proba(X[:5])
    clf.partial_fit(X, y)
    after = clf.predict_proba(X[:5])
    assert not np.array_equal(before, after)
    expected = [clf.predict_proba(X[i : i + n]) for n in range(1, 9) for i in range(20)]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            found = threads.map(
                clf.predict_proba, [X[i : i + n] for n in range(1, 9) for i in range(20)]
            )
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_array_equal(a, b)


def test_a_kept_forward_pass_does_not_keep_the_network_alive(digits):
    clf = MLPClassifier(16, max_iter=2, tol=None, random_state=0, tips="ignore").fit(*digits)
    clf.predict_proba(digits[0][:5])
    memory = weakref.ref(clf.net_.flat.double())
    del clf
    gc.collect()
    assert memory() is None


def test_in_the_middle_of_an_epoch_dropout_is_off_and_on_again(make_net, make_data):
    net, rows = make_net(dropout=0.5, activation=torch.nn.Hardswish), make_data().X
    expected = raw_output(net.flat.memory, rows)
    net.module_.train()
    assert torch.equal(raw_output(net.flat.memory, rows), expected)
    assert net.module_.training
