import pytest
import torch
from skorch.callbacks import Callback

from sknn_tips import MLPClassifier
from sknn_tips.step.autograd_step import AutogradStep


def test_callbacks_find_the_output_and_the_loss_of_the_batch(make_net, make_data, make_plan):
    net, rows = make_net(), make_data()
    batch = rows[0:10]
    with torch.no_grad():
        raw = net.module_(batch.X)
        loss = net.criterion_.per_sample(raw, batch.target).mean()
    step = AutogradStep(net, make_plan(alpha=0.0))
    shown = step.on(batch)
    torch.testing.assert_close(step.raw, raw)
    torch.testing.assert_close(shown, 10 * loss)
    torch.testing.assert_close(step.total.squeeze(), shown)


def test_any_torch_optimizer_will_do(make_net, make_data, make_plan):
    net, rows = make_net(), make_data()
    step = AutogradStep(net, make_plan("nadam"))
    losses = []
    for _ in range(30):
        step.total.zero_()
        step(rows, slice(0, 30))
        losses.append(step.total.item())
    assert isinstance(net.optimizer_, torch.optim.NAdam)
    assert losses[-1] < losses[0]


def test_callbacks_and_history_have_the_mean_loss_of_each_batch(digits):
    told = []

    class Watch(Callback):
        def on_batch_begin(self, net, batch, training, **kwargs):
            assert training

        def on_batch_end(self, net, batch, training, loss, **kwargs):
            assert training
            told.append((len(batch[0]), loss.item()))

    X, y = digits
    clf = MLPClassifier(8, batch_size=len(X) // 3, max_iter=1, tol=None, callbacks=[Watch()])
    clf.set_params(learning_rate_init=1e-12, random_state=0).fit(X, y)
    rows = clf.net_.history[-1]["batches"]
    assert [(row["train_batch_size"], row["train_loss"]) for row in rows] == told
    weighted = sum(size * loss for size, loss in told) / len(X)
    assert weighted == pytest.approx(clf.history_["loss"].iloc[-1], rel=1e-5)
